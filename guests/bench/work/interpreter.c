/* An interpreter of bytecode, with the two kinds of dispatch that C programs have. */
#include "work.h"

/* Registers are named by a, b and c; jumps are relative to the next instruction. */
enum {
  LOAD_IMMEDIATE,
  MOVE,
  ADD,
  ADD_IMMEDIATE,
  SUBTRACT,
  MULTIPLY,
  AND_IMMEDIATE,
  XOR,
  SHIFT_RIGHT,
  LOAD,
  STORE,
  JUMP,
  JUMP_IF_LESS,
  JUMP_IF_ZERO,
  CALL,
  RETURN,
  HALT,
};

struct code {
  uint8_t operation;
  uint8_t a, b;
  int8_t c;
};

enum { N, I, J, SUM, SEED, T, U, ONE };

/*
 * For i from 0 to n: seed = f(seed); memory[i & 63] ^= seed; with a loop of t = i & 7 rounds that
 * adds what memory holds. f is a function of its own.
 */
static const struct code program[] = {
    {LOAD_IMMEDIATE, I, 0, 0},
    {LOAD_IMMEDIATE, SUM, 0, 0},
    {LOAD_IMMEDIATE, SEED, 0, 77},
    {LOAD_IMMEDIATE, ONE, 0, 1},
    /* 4: the outer loop */
    {CALL, 0, 0, 20},
    {AND_IMMEDIATE, T, I, 63},
    {LOAD, U, T, 0},
    {XOR, U, SEED, U},
    {STORE, U, T, 0},
    {AND_IMMEDIATE, J, I, 7},
    /* 10: the inner loop */
    {JUMP_IF_ZERO, J, 0, 7},
    {ADD, T, J, I},
    {AND_IMMEDIATE, T, T, 63},
    {LOAD, U, T, 0},
    {SHIFT_RIGHT, U, U, 3},
    {ADD, SUM, SUM, U},
    {SUBTRACT, J, J, ONE},
    {JUMP, 0, 0, -8},
    /* 18 */
    {AND_IMMEDIATE, T, SUM, 1},
    {JUMP_IF_ZERO, T, 0, 1},
    {XOR, SUM, SUM, SEED},
    {ADD_IMMEDIATE, I, I, 1},
    {JUMP_IF_LESS, I, N, -19},
    {MOVE, 0, SUM, 0},
    {HALT, 0, 0, 0},
    /* 25: f */
    {SHIFT_RIGHT, T, SEED, 13},
    {XOR, SEED, SEED, T},
    {LOAD_IMMEDIATE, U, 0, 101},
    {MULTIPLY, SEED, SEED, U},
    {ADD_IMMEDIATE, SEED, SEED, 17},
    {RETURN, 0, 0, 0},
};

static uint64_t by_switch(const struct row *row) {
  uint64_t r[8] = {[N] = row->count}, memory[64] = {0};
  const struct code *stack[4], **top = stack;
  for (const struct code *at = program;;) {
    const struct code *code = at++;
    switch (code->operation) {
      case LOAD_IMMEDIATE: r[code->a] = (uint64_t)code->c; break;
      case MOVE: r[code->a] = r[code->b]; break;
      case ADD: r[code->a] = r[code->b] + r[(uint8_t)code->c]; break;
      case ADD_IMMEDIATE: r[code->a] = r[code->b] + (uint64_t)code->c; break;
      case SUBTRACT: r[code->a] = r[code->b] - r[(uint8_t)code->c]; break;
      case MULTIPLY: r[code->a] = r[code->b] * r[(uint8_t)code->c]; break;
      case AND_IMMEDIATE: r[code->a] = r[code->b] & (uint64_t)code->c; break;
      case XOR: r[code->a] = r[code->b] ^ r[(uint8_t)code->c]; break;
      case SHIFT_RIGHT: r[code->a] = r[code->b] >> code->c; break;
      case LOAD: r[code->a] = memory[r[code->b]]; break;
      case STORE: memory[r[code->b]] = r[code->a]; break;
      case JUMP: at += code->c; break;
      case JUMP_IF_LESS: at += r[code->a] < r[code->b] ? code->c : 0; break;
      case JUMP_IF_ZERO: at += r[code->a] == 0 ? code->c : 0; break;
      case CALL: *top++ = at; at += code->c; break;
      case RETURN: at = *--top; break;
      case HALT: return mix_bytes(r[0], memory, sizeof memory);
    }
  }
}

/* Has a jump of its own behind each operation, as CPython's loop has. */
static uint64_t by_goto(const struct row *row) {
  static const void *const labels[] = {
      &&load_immediate, &&move,  &&add,   &&add_immediate, &&subtract,     &&multiply,
      &&and_immediate,  &&xor,   &&shift, &&load,          &&store,        &&jump,
      &&jump_if_less,   &&jump_if_zero,   &&call,          &&return_,      &&halt,
  };
  uint64_t r[8] = {[N] = row->count}, memory[64] = {0};
  const struct code *stack[4], **top = stack;
  const struct code *at = program, *code;
#define NEXT goto *labels[(code = at++)->operation]
  NEXT;
load_immediate: r[code->a] = (uint64_t)code->c; NEXT;
move: r[code->a] = r[code->b]; NEXT;
add: r[code->a] = r[code->b] + r[(uint8_t)code->c]; NEXT;
add_immediate: r[code->a] = r[code->b] + (uint64_t)code->c; NEXT;
subtract: r[code->a] = r[code->b] - r[(uint8_t)code->c]; NEXT;
multiply: r[code->a] = r[code->b] * r[(uint8_t)code->c]; NEXT;
and_immediate: r[code->a] = r[code->b] & (uint64_t)code->c; NEXT;
xor: r[code->a] = r[code->b] ^ r[(uint8_t)code->c]; NEXT;
shift: r[code->a] = r[code->b] >> code->c; NEXT;
load: r[code->a] = memory[r[code->b]]; NEXT;
store: memory[r[code->b]] = r[code->a]; NEXT;
jump: at += code->c; NEXT;
jump_if_less: at += r[code->a] < r[code->b] ? code->c : 0; NEXT;
jump_if_zero: at += r[code->a] == 0 ? code->c : 0; NEXT;
call: *top++ = at; at += code->c; NEXT;
return_: at = *--top; NEXT;
halt: return mix_bytes(r[0], memory, sizeof memory);
#undef NEXT
}

const struct row interpreter_rows[] = {
    {.name = "interpreter-switch", .run = by_switch, .count = 650000},
    {.name = "interpreter-goto", .run = by_goto, .count = 700000},
    {0},
};
