/* Processes: made, replaced, and talking to each other. */
#include "work.h"

#include <sys/wait.h>
#include <unistd.h>

static uint64_t wait_for(pid_t child) {
  int status;
  require(waitpid(child, &status, 0) == child);
  require(WIFEXITED(status));
  return (uint64_t)WEXITSTATUS(status);
}

static uint64_t fork_and_wait(const struct row *row) {
  uint64_t sum = 0;
  for (uint64_t i = 0; i < row->count; i++) {
    pid_t child = fork();
    require(child >= 0);
    if (child == 0) {
      _exit((int)(i & 15));
    }
    sum += wait_for(child);
  }
  return sum;
}

/* Starts this very program, which ends at once. */
static uint64_t fork_and_execute(const struct row *row) {
  uint64_t sum = 0;
  for (uint64_t i = 0; i < row->count; i++) {
    pid_t child = fork();
    require(child >= 0);
    if (child == 0) {
      execl("/proc/self/exe", "work", "--exit", (char *)NULL);
      _exit(1);
    }
    sum += wait_for(child) == 0;
  }
  return sum;
}

/* A word to another process and back, so that the kernel switches twice. */
static uint64_t ping_pong(const struct row *row) {
  int there[2], back[2];
  require(pipe(there) == 0 && pipe(back) == 0);
  pid_t child = fork();
  require(child >= 0);
  uint32_t word = 1;
  if (child == 0) {
    close(there[1]);
    while (read(there[0], &word, sizeof word) == sizeof word) {
      word = word * 5 + 3;
      require(write(back[1], &word, sizeof word) == sizeof word);
    }
    _exit(0);
  }
  for (uint64_t i = 0; i < row->count; i++) {
    require(write(there[1], &word, sizeof word) == sizeof word);
    require(read(back[0], &word, sizeof word) == sizeof word);
  }
  for (int end = 0; end < 2; end++) {
    close(there[end]);
    close(back[end]);
  }
  require(wait_for(child) == 0);
  return word;
}

const struct row process_rows[] = {
    {.name = "fork", .run = fork_and_wait, .count = 450},
    {.name = "exec", .run = fork_and_execute, .count = 125},
    {.name = "pipe-ping-pong", .run = ping_pong, .count = 5000},
    {0},
};
