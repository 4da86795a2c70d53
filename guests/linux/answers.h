/* Computations with known answers, for guests whose CPU is in doubt. */
#ifndef ANSWERS_H
#define ANSWERS_H

#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void floating_double(void);
void floating_x87(void);
void floating_sse(void);
void floating_exceptions(void);
void memory_protection(void);
void memory_no_execute(void);
void memory_mappings(void);
void memory_code(void);
void threads_counting(void);
void threads_waiting(void);
void processes_forking(void);
void processes_signals(void);
void processes_traced(void);
void clock_time(void);
void clock_timers(void);

/* Ends the program with a line on what went wrong unless it holds. */
#define require(condition)                                              \
  do {                                                                  \
    if (!(condition)) {                                                 \
      printf("%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
      exit(1);                                                          \
    }                                                                   \
  } while (0)

/* The signal that attempt() caught: number, si_code and address. */
struct caught {
  int number;
  int code;
  void *address;
};

/* Runs action(argument); a fault in it ends it and is told, number 0 means none. */
struct caught attempt(void (*action)(void *), void *argument);

#endif
