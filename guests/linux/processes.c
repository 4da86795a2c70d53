/* Processes: fork and exec, pipes, signals with their stacks and data, tracing by debug registers. */
#include "answers.h"

#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

void processes_forking(void) {
  int sum = 0;
  for (int i = 0; i < 30; i++) {
    pid_t child = fork();
    if (child == 0) {
      char command[32];
      snprintf(command, sizeof command, "exit %d", i * 3);
      execl("/bin/sh", "sh", "-c", command, NULL);
      _exit(255);
    }
    int status;
    require(waitpid(child, &status, 0) == child && WIFEXITED(status));
    sum += WEXITSTATUS(status);
  }
  printf("exits %d\n", sum);

  int ends[2];
  require(pipe(ends) == 0);
  pid_t writer = fork();
  if (writer == 0) {
    close(ends[0]);
    unsigned char block[997];
    for (uint32_t i = 0; i < 300; i++) {
      for (size_t j = 0; j < sizeof block; j++) {
        block[j] = (unsigned char)(i * 7 + j * 13);
      }
      for (size_t sent = 0; sent < sizeof block;) {
        ssize_t part = write(ends[1], block + sent, sizeof block - sent);
        require(part > 0);
        sent += (size_t)part;
      }
    }
    _exit(0);
  }
  close(ends[1]);
  uint32_t hash = 2166136261u, size = 0;
  unsigned char block[4096];
  for (ssize_t got; (got = read(ends[0], block, sizeof block)) > 0; size += (uint32_t)got) {
    for (ssize_t i = 0; i < got; i++) {
      hash = (hash ^ block[i]) * 16777619u;
    }
  }
  waitpid(writer, NULL, 0);
  printf("pipe %u %08x\n", size, hash);
}

static volatile sig_atomic_t count, data_sum, on_other_stack;
static char other_stack[65536];

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)number;
  (void)context;
  char here;
  count++;
  data_sum += info->si_value.sival_int;
  on_other_stack += &here >= other_stack && &here < other_stack + sizeof other_stack;
}

static volatile double kept;

void processes_signals(void) {
  stack_t stack = {.ss_sp = other_stack, .ss_size = sizeof other_stack};
  sigaltstack(&stack, NULL);
  struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigaction(SIGUSR1, &action, NULL);
  sigaction(SIGRTMIN, &action, NULL);
  for (int i = 0; i < 500; i++) {
    double before = i * 1.25;
    raise(SIGUSR1);
    kept += before;
  }
  printf("raised %d on stack %d kept %.2f\n", count, on_other_stack, kept);
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &blocked, NULL);
  count = data_sum = 0;
  for (int i = 0; i < 20; i++) {
    sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = i});
  }
  printf("held %d\n", count);
  sigprocmask(SIG_UNBLOCK, &blocked, NULL);
  printf("queued %d sum %d\n", count, data_sum);
  pid_t child = fork();
  if (child == 0) {
    for (;;) {
      pause();
    }
  }
  kill(child, SIGKILL);
  int status;
  waitpid(child, &status, 0);
  printf("killed by %d\n", WTERMSIG(status));
}

#ifdef __x86_64__
#define INSTRUCTION_POINTER(registers) (registers).rip
#else
#define INSTRUCTION_POINTER(registers) (registers).eip
#endif

static volatile int watched;

static void traced_child(void) {
  require(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0);
  __asm__ volatile(
      "int3\n"
      "mov $100, %%ecx\n"
      "1: dec %%ecx\n"
      "jnz 1b\n"
      "int3\n" ::
          : "ecx", "cc");
  watched = 77;
  _exit(0);
}

static unsigned char next_byte(pid_t child) {
  struct user_regs_struct registers;
  require(ptrace(PTRACE_GETREGS, child, NULL, &registers) == 0);
  return (unsigned char)ptrace(
      PTRACE_PEEKTEXT, child, (void *)(uintptr_t)INSTRUCTION_POINTER(registers), NULL);
}

static void set_debug_register(pid_t child, int index, uintptr_t value) {
  void *offset = (void *)(offsetof(struct user, u_debugreg) + sizeof(long) * (size_t)index);
  require(ptrace(PTRACE_POKEUSER, child, offset, (void *)value) == 0);
}

void processes_traced(void) {
  pid_t child = fork();
  if (child == 0) {
    traced_child();
  }
  int status;
  require(waitpid(child, &status, 0) == child);
  printf("stopped by %d\n", WSTOPSIG(status));
  int steps = 0;
  while (next_byte(child) != 0xcc) {
    require(ptrace(PTRACE_SINGLESTEP, child, NULL, NULL) == 0);
    require(waitpid(child, &status, 0) == child && WIFSTOPPED(status));
    steps++;
  }
  printf("steps %d\n", steps);
  ptrace(PTRACE_CONT, child, NULL, NULL);
  waitpid(child, &status, 0);
  set_debug_register(child, 0, (uintptr_t)&watched);
  set_debug_register(child, 7, 0xd0001);
  ptrace(PTRACE_CONT, child, NULL, NULL);
  waitpid(child, &status, 0);
  void *dr6 = (void *)(offsetof(struct user, u_debugreg) + sizeof(long) * 6);
  printf("watched %d stopped %d which %ld\n",
         (int)ptrace(PTRACE_PEEKDATA, child, (void *)&watched, NULL), WIFSTOPPED(status),
         ptrace(PTRACE_PEEKUSER, child, dr6, NULL) & 0xf);
  ptrace(PTRACE_CONT, child, NULL, NULL);
  waitpid(child, &status, 0);
  printf("exited %d\n", WIFEXITED(status));
}
