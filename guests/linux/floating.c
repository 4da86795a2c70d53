/* Floating point: IEEE double and float by SSE, 80-bit by x87, rounding, denormals, exceptions. */
#include "answers.h"

#include <fenv.h>
#include <float.h>
#include <math.h>

void floating_double(void) {
  volatile double one = 1;
  double sum = 0;
  for (int k = 1; k <= 200000; k++) {
    sum += one / ((double)k * k);
  }
  printf("basel %a\n", sum);
  volatile float third = 1.0f / 3;
  float product = 1;
  for (int k = 1; k <= 30; k++) {
    product = product * third + k;
  }
  printf("float %a\n", (double)product);
  printf("sqrt %a %a\n", sqrt(2 * one), (double)sqrtf((float)(3 * one)));
  printf("denormal %a %a\n", DBL_MIN * one / 4, (double)(FLT_MIN * third));
  volatile double huge = 1e300;
  volatile double not_a_number = huge * huge - huge * huge;
  printf("special %a %d\n", huge * huge, not_a_number != not_a_number);
  volatile double wide = 3e9, narrow = -2.5;
  printf("convert %lld %d %d\n", (long long)(wide * 1000), (int)narrow, (int)(float)narrow);
  static const int modes[] = {FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO};
  for (int i = 0; i < 4; i++) {
    fesetround(modes[i]);
    printf("round %a %ld\n", -one / 3, lrint(2.5 * one));
  }
  fesetround(FE_TONEAREST);
}

#define X87_1(name, operation)                                     \
  static long double name(long double x) {                         \
    long double y;                                                 \
    __asm__(operation : "=t"(y) : "0"(x));                         \
    return y;                                                      \
  }
#define X87_2(name, operation)                                     \
  static long double name(long double y, long double x) {          \
    long double z;                                                 \
    __asm__(operation : "=t"(z) : "0"(x), "u"(y) : "st(1)");       \
    return z;                                                      \
  }

X87_1(x87_sine, "fsin")
X87_1(x87_cosine, "fcos")
X87_1(x87_square_root, "fsqrt")
X87_1(x87_round, "frndint")
X87_1(x87_power_less_1, "f2xm1")
X87_2(x87_arc_tangent, "fpatan")
X87_2(x87_y_log2_x, "fyl2x")

void floating_x87(void) {
  volatile long double one = 1;
  long double sum = 0;
  for (int k = 1; k <= 100000; k++) {
    sum += one / ((long double)k * k);
  }
  printf("basel %La\n", sum);
  long double term = 1, e = 1;
  for (int k = 1; k < 30; k++) {
    term /= k * one;
    e += term;
  }
  printf("e %La\n", e);
  printf("sqrt %La\n", x87_square_root(2));
  printf("rint %.0Lf %.0Lf\n", x87_round(2.5L), x87_round(-3.5L));
  printf("sine %.17Lf %.17Lf\n", x87_sine(one), x87_cosine(one));
  printf("pi %.17Lf\n", 4 * x87_arc_tangent(one, one));
  printf("log2 %.17Lf\n", x87_y_log2_x(1, 10));
  printf("power %.17Lf\n", x87_power_less_1(0.5L));
  volatile unsigned long long mantissa = 0xfedcba9876543211ULL;
  long double exact = mantissa;
  printf("exact %llx\n", (unsigned long long)exact);
  printf("decimal %.21Lg\n", one / 3);
}

static void enable_then_divide(void *zero) {
  feenableexcept(FE_DIVBYZERO);
  volatile double quotient = 1.0 / *(volatile double *)zero;
  (void)quotient;
}

static void enable_then_divide_x87(void *zero) {
  feenableexcept(FE_DIVBYZERO);
  volatile long double quotient = 1.0L / *(volatile double *)zero;
  __asm__ volatile("fwait");
  (void)quotient;
}

static void divide_integers(void *zero) {
  volatile int one = 1;
  volatile int quotient = one / *(volatile int *)zero;
  (void)quotient;
}

void floating_exceptions(void) {
  volatile double one = 1, zero = 0, huge = DBL_MAX, tiny = DBL_MIN, result;
  feclearexcept(FE_ALL_EXCEPT);
  result = one / zero;
  printf("divide %d\n", fetestexcept(FE_ALL_EXCEPT) == FE_DIVBYZERO);
  feclearexcept(FE_ALL_EXCEPT);
  result = zero / zero;
  printf("invalid %d\n", fetestexcept(FE_ALL_EXCEPT) == FE_INVALID);
  feclearexcept(FE_ALL_EXCEPT);
  result = huge * 2;
  printf("overflow %d\n", fetestexcept(FE_ALL_EXCEPT) == (FE_OVERFLOW | FE_INEXACT));
  feclearexcept(FE_ALL_EXCEPT);
  result = tiny / 3;
  printf("underflow %d\n",
         (fetestexcept(FE_ALL_EXCEPT) & (FE_UNDERFLOW | FE_INEXACT)) == (FE_UNDERFLOW | FE_INEXACT));
  (void)result;
  feclearexcept(FE_ALL_EXCEPT);
  volatile double zero_double = 0;
  struct caught simd = attempt(enable_then_divide, (void *)&zero_double);
  fedisableexcept(FE_ALL_EXCEPT);
  feclearexcept(FE_ALL_EXCEPT);
  printf("unmasked %d %d\n", simd.number == SIGFPE, simd.code == FPE_FLTDIV);
  struct caught x87 = attempt(enable_then_divide_x87, (void *)&zero_double);
  printf("unmasked x87 %d %d\n", x87.number == SIGFPE, x87.code == FPE_FLTDIV);
  int zero_int = 0;
  struct caught integer = attempt(divide_integers, &zero_int);
  printf("integer %d %d\n", integer.number == SIGFPE, integer.code == FPE_INTDIV);
}
