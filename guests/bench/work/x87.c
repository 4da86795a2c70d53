/* Extended precision, which the x87 unit alone has. */
#include "work.h"

#define REAL long double
#define SQUARE_ROOT __builtin_sqrtl
#define NAME nbody_long_double
#include "nbody.inc"

static uint64_t bits_of(long double value) {
  double narrow = (double)value;
  uint64_t bits;
  memcpy(&bits, &narrow, sizeof bits);
  return bits;
}

/* A polynomial of degree 11 by Horner's rule. */
static uint64_t polynomial(const struct row *row) {
  static const long double coefficients[12] = {
      0.5L, -1.25L, 0.75L, 1.0L / 3, -0.2L, 0.7L, -0.11L, 0.013L, 0.9L, -0.4L, 0.3L, -0.25L,
  };
  long double sum = 0;
  for (uint64_t i = 0; i < row->count; i++) {
    long double x = (long double)(int64_t)(i & 1023) / 1024 - 0.5L;
    long double value = coefficients[11];
    for (int k = 10; k >= 0; k--) {
      value = value * x + coefficients[k];
    }
    sum += value;
  }
  return bits_of(sum);
}

/* Iterations over a square of the complex plane: compares that branch. */
static uint64_t mandelbrot(const struct row *row) {
  uint64_t iterations = 0;
  int width = (int)row->count;
  for (int y = 0; y < width; y++) {
    for (int x = 0; x < width; x++) {
      long double cr = 3.0L * x / width - 2.25L, ci = 3.0L * y / width - 1.5L, zr = 0, zi = 0;
      for (int i = 0; i < 200 && zr * zr + zi * zi < 4; i++, iterations++) {
        long double next = zr * zr - zi * zi + cr;
        zi = 2 * zr * zi + ci;
        zr = next;
      }
    }
  }
  return iterations;
}

/* Sums of divisions and roots, with integers converted and the sum rounded to 64 bits. */
static uint64_t series(const struct row *row) {
  long double sum = 0;
  uint64_t check = 0;
  for (uint64_t i = 1; i <= row->count; i++) {
    sum += 1 / (long double)(int64_t)(i * i) + __builtin_sqrtl((long double)(int64_t)i);
    check = mix(check, (uint64_t)(int64_t)sum);
  }
  return mix(check, bits_of(sum));
}

const struct row x87_rows[] = {
    {.name = "nbody-x87", .run = nbody_long_double, .count = 35000},
    {.name = "polynomial-x87", .run = polynomial, .count = 600000},
    {.name = "mandelbrot-x87", .run = mandelbrot, .count = 230},
    {.name = "series-x87", .run = series, .count = 2000000},
    {0},
};
