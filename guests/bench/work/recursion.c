/* Functions that call themselves: many calls, deep calls, calls with a loop around them. */
#include "work.h"

/* gcc would inline some levels of each and measure itself. */
#define RECURSIVE __attribute__((noinline, optimize("no-optimize-sibling-calls", "no-inline")))

RECURSIVE static uint64_t fibonacci(uint64_t n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static uint64_t fib(const struct row *row) { return fibonacci(row->count); }

RECURSIVE static uint64_t ackermann_of(uint64_t m, uint64_t n) {
  if (m == 0) {
    return n + 1;
  }
  return ackermann_of(m - 1, n == 0 ? 1 : ackermann_of(m, n - 1));
}

/* Up to some thousand calls deep. */
static uint64_t ackermann(const struct row *row) {
  uint64_t sum = 0;
  for (uint64_t i = 0; i < row->count; i++) {
    sum += ackermann_of(3, 8);
  }
  return sum;
}

RECURSIVE static uint64_t place(uint32_t free, uint32_t columns, uint32_t left, uint32_t right) {
  if (columns == free) {
    return 1;
  }
  uint64_t solutions = 0;
  for (uint32_t open = free & ~(columns | left | right); open != 0; open &= open - 1) {
    uint32_t queen = open & -open;
    solutions += place(free, columns | queen, (left | queen) << 1, (right | queen) >> 1);
  }
  return solutions;
}

/* Ways to put as many queens on a board of that width. */
static uint64_t queens(const struct row *row) {
  return place((1U << row->count) - 1, 0, 0, 0);
}

const struct row recursion_rows[] = {
    {.name = "fib", .run = fib, .count = 35},
    {.name = "ackermann", .run = ackermann, .count = 15},
    {.name = "queens", .run = queens, .count = 14},
    {0},
};
