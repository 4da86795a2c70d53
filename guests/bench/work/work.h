/*
 * Work whose time is compared between emulators. A row does the same fixed work in each of its
 * rounds and answers a checksum of what it computed, so that a wrong result cannot pass for a fast
 * one.
 */
#ifndef WORK_H
#define WORK_H

#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first round is cold, the last as warm as it gets. */
#define ROUNDS 3

struct row {
  const char *name;
  /* Does the work of a round. */
  uint64_t (*run)(const struct row *row);
  /* How often; chosen for about 0.3 s a round in QEMU's TCG. */
  uint64_t count;
  /* Bytes of data, where rows differ in nothing else. */
  uint64_t size;
  /* Makes what the rounds need, outside of their time; may be NULL. */
  void (*prepare)(const struct row *row);
};

/* Tables end with a row without a name. */
extern const struct row integer_rows[];
extern const struct row sorting_rows[];
extern const struct row recursion_rows[];
extern const struct row interpreter_rows[];
extern const struct row hashing_rows[];
extern const struct row scalar_rows[];
extern const struct row packed_rows[];
extern const struct row conversion_rows[];
extern const struct row x87_rows[];
extern const struct row copying_rows[];
extern const struct row memory_rows[];
extern const struct row code_rows[];
extern const struct row syscall_rows[];
extern const struct row process_rows[];
extern const struct row signal_rows[];
extern const struct row thread_rows[];

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)

/* Ends the program with a line on what went wrong unless it holds. */
#define require(condition)                                                 \
  do {                                                                     \
    if (!(condition)) {                                                    \
      printf("%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
      exit(1);                                                             \
    }                                                                      \
  } while (0)

/* The next of a sequence that looks random (Marsaglia's xorshift64); the state is never 0. */
static inline uint64_t next_random(uint64_t *state) {
  uint64_t x = *state;
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  return *state = x;
}

/* Adds a value to a checksum. */
static inline uint64_t mix(uint64_t checksum, uint64_t value) {
  return (checksum ^ value) * UINT64_C(0x9e3779b97f4a7c15) + (checksum >> 29);
}

/* Adds bytes to a checksum. */
static inline uint64_t mix_bytes(uint64_t checksum, const void *bytes, size_t length) {
  const unsigned char *next = bytes;
  for (size_t i = 0; i < length; i++) {
    checksum = mix(checksum, next[i]);
  }
  return checksum;
}

/* Fills memory with bytes that look random. */
static inline void fill_random(void *memory, size_t length, uint64_t seed) {
  unsigned char *next = memory;
  for (size_t i = 0; i < length; i++) {
    next[i] = (unsigned char)(next_random(&seed) >> 24);
  }
}

/* Page-aligned memory of zeros that is there, so that no round pays for making it. */
void *new_memory(size_t length);

#endif
