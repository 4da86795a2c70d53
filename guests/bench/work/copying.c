/* Copying and filling, by the C library's functions and by string instructions. */
#include "work.h"

/* Small blocks walk through this much memory, greater ones stay in place. */
#define WINDOW (64 * KIB)
#define LARGEST (16 * MIB)

static unsigned char *from, *to;

static void prepare(const struct row *row) {
  (void)row;
  if (from == NULL) {
    from = new_memory(LARGEST);
    to = new_memory(LARGEST);
  }
  fill_random(from, WINDOW, 17);
  for (size_t at = WINDOW; at < LARGEST; at += WINDOW) {
    memcpy(from + at, from, WINDOW);
  }
  memset(to, 0, LARGEST);
}

/* Through pointers, so that gcc knows nothing about them. */
static void *(*volatile copy_function)(void *, const void *, size_t) = memcpy;
static void *(*volatile set_function)(void *, int, size_t) = memset;

static void rep_movsb(void *target, const void *source, size_t length) {
  __asm__ volatile("rep movsb" : "+D"(target), "+S"(source), "+c"(length) : : "memory");
}

static void rep_stosb(void *target, int value, size_t length) {
  __asm__ volatile("rep stosb" : "+D"(target), "+c"(length) : "a"(value) : "memory");
}

/* A byte of each block, and both ends. */
static uint64_t checksum(size_t size) {
  uint64_t sum = 0;
  size_t covered = size < WINDOW ? WINDOW : size;
  for (size_t at = 0; at < covered; at += 251) {
    sum = mix(sum, to[at]);
  }
  return mix(mix(sum, to[0]), to[covered - 1]);
}

static inline size_t place(uint64_t round, size_t size) {
  return size < WINDOW ? round * size % WINDOW : 0;
}

static uint64_t copy(const struct row *row) {
  for (uint64_t round = 0; round < row->count; round++) {
    size_t at = place(round, row->size);
    from[at] = (unsigned char)round;
    copy_function(to + at, from + at, row->size);
  }
  return checksum(row->size);
}

static uint64_t set(const struct row *row) {
  for (uint64_t round = 0; round < row->count; round++) {
    set_function(to + place(round, row->size), (int)round + 1, row->size);
  }
  return checksum(row->size);
}

static uint64_t movsb(const struct row *row) {
  for (uint64_t round = 0; round < row->count; round++) {
    size_t at = place(round, row->size);
    from[at] = (unsigned char)round;
    rep_movsb(to + at, from + at, row->size);
  }
  return checksum(row->size);
}

static uint64_t stosb(const struct row *row) {
  for (uint64_t round = 0; round < row->count; round++) {
    rep_stosb(to + place(round, row->size), (int)round + 1, row->size);
  }
  return checksum(row->size);
}

#define ROW(NAME, FUNCTION, SIZE, COUNT) \
  {.name = NAME, .run = FUNCTION, .size = SIZE, .count = COUNT, .prepare = prepare}

const struct row copying_rows[] = {
    ROW("memcpy-256", copy, 256, 3000000),
    ROW("memcpy-4k", copy, 4 * KIB, 200000),
    ROW("memcpy-64k", copy, 64 * KIB, 200),
    ROW("memcpy-1m", copy, MIB, 800),
    ROW("memcpy-16m", copy, 16 * MIB, 40),
    ROW("memset-256", set, 256, 8500000),
    ROW("memset-4k", set, 4 * KIB, 80000),
    ROW("memset-64k", set, 64 * KIB, 5000),
    ROW("memset-1m", set, MIB, 300),
    ROW("memset-16m", set, 16 * MIB, 20),
    ROW("rep-movsb-256", movsb, 256, 50000),
    ROW("rep-movsb-4k", movsb, 4 * KIB, 3500),
    ROW("rep-movsb-64k", movsb, 64 * KIB, 200),
    ROW("rep-movsb-1m", movsb, MIB, 15),
    ROW("rep-movsb-16m", movsb, 16 * MIB, 1),
    ROW("rep-stosb-256", stosb, 256, 1500000),
    ROW("rep-stosb-4k", stosb, 4 * KIB, 80000),
    ROW("rep-stosb-64k", stosb, 64 * KIB, 5000),
    ROW("rep-stosb-1m", stosb, MIB, 300),
    ROW("rep-stosb-16m", stosb, 16 * MIB, 20),
    {0},
};
