/* Time: clocks that never go back, sleeps that are never short, timers that tick. */
#include "answers.h"

#include <pthread.h>
#include <sys/time.h>
#include <time.h>

static int64_t nanos(clockid_t clock) {
  struct timespec now;
  require(clock_gettime(clock, &now) == 0);
  return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int64_t latest;

/* What one thread has read, another must not read less of afterwards. */
static void *read_clock(void *unused) {
  (void)unused;
  long backwards = 0;
  for (int i = 0; i < 20000; i++) {
    int64_t before = __atomic_load_n(&latest, __ATOMIC_SEQ_CST);
    int64_t now = nanos(CLOCK_MONOTONIC);
    backwards += now < before;
    __atomic_store_n(&latest, now, __ATOMIC_SEQ_CST);
  }
  return (void *)backwards;
}

void clock_time(void) {
  pthread_t others[2];
  void *backwards;
  long sum = 0;
  for (int i = 0; i < 2; i++) {
    require(pthread_create(&others[i], NULL, read_clock, NULL) == 0);
  }
  for (int i = 0; i < 2; i++) {
    pthread_join(others[i], &backwards);
    sum += (long)backwards;
  }
  printf("backwards %ld\n", sum);
  int64_t start = nanos(CLOCK_MONOTONIC), real = nanos(CLOCK_REALTIME);
  for (int i = 0; i < 5; i++) {
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
  }
  int64_t slept = nanos(CLOCK_MONOTONIC) - start, moved = nanos(CLOCK_REALTIME) - real;
  printf("slept %d realtime %d\n", slept >= 100000000, moved >= 99000000);
  printf("after 2024 %d\n", time(NULL) > 1704067200);
  printf("cpu time %d\n", nanos(CLOCK_PROCESS_CPUTIME_ID) > 0);
}

static volatile sig_atomic_t ticks;

static void on_tick(int number) {
  (void)number;
  ticks++;
}

void clock_timers(void) {
  signal(SIGALRM, on_tick);
  struct itimerval every = {{0, 10000}, {0, 10000}};
  int64_t start = nanos(CLOCK_MONOTONIC);
  setitimer(ITIMER_REAL, &every, NULL);
  while (ticks < 20) {
    pause();
  }
  printf("ticks %d on time %d\n", ticks >= 20, nanos(CLOCK_MONOTONIC) - start >= 199000000);
  /* A timer must also reach a program that never enters the kernel. */
  ticks = 0;
  while (ticks < 5) {
  }
  printf("busy ticks %d\n", ticks >= 5);
}
