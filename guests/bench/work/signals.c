/* Signals: sent by kill, and raised by faults. */
#include "work.h"

#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

static volatile uint64_t caught;

static void handle(int number, void (*handler)(int, siginfo_t *, void *)) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  require(sigaction(number, &action, NULL) == 0);
}

static void count_signal(int number, siginfo_t *info, void *context) {
  (void)context;
  caught += (uint64_t)number + (info->si_code == SI_USER);
}

static uint64_t send_signals(const struct row *row) {
  handle(SIGUSR1, count_signal);
  pid_t self = getpid();
  caught = 0;
  for (uint64_t i = 0; i < row->count; i++) {
    require(kill(self, SIGUSR1) == 0);
  }
  return caught;
}

/* Goes on behind the instruction that faulted, whose length the row knows. */
static void skip(siginfo_t *info, void *context, int length) {
  caught += (uint64_t)info->si_code;
  ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += length;
}

static void skip_store(int number, siginfo_t *info, void *context) {
  (void)number;
  skip(info, context, 3);
}

/* Stores to a page that refuses them, as garbage collectors and virtual machines use it. */
static uint64_t protection_faults(const struct row *row) {
  void *page = new_memory(4096);
  require(mprotect(page, 4096, PROT_NONE) == 0);
  handle(SIGSEGV, skip_store);
  caught = 0;
  for (uint64_t i = 0; i < row->count; i++) {
    /* movb $1, (%rdi) */
    __asm__ volatile(".byte 0xc6, 0x07, 0x01" : : "D"(page) : "memory");
  }
  require(munmap(page, 4096) == 0);
  return caught;
}

static void skip_division(int number, siginfo_t *info, void *context) {
  (void)number;
  skip(info, context, 2);
}

static uint64_t divisions_by_zero(const struct row *row) {
  handle(SIGFPE, skip_division);
  caught = 0;
  for (uint64_t i = 0; i < row->count; i++) {
    uint32_t low = (uint32_t)i, high = 0;
    /* idivl %ecx */
    __asm__ volatile(".byte 0xf7, 0xf9" : "+a"(low), "+d"(high) : "c"(0) : "cc", "memory");
    caught += low;
  }
  return caught;
}

const struct row signal_rows[] = {
    {.name = "signal", .run = send_signals, .count = 15000},
    {.name = "sigsegv", .run = protection_faults, .count = 15000},
    {.name = "sigfpe", .run = divisions_by_zero, .count = 15000},
    {0},
};
