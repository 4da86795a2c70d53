/*
 * init NAME: process 1 of a guest that runs /program/NAME.sh, and measures it.
 *
 * It prints "begin NAME", then "row NAME CHECKSUM NANOSECONDS" with the time by CLOCK_MONOTONIC from
 * before the script's shell was started until after its end, and a checksum of all it wrote to its
 * output; then a line "end". A script that fails has no row.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OUTPUT "/tmp/output"

/* Ends the machine with a line on what went wrong unless it holds. */
#define require(condition)                       \
  do {                                           \
    if (!(condition)) {                          \
      printf("%s does not hold\n", #condition);  \
      reboot(RB_POWER_OFF);                      \
      exit(1);                                   \
    }                                            \
  } while (0)

static uint64_t now_nanos(void) {
  struct timespec now;
  require(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
  return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

/* Runs a script with its output in a file; answers how it ended. */
static int run(const char *script) {
  pid_t child = fork();
  require(child >= 0);
  if (child == 0) {
    int output = open(OUTPUT, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (output >= 0 && dup2(output, STDOUT_FILENO) == STDOUT_FILENO) {
      execl("/bin/dash", "dash", "-e", script, (char *)NULL);
    }
    _exit(127);
  }
  int status;
  require(waitpid(child, &status, 0) == child);
  return status;
}

static uint64_t checksum_of_output(void) {
  static unsigned char buffer[65536];
  uint64_t checksum = 0;
  int output = open(OUTPUT, O_RDONLY);
  require(output >= 0);
  ssize_t length;
  while ((length = read(output, buffer, sizeof buffer)) > 0) {
    for (ssize_t i = 0; i < length; i++) {
      checksum = (checksum ^ buffer[i]) * UINT64_C(0x9e3779b97f4a7c15) + (checksum >> 29);
    }
  }
  close(output);
  return checksum;
}

int main(int count, char **arguments) {
  require(count == 2);
  require(mount("proc", "/proc", "proc", 0, NULL) == 0);
  char script[256];
  snprintf(script, sizeof script, "/program/%s.sh", arguments[1]);
  setenv("PATH", "/usr/bin:/bin:/usr/sbin:/sbin", 1);
  setenv("LC_ALL", "C", 1);
  setenv("HOME", "/tmp", 1);
  require(chdir("/tmp") == 0);
  printf("begin %s\n", arguments[1]);
  fflush(stdout);
  uint64_t start = now_nanos();
  int status = run(script);
  uint64_t nanos = now_nanos() - start;
  if (status == 0) {
    printf("row %s %016llx %llu\n", arguments[1], (unsigned long long)checksum_of_output(),
        (unsigned long long)nanos);
  } else {
    printf("%s has failed with status %x\n", script, (unsigned)status);
  }
  printf("end\n");
  fflush(stdout);
  reboot(RB_POWER_OFF);
  return 0;
}
