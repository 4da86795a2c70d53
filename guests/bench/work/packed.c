/* Loops as gcc -O3 vectorizes them for SSE2. */
#pragma GCC optimize("O3")
#include "work.h"

enum { LENGTH = 8192, SIDE = 128 };

static float floats_a[LENGTH], floats_b[LENGTH];
static int32_t ints_a[LENGTH], ints_b[LENGTH];
static int16_t shorts_a[LENGTH], shorts_b[LENGTH];
static uint8_t bytes_a[LENGTH], bytes_b[LENGTH], bytes_c[LENGTH];

static void prepare(const struct row *row) {
  (void)row;
  fill_random(ints_a, sizeof ints_a, 1);
  fill_random(ints_b, sizeof ints_b, 2);
  fill_random(shorts_a, sizeof shorts_a, 3);
  fill_random(shorts_b, sizeof shorts_b, 4);
  fill_random(bytes_a, sizeof bytes_a, 5);
  fill_random(bytes_b, sizeof bytes_b, 6);
  for (int i = 0; i < LENGTH; i++) {
    floats_a[i] = (float)ints_a[i] * 0x1p-31f;
    floats_b[i] = (float)ints_b[i] * 0x1p-31f;
  }
}

static uint64_t matrix_float(const struct row *row) {
  static float a[SIDE][SIDE], b[SIDE][SIDE], c[SIDE][SIDE];
  for (int i = 0; i < SIDE; i++) {
    for (int j = 0; j < SIDE; j++) {
      a[i][j] = (float)(i * 3 - j) / SIDE;
      b[i][j] = (float)(i + j * 5) / SIDE;
    }
  }
  memset(c, 0, sizeof c);
  for (uint64_t round = 0; round < row->count; round++) {
    for (int i = 0; i < SIDE; i++) {
      for (int k = 0; k < SIDE; k++) {
        for (int j = 0; j < SIDE; j++) {
          c[i][j] += a[i][k] * b[k][j];
        }
      }
    }
  }
  return mix_bytes(0, c, sizeof c);
}

static uint64_t matrix_double(const struct row *row) {
  static double a[SIDE][SIDE], b[SIDE][SIDE], c[SIDE][SIDE];
  for (int i = 0; i < SIDE; i++) {
    for (int j = 0; j < SIDE; j++) {
      a[i][j] = (double)(i * 3 - j) / SIDE;
      b[i][j] = (double)(i + j * 5) / SIDE;
    }
  }
  memset(c, 0, sizeof c);
  for (uint64_t round = 0; round < row->count; round++) {
    for (int i = 0; i < SIDE; i++) {
      for (int k = 0; k < SIDE; k++) {
        for (int j = 0; j < SIDE; j++) {
          c[i][j] += a[i][k] * b[k][j];
        }
      }
    }
  }
  return mix_bytes(0, c, sizeof c);
}

static uint64_t saxpy(const struct row *row) {
  static float y[LENGTH];
  memcpy(y, floats_b, sizeof y);
  for (uint64_t round = 0; round < row->count; round++) {
    float factor = (float)(round & 7) * 0.125f - 0.4f;
    for (int i = 0; i < LENGTH; i++) {
      y[i] = factor * floats_a[i] + y[i];
    }
  }
  return mix_bytes(0, y, sizeof y);
}

static uint64_t sum_int(const struct row *row) {
  uint32_t sum = 0;
  for (uint64_t round = 0; round < row->count; round++) {
    ints_b[round % LENGTH] ^= (int32_t)round;
    for (int i = 0; i < LENGTH; i++) {
      sum += (uint32_t)(ints_a[i] ^ ints_b[i]) + ((uint32_t)ints_a[i] >> 3);
    }
  }
  return sum;
}

/* Without the instructions of SSE 4.1: compare, and, andnot, or. */
static uint64_t min_max_int(const struct row *row) {
  uint64_t sum = 0;
  for (uint64_t round = 0; round < row->count; round++) {
    int32_t least = INT32_MAX, most = INT32_MIN;
    for (int i = 0; i < LENGTH; i++) {
      int32_t value = ints_a[i] + (int32_t)round;
      least = value < least ? value : least;
      most = value > most ? value : most;
    }
    sum = mix(sum, (uint32_t)least ^ (uint64_t)(uint32_t)most << 32);
  }
  return sum;
}

static uint64_t shorts(const struct row *row) {
  uint32_t sum = 0;
  for (uint64_t round = 0; round < row->count; round++) {
    shorts_b[round % LENGTH] = (int16_t)round;
    for (int i = 0; i < LENGTH; i++) {
      sum += (uint32_t)(shorts_a[i] * shorts_b[i]);
    }
  }
  return sum;
}

/* Blends two rows of pixels, then takes the greater of that and the second. */
static uint64_t bytes(const struct row *row) {
  for (uint64_t round = 0; round < row->count; round++) {
    bytes_a[round % LENGTH] ^= (uint8_t)round;
    for (int i = 0; i < LENGTH; i++) {
      uint8_t blend = (uint8_t)((bytes_a[i] + bytes_b[i] + 1) >> 1);
      blend ^= bytes_c[i];
      bytes_c[i] = blend > bytes_b[i] ? blend : bytes_b[i];
    }
  }
  return mix_bytes(0, bytes_c, sizeof bytes_c);
}

const struct row packed_rows[] = {
    {.name = "matrix-float", .run = matrix_float, .count = 35},
    {.name = "matrix-double", .run = matrix_double, .count = 20},
    {.name = "saxpy", .run = saxpy, .count = 4500, .prepare = prepare},
    {.name = "sum-int", .run = sum_int, .count = 9500, .prepare = prepare},
    {.name = "min-max-int", .run = min_max_int, .count = 8000, .prepare = prepare},
    {.name = "multiply-short", .run = shorts, .count = 20000, .prepare = prepare},
    {.name = "blend-bytes", .run = bytes, .count = 25000, .prepare = prepare},
    {0},
};
