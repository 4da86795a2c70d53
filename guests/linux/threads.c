/* POSIX threads: locks, atomics, barriers, condition variables (futexes all), thread-local data. */
#include "answers.h"

#include <pthread.h>

enum { THREADS = 4, ROUNDS = 20000 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turned = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static long locked_count;
static long atomic_count;
static int turn;
static unsigned char slots[THREADS * 64];
static __thread long own_count;
static volatile int flag_a, flag_b, turn_ab;
static long peterson_count;

static void start_all(void *(*body)(void *)) {
  pthread_t threads[THREADS];
  for (long i = 0; i < THREADS; i++) {
    require(pthread_create(&threads[i], NULL, body, (void *)i) == 0);
  }
  long sum = 0;
  for (int i = 0; i < THREADS; i++) {
    void *result;
    require(pthread_join(threads[i], &result) == 0);
    sum += (long)result;
  }
  printf("results %ld\n", sum);
}

static void *count(void *index) {
  for (int i = 0; i < ROUNDS; i++) {
    pthread_mutex_lock(&lock);
    locked_count++;
    pthread_mutex_unlock(&lock);
    __atomic_add_fetch(&atomic_count, 1, __ATOMIC_SEQ_CST);
    own_count += (long)index;
    /* Neighbouring bytes must not disturb each other. */
    slots[(i & 63) * THREADS + (long)index]++;
  }
  return (void *)own_count;
}

/* Peterson's lock: right only if stores become visible in the order x86 promises, with mfence. */
static void *peterson(void *side) {
  volatile int *mine = side ? &flag_b : &flag_a, *theirs = side ? &flag_a : &flag_b;
  for (int i = 0; i < ROUNDS; i++) {
    *mine = 1;
    turn_ab = side == NULL;
    __sync_synchronize();
    for (int spins = 0; *theirs && turn_ab == (side == NULL); spins++) {
      if (spins > 100) {
        sched_yield();
      }
    }
    peterson_count++;
    __asm__ volatile("" ::: "memory");
    *mine = 0;
  }
  return NULL;
}

void threads_counting(void) {
  start_all(count);
  uint32_t sum = 0;
  for (size_t i = 0; i < sizeof slots; i++) {
    sum = sum * 31 + slots[i];
  }
  printf("locked %ld\natomic %ld\nbytes %08x\nown %ld\n", locked_count, atomic_count, sum, own_count);
  pthread_t other;
  require(pthread_create(&other, NULL, peterson, (void *)1) == 0);
  peterson(NULL);
  pthread_join(other, NULL);
  printf("peterson %ld\n", peterson_count);
#ifdef __x86_64__
  unsigned __int128 wide = ((unsigned __int128)1 << 100) + 7;
  unsigned __int128 seen = __sync_val_compare_and_swap(&wide, wide, wide + 1);
  printf("wide %d %d\n", (int)seen, (int)wide);
#else
  uint64_t wide = (1ULL << 50) + 7;
  uint64_t seen = __sync_val_compare_and_swap(&wide, wide, wide + 1);
  printf("wide %d %d\n", (int)seen, (int)wide);
#endif
}

static void *wait_for_turn(void *index) {
  pthread_barrier_wait(&barrier);
  for (int i = 0; i < 200; i++) {
    pthread_mutex_lock(&lock);
    while (turn % THREADS != (long)index) {
      pthread_cond_wait(&turned, &lock);
    }
    turn++;
    pthread_cond_broadcast(&turned);
    pthread_mutex_unlock(&lock);
  }
  return (void *)1;
}

void threads_waiting(void) {
  pthread_barrier_init(&barrier, NULL, THREADS);
  start_all(wait_for_turn);
  printf("turns %d\n", turn);
}
