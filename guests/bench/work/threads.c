/* Two threads, each on a CPU of its own. */
#include "work.h"

#include <pthread.h>
#include <sched.h>

#define RELAXED __ATOMIC_RELAXED
#define ACQUIRE __ATOMIC_ACQUIRE
#define RELEASE __ATOMIC_RELEASE
#define SEQUENTIAL __ATOMIC_SEQ_CST

/* A word with a cache line of its own, so that only what is meant to be shared is. */
struct line {
  _Alignas(128) uint64_t value;
};

static uint64_t count;
static pthread_barrier_t start;
static struct line shared[4];

struct thread {
  int cpu;
  void (*body)(int cpu);
};

static void *on_own_cpu(void *argument) {
  const struct thread *thread = argument;
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(thread->cpu, &cpus);
  require(sched_setaffinity(0, sizeof cpus, &cpus) == 0);
  pthread_barrier_wait(&start);
  thread->body(thread->cpu);
  return NULL;
}

/* Runs a body on CPU 0 and on CPU 1 at once. */
static void run_two(const struct row *row, void (*body)(int cpu)) {
  pthread_t threads[2];
  struct thread arguments[2] = {{0, body}, {1, body}};
  memset(shared, 0, sizeof shared);
  count = row->count;
  require(pthread_barrier_init(&start, NULL, 2) == 0);
  for (int i = 0; i < 2; i++) {
    require(pthread_create(&threads[i], NULL, on_own_cpu, &arguments[i]) == 0);
  }
  for (int i = 0; i < 2; i++) {
    require(pthread_join(threads[i], NULL) == 0);
  }
  require(pthread_barrier_destroy(&start) == 0);
}

static inline void pause_cpu(void) { __asm__ volatile("pause"); }

static void spin_lock_body(int cpu) {
  for (uint64_t i = 0; i < count; i++) {
    while (__atomic_exchange_n(&shared[0].value, 1, ACQUIRE) != 0) {
      while (__atomic_load_n(&shared[0].value, RELAXED) != 0) {
        pause_cpu();
      }
    }
    /* Only the lock keeps these in step. */
    shared[1].value += 1;
    shared[2].value += (uint64_t)cpu + 1;
    __atomic_store_n(&shared[0].value, 0, RELEASE);
  }
}

static uint64_t spin_lock(const struct row *row) {
  run_two(row, spin_lock_body);
  return mix(shared[1].value, shared[2].value);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void mutex_body(int cpu) {
  for (uint64_t i = 0; i < count; i++) {
    pthread_mutex_lock(&mutex);
    shared[1].value += 1;
    shared[2].value += (uint64_t)cpu + 1;
    pthread_mutex_unlock(&mutex);
  }
}

/* A lock whose waiters sleep. */
static uint64_t mutexes(const struct row *row) {
  run_two(row, mutex_body);
  return mix(shared[1].value, shared[2].value);
}

static void atomics_body(int cpu) {
  for (uint64_t i = 0; i < count; i++) {
    __atomic_fetch_add(&shared[0].value, i, SEQUENTIAL);
    uint64_t old = __atomic_load_n(&shared[1].value, RELAXED);
    while (!__atomic_compare_exchange_n(
        &shared[1].value, &old, old + (uint64_t)cpu + 1, 0, SEQUENTIAL, RELAXED)) {
      pause_cpu();
    }
    __atomic_fetch_xor(&shared[2].value, i, SEQUENTIAL);
  }
}

static uint64_t atomics(const struct row *row) {
  run_two(row, atomics_body);
  return mix(mix(shared[0].value, shared[1].value), shared[2].value);
}

/* CPU 0 writes one word and waits for the other, CPU 1 the other way around. */
static void ping_pong_body(int cpu) {
  struct line *mine = &shared[cpu], *others = &shared[1 - cpu];
  for (uint64_t i = 1; i <= count; i++) {
    if (cpu == 0) {
      __atomic_store_n(&mine->value, i, RELEASE);
    }
    while (__atomic_load_n(&others->value, ACQUIRE) != i) {
      pause_cpu();
    }
    if (cpu == 1) {
      __atomic_store_n(&mine->value, i, RELEASE);
    }
  }
}

static uint64_t ping_pong(const struct row *row) {
  run_two(row, ping_pong_body);
  return mix(shared[0].value, ~shared[1].value);
}

enum { SLOTS = 1024 };

static uint64_t ring[SLOTS];

/* CPU 0 fills a ring of messages, CPU 1 empties it. */
static void ring_body(int cpu) {
  struct line *written = &shared[0], *taken = &shared[1];
  uint64_t state = 61;
  for (uint64_t i = 0; i < count; i++) {
    if (cpu == 0) {
      while (i - __atomic_load_n(&taken->value, ACQUIRE) == SLOTS) {
        pause_cpu();
      }
      ring[i % SLOTS] = next_random(&state);
      __atomic_store_n(&written->value, i + 1, RELEASE);
    } else {
      while (__atomic_load_n(&written->value, ACQUIRE) == i) {
        pause_cpu();
      }
      shared[2].value = mix(shared[2].value, ring[i % SLOTS]);
      __atomic_store_n(&taken->value, i + 1, RELEASE);
    }
  }
}

static uint64_t messages(const struct row *row) {
  run_two(row, ring_body);
  return shared[2].value;
}

static pthread_cond_t turned = PTHREAD_COND_INITIALIZER;

/* Each waits, asleep, for its turn: the kernels' CPUs wake each other by interrupts. */
static void turns_body(int cpu) {
  for (uint64_t i = 0; i < count; i++) {
    pthread_mutex_lock(&mutex);
    while (shared[0].value % 2 != (uint64_t)cpu) {
      pthread_cond_wait(&turned, &mutex);
    }
    shared[0].value++;
    pthread_cond_signal(&turned);
    pthread_mutex_unlock(&mutex);
  }
}

static uint64_t turns(const struct row *row) {
  run_two(row, turns_body);
  return shared[0].value;
}

const struct row thread_rows[] = {
    {.name = "spin-lock", .run = spin_lock, .count = 9000000},
    {.name = "mutex", .run = mutexes, .count = 2500000},
    {.name = "atomics", .run = atomics, .count = 5500000},
    {.name = "message-ring", .run = messages, .count = 20000000},
    {.name = "wake-ping-pong", .run = turns, .count = 5000},
    /* Takes for ever on a host with other work for its CPUs, so it comes last. */
    {.name = "spin-ping-pong", .run = ping_pong, .count = 700000},
    {0},
};
