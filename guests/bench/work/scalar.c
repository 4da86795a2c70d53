/* Scalar floating point in SSE registers; without vectors, which packed.c is for. */
#pragma GCC optimize("no-tree-vectorize")
#include "work.h"

static uint64_t bits_of(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/* Iterations over a square of the complex plane, of doubles. */
static uint64_t mandelbrot(const struct row *row) {
  uint64_t iterations = 0;
  int width = (int)row->count;
  for (int y = 0; y < width; y++) {
    for (int x = 0; x < width; x++) {
      double cr = 3.0 * x / width - 2.25, ci = 3.0 * y / width - 1.5, zr = 0, zi = 0;
      for (int i = 0; i < 200 && zr * zr + zi * zi < 4; i++, iterations++) {
        double next = zr * zr - zi * zi + cr;
        zi = 2 * zr * zi + ci;
        zr = next;
      }
    }
  }
  return iterations;
}

/* The same of floats. */
static uint64_t mandelbrot_float(const struct row *row) {
  uint64_t iterations = 0;
  int width = (int)row->count;
  for (int y = 0; y < width; y++) {
    for (int x = 0; x < width; x++) {
      float cr = 3.0f * (float)x / (float)width - 2.25f, ci = 3.0f * (float)y / (float)width - 1.5f;
      float zr = 0, zi = 0;
      for (int i = 0; i < 200 && zr * zr + zi * zi < 4; i++, iterations++) {
        float next = zr * zr - zi * zi + cr;
        zi = 2 * zr * zi + ci;
        zr = next;
      }
    }
  }
  return iterations;
}

#define REAL double
#define SQUARE_ROOT __builtin_sqrt
#define NAME nbody
#include "nbody.inc"

/* The largest singular value of a matrix without end: division and conversion. */
static uint64_t spectral(const struct row *row) {
  enum { N = 100 };
  static double u[N], v[N];
  for (uint64_t round = 0; round < row->count; round++) {
    /* Each round makes the vector longer: past a thousand it would be infinite. */
    for (int i = 0; i < N && round % 10 == 0; i++) {
      u[i] = 1;
    }
    for (int i = 0; i < N; i++) {
      v[i] = 0;
      for (int j = 0; j < N; j++) {
        v[i] += u[j] / ((i + j) * (i + j + 1) / 2 + i + 1);
      }
    }
    for (int i = 0; i < N; i++) {
      u[i] = 0;
      for (int j = 0; j < N; j++) {
        u[i] += v[j] / ((i + j) * (i + j + 1) / 2 + j + 1);
      }
    }
  }
  double uv = 0, vv = 0;
  for (int i = 0; i < N; i++) {
    uv += u[i] * v[i];
    vv += v[i] * v[i];
  }
  return bits_of(__builtin_sqrt(uv / vv));
}

/* A recursive filter of the second order over samples, of floats. */
static uint64_t filter_float(const struct row *row) {
  static float samples[4096];
  uint64_t state = 9;
  for (int i = 0; i < 4096; i++) {
    samples[i] = (float)(int32_t)(next_random(&state) >> 32) * 0x1p-31f;
  }
  float x1 = 0, x2 = 0, y1 = 0, y2 = 0;
  for (uint64_t round = 0; round < row->count; round++) {
    for (int i = 0; i < 4096; i++) {
      float x = samples[i];
      float y = 0.0675f * x + 0.1349f * x1 + 0.0675f * x2 + 1.143f * y1 - 0.4128f * y2;
      x2 = x1, x1 = x;
      y2 = y1, y1 = y;
    }
  }
  return bits_of(y1) ^ bits_of(y2);
}

const struct row scalar_rows[] = {
    {.name = "mandelbrot", .run = mandelbrot, .count = 450},
    {.name = "nbody", .run = nbody, .count = 250000},
    {.name = "spectral", .run = spectral, .count = 2000},
    {.name = "mandelbrot-float", .run = mandelbrot_float, .count = 450},
    {.name = "filter-float", .run = filter_float, .count = 2500},
    {0},
};
