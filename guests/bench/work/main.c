/*
 * work [NAME,...]: does the work of the rows named, or of all; work --list tells the rows there are.
 *
 * A row prints a line "begin NAME" and then "row NAME CHECKSUM NANOSECONDS ...", with a number for
 * each round by CLOCK_MONOTONIC; the end of all is a line "end". As process 1 of a guest it ends
 * the machine after that.
 */
#include "work.h"

#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <time.h>
#include <unistd.h>

static const struct {
  const char *name;
  const struct row *rows;
} groups[] = {
    {"integer", integer_rows},
    {"integer", sorting_rows},
    {"integer", recursion_rows},
    {"integer", interpreter_rows},
    {"hashing", hashing_rows},
    {"scalar", scalar_rows},
    {"packed", packed_rows},
    {"packed", conversion_rows},
    {"x87", x87_rows},
    {"copying", copying_rows},
    {"memory", memory_rows},
    {"code", code_rows},
    {"system", syscall_rows},
    {"system", process_rows},
    {"system", signal_rows},
    {"threads", thread_rows},
};

#define GROUPS (sizeof groups / sizeof *groups)

void *new_memory(size_t length) {
  void *memory =
      mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  /* Of small pages, wherever it happens to lie. */
  require(memory != MAP_FAILED && madvise(memory, length, MADV_NOHUGEPAGE) == 0);
  memset(memory, 0, length);
  return memory;
}

static uint64_t now_nanos(void) {
  struct timespec now;
  require(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
  return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

static void measure(const struct row *row) {
  uint64_t nanos[ROUNDS];
  uint64_t checksum = 0;
  if (row->prepare != NULL) {
    row->prepare(row);
  }
  printf("begin %s\n", row->name);
  for (int round = 0; round < ROUNDS; round++) {
    uint64_t start = now_nanos();
    checksum = mix(checksum, row->run(row));
    nanos[round] = now_nanos() - start;
  }
  printf("row %s %016llx", row->name, (unsigned long long)checksum);
  for (int round = 0; round < ROUNDS; round++) {
    printf(" %llu", (unsigned long long)nanos[round]);
  }
  printf("\n");
}

/* Whether a name is among those between commas; one list, since kernels pass few words to init. */
static int is_wanted(const char *name, const char *names) {
  size_t length = strlen(name);
  for (const char *at = names; at != NULL; at = strchr(at, ',')) {
    at += *at == ',';
    if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == 0)) {
      return 1;
    }
  }
  return names == NULL;
}

static void list(void) {
  for (size_t i = 0; i < GROUPS; i++) {
    for (const struct row *row = groups[i].rows; row->name != NULL; row++) {
      printf("%s %s\n", groups[i].name, row->name);
    }
  }
}

int main(int count, char **arguments) {
  /* Whole lines, so that a write to the console costs little. */
  static char output[4096];
  int is_init = getpid() == 1;
  setvbuf(stdout, output, _IOLBF, sizeof output);
  if (count == 2 && strcmp(arguments[1], "--exit") == 0) {
    return 0; /* What the row that executes programs executes. */
  }
  if (count == 2 && strcmp(arguments[1], "--list") == 0) {
    list();
    return 0;
  }
  if (is_init) {
    require(mount("proc", "/proc", "proc", 0, NULL) == 0);
  }
  for (size_t i = 0; i < GROUPS; i++) {
    for (const struct row *row = groups[i].rows; row->name != NULL; row++) {
      if (is_wanted(row->name, count > 1 ? arguments[1] : NULL)) {
        measure(row);
      }
    }
  }
  printf("end\n");
  if (is_init) {
    reboot(RB_POWER_OFF);
  }
  return 0;
}
