/* Conversions between integers and floating point, packed and one at a time. */
#pragma GCC optimize("O3")
#include "work.h"

enum { LENGTH = 4096 };

static int32_t ints[LENGTH];
static int64_t longs[LENGTH];
static float floats[LENGTH];
static double doubles[LENGTH];

static void prepare(const struct row *row) {
  (void)row;
  fill_random(ints, sizeof ints, 31);
  fill_random(longs, sizeof longs, 32);
  for (int i = 0; i < LENGTH; i++) {
    floats[i] = (float)(ints[i] >> 4) * 0.37f;
    doubles[i] = (double)(ints[i] >> 4) * 0.73;
  }
}

static uint64_t int_to_float(const struct row *row) {
  for (uint64_t round = 0; round < row->count; round++) {
    ints[round % LENGTH]++;
    for (int i = 0; i < LENGTH; i++) {
      floats[i] = (float)ints[i];
    }
  }
  return mix_bytes(0, floats, sizeof floats);
}

static uint64_t float_to_int(const struct row *row) {
  for (uint64_t round = 0; round < row->count; round++) {
    floats[round % LENGTH] = (float)round;
    for (int i = 0; i < LENGTH; i++) {
      ints[i] = (int32_t)floats[i];
    }
  }
  return mix_bytes(0, ints, sizeof ints);
}

static uint64_t float_to_double_and_back(const struct row *row) {
  for (uint64_t round = 0; round < row->count; round++) {
    for (int i = 0; i < LENGTH; i++) {
      doubles[i] = (double)floats[i] * 1.25;
    }
    for (int i = 0; i < LENGTH; i++) {
      floats[i] = (float)(doubles[i] * 0.8);
    }
  }
  return mix_bytes(0, floats, sizeof floats);
}

/* 64-bit integers, for which SSE2 has scalar instructions only. */
static uint64_t long_to_double_and_back(const struct row *row) {
  uint64_t sum = 0;
  for (uint64_t round = 0; round < row->count; round++) {
    for (int i = 0; i < LENGTH; i++) {
      double value = (double)(longs[i] >> 8) * 0.5;
      sum += (uint64_t)(int64_t)value;
    }
    longs[round % LENGTH] ^= (int64_t)sum;
  }
  return sum;
}

const struct row conversion_rows[] = {
    {.name = "int-to-float", .run = int_to_float, .count = 30000, .prepare = prepare},
    {.name = "float-to-int", .run = float_to_int, .count = 9000, .prepare = prepare},
    {.name = "float-double", .run = float_to_double_and_back, .count = 5500, .prepare = prepare},
    {.name = "int64-double", .run = long_to_double_and_back, .count = 3000, .prepare = prepare},
    {0},
};
