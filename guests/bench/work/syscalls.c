/* What a program asks of its kernel most often. */
#include "work.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static uint64_t get_pid(const struct row *row) {
  long pid = syscall(SYS_getpid);
  uint64_t same = 0;
  for (uint64_t i = 0; i < row->count; i++) {
    same += syscall(SYS_getpid) == pid;
  }
  return same;
}

static int64_t nanos(const struct timespec *time) {
  return time->tv_sec * INT64_C(1000000000) + time->tv_nsec;
}

/* The C library's way: without a system call where the kernel offers that. */
static uint64_t clock_library(const struct row *row) {
  struct timespec now, before = {0};
  uint64_t forward = 0;
  for (uint64_t i = 0; i < row->count; i++) {
    clock_gettime(CLOCK_MONOTONIC, &now);
    forward += nanos(&now) >= nanos(&before);
    before = now;
  }
  return forward;
}

static uint64_t clock_syscall(const struct row *row) {
  struct timespec now, before = {0};
  uint64_t forward = 0;
  for (uint64_t i = 0; i < row->count; i++) {
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    forward += nanos(&now) >= nanos(&before);
    before = now;
  }
  return forward;
}

/* New memory, touched page by page, and given back. */
static uint64_t page_faults(const struct row *row) {
  enum { LENGTH = 4 << 20, PAGE = 4096 };
  uint64_t sum = 0;
  for (uint64_t i = 0; i < row->count; i++) {
    unsigned char *memory =
        mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    require(memory != MAP_FAILED && madvise(memory, LENGTH, MADV_NOHUGEPAGE) == 0);
    for (size_t at = 0; at < LENGTH; at += PAGE) {
      sum += memory[at];
      memory[at + 8] = (unsigned char)i;
      sum += memory[at + 8];
    }
    require(munmap(memory, LENGTH) == 0);
  }
  return sum;
}

const struct row syscall_rows[] = {
    {.name = "getpid", .run = get_pid, .count = 850000},
    {.name = "clock-library", .run = clock_library, .count = 6500000},
    {.name = "clock-syscall", .run = clock_syscall, .count = 500000},
    {.name = "page-faults", .run = page_faults, .count = 30},
    {0},
};
