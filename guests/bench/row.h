/*
 * What programs share that measure as process 1 of a guest: how they give up and end the machine,
 * and how a row and the time of its rounds are told.
 */
#ifndef ROW_H
#define ROW_H

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <time.h>
#include <unistd.h>

#define require(condition) \
  do { \
    if (!(condition)) { \
      printf("%s:%d: %s: %s\n", __FILE__, __LINE__, #condition, strerror(errno)); \
      finish(); \
    } \
  } while (0)

static inline void finish(void) {
  fflush(stdout);
  sync();
  reboot(RB_POWER_OFF);
  for (;;) {
    pause();
  }
}

static inline uint64_t mix(uint64_t sum, uint64_t value) {
  return (sum ^ value) * UINT64_C(0x9e3779b97f4a7c15);
}

static inline uint64_t now_nanos(void) {
  struct timespec now;
  require(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
  return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

static inline void tell_row(const char *name, uint64_t checksum, const uint64_t *nanos, int rounds) {
  printf("row %s %016" PRIx64, name, checksum);
  for (int round = 0; round < rounds; round++) {
    printf(" %" PRIu64, nanos[round]);
  }
  printf("\n");
}

#endif
