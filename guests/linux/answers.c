/* answers NAME: prints the answers of one computation. */
#include "answers.h"

static const struct {
  const char *name;
  void (*print)(void);
} computations[] = {
    {"double", floating_double},
    {"x87", floating_x87},
    {"sse", floating_sse},
    {"exceptions", floating_exceptions},
    {"protection", memory_protection},
    {"no-execute", memory_no_execute},
    {"mappings", memory_mappings},
    {"code", memory_code},
    {"counting", threads_counting},
    {"waiting", threads_waiting},
    {"forking", processes_forking},
    {"signals", processes_signals},
    {"traced", processes_traced},
    {"time", clock_time},
    {"timers", clock_timers},
};

static sigjmp_buf escape;
static struct caught caught;

static void on_fault(int number, siginfo_t *info, void *context) {
  (void)context;
  caught = (struct caught){number, info->si_code, info->si_addr};
  siglongjmp(escape, 1);
}

struct caught attempt(void (*action)(void *), void *argument) {
  static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
  struct sigaction handler = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
    sigaction(faults[i], &handler, NULL);
  }
  caught = (struct caught){0};
  if (sigsetjmp(escape, 1) == 0) {
    action(argument);
  }
  return caught;
}

int main(int count, char **arguments) {
  setvbuf(stdout, NULL, _IONBF, 0);
  for (size_t i = 0; i < sizeof computations / sizeof *computations; i++) {
    if (count == 2 && strcmp(arguments[1], computations[i].name) == 0) {
      computations[i].print();
      return 0;
    }
  }
  fputs("usage: answers NAME\n", stderr);
  return 2;
}
