/* Code that programs write: patched, emitted and called, mixed with data. */
#include "work.h"

#include <sys/mman.h>

#define PAGE (4 * KIB)
#define BUFFER (64 * KIB)

typedef uint32_t function(uint32_t);

static unsigned char *buffer;

static void prepare(const struct row *row) {
  (void)row;
  if (buffer == NULL) {
    buffer = new_memory(BUFFER);
  }
  require(mprotect(buffer, BUFFER, PROT_READ | PROT_WRITE | PROT_EXEC) == 0);
}

static inline uint32_t call(const unsigned char *code, uint32_t argument) {
  return ((function *)(uintptr_t)code)(argument);
}

static unsigned char *put32(unsigned char *at, uint32_t value) {
  memcpy(at, &value, sizeof value);
  return at + sizeof value;
}

/* Changes the immediate of a function before each call. */
static uint64_t patch_immediate(const struct row *row) {
  unsigned char *at = buffer;
  *at++ = 0x8d, *at++ = 0x87; /* lea eax, [rdi + disp32] */
  unsigned char *immediate = at;
  at = put32(at, 0);
  *at = 0xc3; /* ret */
  uint64_t sum = 0;
  for (uint64_t i = 0; i < row->count; i++) {
    put32(immediate, (uint32_t)i * 3);
    sum += call(buffer, (uint32_t)i);
  }
  return sum;
}

/* A loop that changes an immediate of its own each time around. */
static uint64_t patch_own_loop(const struct row *row) {
  static const unsigned char loop[] = {
      0x31, 0xc0,                         /* xor eax, eax */
      0x89, 0x3d, 1,    0,    0,    0,    /* mov [rip + 1], edi: into the next instruction */
      0x05, 0,    0,    0,    0,          /* add eax, imm32 */
      0xd1, 0xc0,                         /* rol eax, 1 */
      0xff, 0xcf,                         /* dec edi */
      0x75, 0xef,                         /* jnz to the mov */
      0xc3,                               /* ret */
  };
  memcpy(buffer, loop, sizeof loop);
  return call(buffer, (uint32_t)row->count);
}

/* Writes a function of operations that look random; answers where it ends. */
static unsigned char *emit(unsigned char *at, uint64_t *state) {
  *at++ = 0x89, *at++ = 0xf8; /* mov eax, edi */
  for (uint64_t left = 8 + (next_random(state) & 15); left > 0; left--) {
    uint64_t random = next_random(state);
    switch (random >> 60 & 3) {
      case 0: *at++ = 0x05; break; /* add eax, imm32 */
      case 1: *at++ = 0x35; break; /* xor eax, imm32 */
      case 2: *at++ = 0x2d; break; /* sub eax, imm32 */
      default: *at++ = 0x69, *at++ = 0xc0; break; /* imul eax, eax, imm32 */
    }
    at = put32(at, (uint32_t)random);
  }
  *at++ = 0xc3; /* ret */
  return at;
}

enum { CALLS = 20 };

/* Functions one after another through the buffer, each called some times, as a guest's JIT does. */
static uint64_t emit_and_call(const struct row *row) {
  unsigned char *at = buffer;
  uint64_t state = 51, sum = 0;
  for (uint64_t i = 0; i < row->count; i++) {
    if (at > buffer + BUFFER - 256) {
      at = buffer;
    }
    unsigned char *code = at;
    at = emit(at, &state);
    for (uint32_t j = 0; j < CALLS; j++) {
      sum = mix(sum, call(code, j));
    }
  }
  return sum;
}

/* The same by a JIT that never has code writable and executable at once. */
static uint64_t emit_protected(const struct row *row) {
  uint64_t state = 53, sum = 0;
  unsigned char *page = buffer;
  for (uint64_t i = 0; i < row->count; i++) {
    require(mprotect(page, PAGE, PROT_READ | PROT_WRITE) == 0);
    emit(page, &state);
    require(mprotect(page, PAGE, PROT_READ | PROT_EXEC) == 0);
    for (uint32_t j = 0; j < CALLS; j++) {
      sum = mix(sum, call(page, j));
    }
    page = page + PAGE < buffer + BUFFER ? page + PAGE : buffer;
  }
  return sum;
}

/* A function with a variable in its own page, at some distance. */
static uint64_t data_beside_code(const struct row *row) {
  enum { DATA = 2048 };
  static const unsigned char code[] = {
      0x01, 0x3d, 0xfa, 0x07, 0, 0, /* add [rip + DATA - 6], edi */
      0x8b, 0x05, 0xf4, 0x07, 0, 0, /* mov eax, [rip + DATA - 12] */
      0xc3,                         /* ret */
  };
  memcpy(buffer, code, sizeof code);
  put32(buffer + DATA, 0);
  uint64_t sum = 0;
  for (uint64_t i = 0; i < row->count; i++) {
    sum += call(buffer, (uint32_t)i);
  }
  return sum;
}

const struct row code_rows[] = {
    {.name = "patch-immediate", .run = patch_immediate, .count = 40000, .prepare = prepare},
    {.name = "patch-own-loop", .run = patch_own_loop, .count = 30000, .prepare = prepare},
    {.name = "emit-and-call", .run = emit_and_call, .count = 6500, .prepare = prepare},
    {.name = "emit-protected", .run = emit_protected, .count = 5000, .prepare = prepare},
    {.name = "data-beside-code", .run = data_beside_code, .count = 750000, .prepare = prepare},
    {0},
};
