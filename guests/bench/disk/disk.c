/*
 * disk DEVICE ROW,...: measures a disk as process 1 of a guest, past the guest's own caches.
 *
 * A row prints a line "begin NAME" and then "row NAME CHECKSUM NANOSECONDS ...", with a number for
 * each round by CLOCK_MONOTONIC; the end of all is a line "end". Then it ends the machine.
 *
 * Rows: sequential-write and -read (1 MiB at a time over 128 MiB), random-read and random-write
 * (4 KiB, one at a time), random-read-32 and random-write-32 (4 KiB, 32 at once by io_submit(2)),
 * synced-write (4 KiB, each durable before the next).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../row.h"

#define ROUNDS 10
#define AREA (128l << 20)
#define LARGE (1l << 20)
#define SMALL 4096l
#define DEPTH 32

static int file;
static int synced;
static char *buffer;
static uint64_t seed;

static uint64_t next_random(void) {
  seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return seed >> 33;
}

/* A block's bytes follow from its number, so that what is read can be checked. */
static void fill(char *block, long length, long position) {
  for (long i = 0; i < length; i += 512) {
    uint64_t stamp = (uint64_t)(position + i);
    memcpy(block + i, &stamp, sizeof stamp);
  }
}

static uint64_t stamps(const char *block, long length) {
  uint64_t sum = 0;
  for (long i = 0; i < length; i += 512) {
    uint64_t stamp;
    memcpy(&stamp, block + i, sizeof stamp);
    sum = mix(sum, stamp);
  }
  return sum;
}

static uint64_t sequential(int is_write) {
  uint64_t sum = 0;
  for (long at = 0; at < AREA; at += LARGE) {
    if (is_write) {
      fill(buffer, LARGE, at);
      require(pwrite(file, buffer, LARGE, at) == LARGE);
    } else {
      require(pread(file, buffer, LARGE, at) == LARGE);
      sum = mix(sum, stamps(buffer, LARGE));
    }
  }
  if (is_write) {
    require(fsync(file) == 0);
  }
  return sum;
}

static long random_place(void) {
  return (long)(next_random() % (AREA / SMALL)) * SMALL;
}

static uint64_t one_by_one(int target, int is_write, int count) {
  uint64_t sum = 0;
  for (int i = 0; i < count; i++) {
    long at = random_place();
    if (is_write) {
      fill(buffer, SMALL, at);
      require(pwrite(target, buffer, SMALL, at) == SMALL);
    } else {
      require(pread(target, buffer, SMALL, at) == SMALL);
      sum = mix(sum, stamps(buffer, SMALL));
    }
  }
  return sum;
}

static uint64_t many_at_once(int is_write, int count) {
  aio_context_t context = 0;
  struct iocb requests[DEPTH];
  struct io_event events[DEPTH];
  uint64_t sum = 0;
  int sent = 0;
  int done = 0;
  int free_slots[DEPTH];
  int free_count = DEPTH;
  for (int i = 0; i < DEPTH; i++) {
    free_slots[i] = i;
  }
  require(syscall(SYS_io_setup, DEPTH, &context) == 0);
  while (done < count) {
    struct iocb *batch[DEPTH];
    int batched = 0;
    while (free_count > 0 && sent < count) {
      int slot = free_slots[--free_count];
      char *place = buffer + slot * SMALL;
      long at = random_place();
      if (is_write) {
        fill(place, SMALL, at);
      }
      memset(&requests[slot], 0, sizeof requests[slot]);
      requests[slot].aio_data = (uint64_t)slot;
      requests[slot].aio_lio_opcode = is_write ? IOCB_CMD_PWRITE : IOCB_CMD_PREAD;
      requests[slot].aio_fildes = (uint32_t)file;
      requests[slot].aio_buf = (uint64_t)place;
      requests[slot].aio_nbytes = SMALL;
      requests[slot].aio_offset = at;
      batch[batched++] = &requests[slot];
      sent++;
    }
    if (batched > 0) {
      require(syscall(SYS_io_submit, context, (long)batched, batch) == batched);
    }
    long got = syscall(SYS_io_getevents, context, 1l, (long)DEPTH, events, NULL);
    require(got > 0);
    for (long i = 0; i < got; i++) {
      require(events[i].res == SMALL);
      int slot = (int)events[i].data;
      if (!is_write) {
        /* They come in any order. */
        sum += stamps(buffer + slot * SMALL, SMALL);
      }
      free_slots[free_count++] = slot;
      done++;
    }
  }
  require(syscall(SYS_io_destroy, context) == 0);
  return sum;
}

static uint64_t run(const char *name) {
  if (strcmp(name, "sequential-write") == 0) {
    return sequential(1);
  } else if (strcmp(name, "sequential-read") == 0) {
    return sequential(0);
  } else if (strcmp(name, "random-read") == 0) {
    return one_by_one(file, 0, 4000);
  } else if (strcmp(name, "random-write") == 0) {
    return one_by_one(file, 1, 4000);
  } else if (strcmp(name, "random-read-32") == 0) {
    return many_at_once(0, 12000);
  } else if (strcmp(name, "random-write-32") == 0) {
    return many_at_once(1, 12000);
  } else if (strcmp(name, "synced-write") == 0) {
    return one_by_one(synced, 1, 1000);
  }
  printf("there is no row %s\n", name);
  finish();
  return 0;
}

static void measure(const char *row) {
  char name[100];
  uint64_t nanos[ROUNDS];
  uint64_t checksum = 0;
  snprintf(name, sizeof name, "%s", row);
  seed = 1;
  /* A row is named FORMAT:WORK. */
  char *work = strchr(name, ':');
  require(work != NULL);
  printf("begin %s\n", name);
  for (int round = 0; round < ROUNDS; round++) {
    uint64_t start = now_nanos();
    checksum = mix(checksum, run(work + 1));
    nanos[round] = now_nanos() - start;
  }
  tell_row(name, checksum, nanos, ROUNDS);
}

int main(int count, char **words) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  require(count == 3);
  file = open(words[1], O_RDWR | O_DIRECT);
  require(file >= 0);
  synced = open(words[1], O_RDWR | O_DIRECT | O_DSYNC);
  require(synced >= 0);
  require(posix_memalign((void **)&buffer, 4096, LARGE) == 0);
  memset(buffer, 0, LARGE);
  for (char *row = strtok(words[2], ","); row != NULL; row = strtok(NULL, ",")) {
    measure(row);
  }
  printf("end\n");
  finish();
}
