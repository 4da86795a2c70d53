/*
 * share ROW,...: measures a shared folder (9P over virtio, tag "share") as process 1 of a guest.
 *
 * The folder has a tree of files under "tree". A row is named 9p-CACHE:WORK and mounts the folder
 * with that cache. It prints a line "begin NAME" and then "row NAME CHECKSUM NANOSECONDS ...", with
 * a number for each round by CLOCK_MONOTONIC; the end of all is a line "end". Then it ends the
 * machine.
 *
 * Works: unpack (tar x of the tree into the folder), pack (tar c of the tree to a pipe), walk
 * (ls -lR of the tree).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../row.h"

#define ROUNDS 3
#define TAR_BLOCK 512

/* Starts a command of the shell; its output comes from the descriptor that is returned. */
static int start(const char *command, pid_t *child) {
  int ends[2];
  require(pipe(ends) == 0);
  *child = fork();
  require(*child >= 0);
  if (*child == 0) {
    dup2(ends[1], 1);
    close(ends[0]);
    close(ends[1]);
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
  }
  close(ends[1]);
  return ends[0];
}

static void end(int output, pid_t child) {
  int status;
  close(output);
  require(waitpid(child, &status, 0) == child);
  require(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void command(const char *words) {
  pid_t child;
  int output = start(words, &child);
  char rest[256];
  while (read(output, rest, sizeof rest) > 0) {
  }
  end(output, child);
}

static int read_block(FILE *stream, char *block) {
  return fread(block, 1, TAR_BLOCK, stream) == TAR_BLOCK;
}

/* Sums an archive's files up; in which order they come is the directories' business. */
static uint64_t pack(void) {
  pid_t child;
  int output = start("tar -cf - -C /share tree", &child);
  FILE *stream = fdopen(output, "r");
  require(stream != NULL);
  char block[TAR_BLOCK];
  uint64_t sum = 0;
  while (read_block(stream, block)) {
    if (block[0] == 0) {
      continue;
    }
    block[136] = 0;
    long size = strtol(block + 124, NULL, 8);
    sum += UINT64_C(1) << 48;
    for (; size > 0; size -= TAR_BLOCK) {
      require(read_block(stream, block));
      for (int i = 0; i < TAR_BLOCK; i += 8) {
        uint64_t word;
        memcpy(&word, block + i, sizeof word);
        sum += word;
      }
    }
  }
  end(dup(output), child);
  fclose(stream);
  return sum;
}

static uint64_t walk(void) {
  pid_t child;
  int output = start("ls -lR /share/tree", &child);
  char piece[4096];
  uint64_t lines = 0;
  for (ssize_t got; (got = read(output, piece, sizeof piece)) > 0;) {
    for (ssize_t i = 0; i < got; i++) {
      lines += piece[i] == '\n';
    }
  }
  end(output, child);
  return lines;
}

static uint64_t unpack(int round) {
  char words[100];
  snprintf(words, sizeof words, "mkdir /share/out-%d && tar -xf /tree.tar -C /share/out-%d", round,
           round);
  command(words);
  return 0;
}

static uint64_t run(const char *work, int round) {
  if (strcmp(work, "unpack") == 0) {
    return unpack(round);
  } else if (strcmp(work, "pack") == 0) {
    return pack();
  } else if (strcmp(work, "walk") == 0) {
    return walk();
  }
  printf("there is no work %s\n", work);
  finish();
  return 0;
}

static void mount_share(const char *cache) {
  char options[100];
  snprintf(options, sizeof options, "trans=virtio,version=9p2000.L,msize=512000,cache=%s", cache);
  require(mount("share", "/share", "9p", 0, options) == 0);
}

static void measure(const char *name) {
  char cache[20];
  char work[20];
  uint64_t nanos[ROUNDS];
  uint64_t checksum = 0;
  require(sscanf(name, "9p-%19[a-z]:%19[a-z]", cache, work) == 2);
  mount_share(cache);
  command("rm -rf /share/out-*");
  printf("begin %s\n", name);
  for (int round = 0; round < ROUNDS; round++) {
    uint64_t began = now_nanos();
    checksum = checksum * 31 + run(work, round);
    nanos[round] = now_nanos() - began;
  }
  tell_row(name, checksum, nanos, ROUNDS);
  if (strcmp(work, "unpack") == 0) {
    /* One of them, since this takes longer than a round. */
    command("diff -r /share/tree /share/out-2/tree");
  }
  require(umount("/share") == 0);
}

int main(int count, char **words) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  require(count == 2);
  require(mkdir("/share", 0755) == 0);
  mount_share("none");
  command("tar -cf /tree.tar -C /share tree");
  require(umount("/share") == 0);
  for (char *row = strtok(words[1], ","); row != NULL; row = strtok(NULL, ",")) {
    char name[50];
    snprintf(name, sizeof name, "%s", row);
    measure(name);
  }
  printf("end\n");
  finish();
}
