/* Hot loops over integers: shifts, divisions, tables, indirect calls. */
#include "work.h"

/* Steps until 1 by 3n + 1 and n / 2, for all numbers below the count. */
static uint64_t collatz(const struct row *row) {
  uint64_t steps = 0;
  for (uint64_t start = 1; start < row->count; start++) {
    for (uint64_t n = start; n != 1; steps++) {
      n = n & 1 ? 3 * n + 1 : n >> 1;
    }
  }
  return steps;
}

/* Primes below 2^20 by Eratosthenes' sieve. */
static uint64_t sieve(const struct row *row) {
  enum { LIMIT = 1 << 20 };
  static unsigned char composite[LIMIT];
  uint64_t primes = 0;
  for (uint64_t round = 0; round < row->count; round++) {
    memset(composite, 0, sizeof composite);
    for (uint32_t i = 2; i < LIMIT; i++) {
      if (!composite[i]) {
        primes++;
        for (uint32_t multiple = i + i; multiple < LIMIT; multiple += i) {
          composite[multiple] = 1;
        }
      }
    }
  }
  return primes;
}

/* Greatest common divisors by Euclid's algorithm: division. */
static uint64_t gcd(const struct row *row) {
  uint64_t state = 1, sum = 0;
  for (uint64_t i = 0; i < row->count; i++) {
    uint64_t a = next_random(&state) >> 20, b = next_random(&state) >> 24;
    while (b != 0) {
      uint64_t rest = a % b;
      a = b;
      b = rest;
    }
    sum = mix(sum, a);
  }
  return sum;
}

static unsigned char text[64 * KIB];

static void prepare_text(const struct row *row) {
  (void)row;
  uint64_t state = 7;
  for (size_t i = 0; i < sizeof text; i++) {
    uint64_t random = next_random(&state) >> 40;
    text[i] = random % 6 == 0 ? ' ' : (unsigned char)('a' + random % 23);
  }
}

/* Words and letters of a text: loads of bytes, a table, branches that are hard to foresee. */
static uint64_t words(const struct row *row) {
  uint32_t letters[256] = {0};
  uint64_t found = 0;
  for (uint64_t round = 0; round < row->count; round++) {
    int in_word = 0;
    for (size_t i = 0; i < sizeof text; i++) {
      letters[text[i]]++;
      if (text[i] == ' ') {
        in_word = 0;
      } else if (!in_word) {
        in_word = 1;
        found++;
      }
    }
  }
  return mix_bytes(found, letters, sizeof letters);
}

static uint64_t add(uint64_t a, uint64_t b) { return a + b; }
static uint64_t subtract(uint64_t a, uint64_t b) { return a - b; }
static uint64_t exclusive_or(uint64_t a, uint64_t b) { return a ^ b; }
static uint64_t multiply(uint64_t a, uint64_t b) { return a * (b | 1); }
static uint64_t rotate(uint64_t a, uint64_t b) { return (a << 9 | a >> 55) + b; }
static uint64_t shift(uint64_t a, uint64_t b) { return (a >> (b & 7)) ^ b; }
static uint64_t complement(uint64_t a, uint64_t b) { return ~a + b; }
static uint64_t average(uint64_t a, uint64_t b) { return (a >> 1) + (b >> 1); }

/* Calls through a table, as object-oriented programs make them. */
static uint64_t dispatch(const struct row *row) {
  static uint64_t (*const volatile table[])(uint64_t, uint64_t) = {
      add, subtract, exclusive_or, multiply, rotate, shift, complement, average};
  uint64_t state = 3, value = 1;
  for (uint64_t i = 0; i < row->count; i++) {
    uint64_t random = next_random(&state);
    value = table[random >> 40 & 7](value, random);
  }
  return value;
}

const struct row integer_rows[] = {
    {.name = "collatz", .run = collatz, .count = 1000000},
    {.name = "sieve", .run = sieve, .count = 40},
    {.name = "gcd", .run = gcd, .count = 4000000},
    {.name = "words", .run = words, .count = 1000, .prepare = prepare_text},
    {.name = "dispatch", .run = dispatch, .count = 15000000},
    {0},
};
