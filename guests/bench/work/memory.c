/* Accesses that caches and TLBs do not like. */
#include "work.h"

#define LARGE (64 * MIB)
#define SMALL (64 * KIB)
#define PAGE (4 * KIB)

static uint64_t *large;

static void prepare(const struct row *row) {
  (void)row;
  if (large == NULL) {
    large = new_memory(LARGE);
  }
  for (uint64_t i = 0; i < LARGE / 8; i++) {
    large[i] = i * UINT64_C(0x9e3779b97f4a7c15);
  }
}

/* Loads from anywhere in 64 MiB. */
static uint64_t random_load(const struct row *row) {
  uint64_t state = 41, sum = 0;
  for (uint64_t i = 0; i < row->count; i++) {
    sum += large[next_random(&state) % (LARGE / 8)];
  }
  return sum;
}

/* Loads and stores there. */
static uint64_t random_update(const struct row *row) {
  uint64_t state = 43;
  for (uint64_t i = 0; i < row->count; i++) {
    uint64_t random = next_random(&state);
    large[random % (LARGE / 8)] += random;
  }
  uint64_t sum = 0;
  for (uint64_t i = 0; i < LARGE / 8; i += 509) {
    sum = mix(sum, large[i]);
  }
  return sum;
}

/* A word of each page, page after page. */
static uint64_t page_stride(const struct row *row) {
  uint64_t sum = 0;
  for (uint64_t round = 0; round < row->count; round++) {
    for (uint64_t at = round % 512; at < LARGE / 8; at += PAGE / 8) {
      sum += large[at];
      large[at] = sum;
    }
  }
  return sum;
}

/* Words at odd addresses, some across lines, some across pages. */
static uint64_t unaligned(const struct row *row) {
  unsigned char *bytes = (unsigned char *)large;
  uint64_t sum = 1;
  for (uint64_t round = 0; round < row->count; round++) {
    for (size_t at = 1; at + 8 <= SMALL; at += 13) {
      uint64_t word;
      memcpy(&word, bytes + at, 8);
      sum = (sum ^ word) + (sum >> 7);
      memcpy(bytes + at, &sum, 8);
    }
  }
  return sum;
}

/* Loads and stores of which each crosses from a page into the next. */
static uint64_t page_crossing(const struct row *row) {
  unsigned char *bytes = (unsigned char *)large;
  uint64_t sum = 1;
  for (uint64_t round = 0; round < row->count; round++) {
    for (size_t at = PAGE - 3; at + 8 <= SMALL; at += PAGE) {
      uint64_t word;
      memcpy(&word, bytes + at, 8);
      sum = (sum ^ word) + (sum >> 7);
      memcpy(bytes + at, &sum, 8);
    }
  }
  return sum;
}

/* One cycle through all words of the row's size, in random order (Sattolo's shuffle). */
static void prepare_chase(const struct row *row) {
  prepare(row);
  uint64_t words = row->size / 8, state = 47;
  for (uint64_t i = 0; i < words; i++) {
    large[i] = i;
  }
  for (uint64_t i = words - 1; i > 0; i--) {
    uint64_t other = next_random(&state) % i, swapped = large[i];
    large[i] = large[other];
    large[other] = swapped;
  }
}

/* Each load tells where the next is. */
static uint64_t chase(const struct row *row) {
  uint64_t at = 0;
  for (uint64_t i = 0; i < row->count; i++) {
    at = large[at];
  }
  return at;
}

const struct row memory_rows[] = {
    {.name = "random-load-64m", .run = random_load, .count = 2000000, .prepare = prepare},
    {.name = "random-update-64m", .run = random_update, .count = 1500000, .prepare = prepare},
    {.name = "page-stride-64m", .run = page_stride, .count = 250, .prepare = prepare},
    {.name = "unaligned", .run = unaligned, .count = 35000, .prepare = prepare},
    {.name = "page-crossing", .run = page_crossing, .count = 600000, .prepare = prepare},
    {.name = "chase-256k",
     .run = chase,
     .count = 60000000,
     .size = 256 * KIB,
     .prepare = prepare_chase},
    {.name = "chase-64m",
     .run = chase,
     .count = 1500000,
     .size = LARGE,
     .prepare = prepare_chase},
    {0},
};
