/*
 * Executes instruction cases on the host's own CPU, so that Maloca's software CPU can be compared
 * with silicon. One process, one thread, user mode.
 *
 * The parent maps the same file. A doorbell byte on standard input names a slot of that file; the
 * runner executes every case of the slot's batch and answers with the same byte on standard output.
 * The layout of a batch is documented in CaseLayout.java; offsets that depend on the batch's kind
 * come from its header. Addresses are fixed, because both sides must compute the same ones.
 *
 * A case leaves normally through a jump placed behind its code, to exit_stub below. Everything else
 * arrives as a signal on the alternate stack, with the CPU's own vector, error code and CR2.
 *
 * Build: gcc -O2 -static -no-pie -fno-stack-protector -fcf-protection=none
 *            -Wl,-Ttext-segment=0x6b6b0000 silicon-runner.c
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <ucontext.h>
#include <unistd.h>

#define CODE_BASE 0x20000000UL
#define WINDOW_BASE 0x30000000UL
#define READ_ONLY_BASE 0x30003000UL
#define PAGE 4096
#define WINDOW_SIZE (2 * PAGE)
#define CODE_CAPACITY 32
#define MAGIC 0x314c414du /* "MAL1" */

enum { KIND_GPR, KIND_SSE, KIND_X87 };
enum { VECTOR_DB = 1, VECTOR_BP = 3, VECTOR_GP = 13, VECTOR_PF = 14 };
#define VECTOR_NONE 0xffffffffu
#define RFLAGS_RF 0x10000ULL
#define PF_FETCH 0x10u
#define HWCAP2_FSGSBASE_BIT 2

struct header {
  uint32_t magic, kind, count;
  volatile uint32_t progress;
  uint32_t input_stride, result_stride, patch_capacity, memory_capacity;
  uint32_t input_fp, result_fp;
  uint64_t inputs, results; /* from the start of the slot */
  uint64_t window_template, read_only_template;
};

struct input {
  uint64_t gpr[16];
  uint64_t rflags, fs_base, gs_base;
  uint32_t mxcsr;
  uint16_t patch_offset, patch_length;
  uint8_t code_length, instruction_count;
  uint16_t code_offset;
  uint16_t masks[4]; /* for the comparison only */
  uint32_t options;
  uint8_t code[CODE_CAPACITY];
  uint8_t patch[];
};

struct result {
  uint64_t gpr[16];
  uint64_t rflags, fs_base, gs_base;
  uint32_t mxcsr, reserved;
  uint64_t rip, cr2;
  uint32_t vector, error_code;
  uint32_t memory_low, memory_length;
  uint64_t memory_hash, reserved2;
  uint8_t memory[];
};

_Static_assert(__builtin_offsetof(struct input, code) == 176, "input layout");
_Static_assert(__builtin_offsetof(struct input, patch) == 208, "input layout");
_Static_assert(__builtin_offsetof(struct result, rip) == 160, "result layout");
_Static_assert(__builtin_offsetof(struct result, memory) == 208, "result layout");

/* Shared with the assembly. Used, not static: the compiler does not see those accesses. */
uint64_t host_rsp, host_fs, host_gs, code_target, saved_rdi;
struct result *current_result;
uint8_t *fp_input, *fp_result;
uint64_t fp_kind;
uint32_t host_mxcsr = 0x1f80;

static uint64_t code_start, code_end;

extern void enter_case(const struct input *in);
extern char exit_stub[], resume_host[];

__asm__(
    ".text\n"
    ".globl enter_case, exit_stub, resume_host\n"
    "enter_case:\n"
    "  push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
    "  mov %rsp, host_rsp(%rip)\n"
    "  mov fp_input(%rip), %rsi\n"
    "  mov fp_kind(%rip), %rax\n"
    "  test %eax, %eax\n"
    "  jz 3f\n"
    "  cmp $2, %eax\n"
    "  je 2f\n"
    "  movaps (%rsi), %xmm0\n"
    "  movaps 16(%rsi), %xmm1\n"
    "  movaps 32(%rsi), %xmm2\n"
    "  movaps 48(%rsi), %xmm3\n"
    "  movaps 64(%rsi), %xmm4\n"
    "  movaps 80(%rsi), %xmm5\n"
    "  movaps 96(%rsi), %xmm6\n"
    "  movaps 112(%rsi), %xmm7\n"
    "  movaps 128(%rsi), %xmm8\n"
    "  movaps 144(%rsi), %xmm9\n"
    "  movaps 160(%rsi), %xmm10\n"
    "  movaps 176(%rsi), %xmm11\n"
    "  movaps 192(%rsi), %xmm12\n"
    "  movaps 208(%rsi), %xmm13\n"
    "  movaps 224(%rsi), %xmm14\n"
    "  movaps 240(%rsi), %xmm15\n"
    "  ldmxcsr 152(%rdi)\n"
    "  jmp 3f\n"
    "2: fxrstor64 (%rsi)\n"
    "3: mov 136(%rdi), %rax\n"
    "  wrfsbase %rax\n"
    "  mov 144(%rdi), %rax\n"
    "  wrgsbase %rax\n"
    "  pushq 128(%rdi)\n"
    "  popfq\n"
    "  mov (%rdi), %rax\n"
    "  mov 8(%rdi), %rcx\n"
    "  mov 16(%rdi), %rdx\n"
    "  mov 24(%rdi), %rbx\n"
    "  mov 32(%rdi), %rsp\n"
    "  mov 40(%rdi), %rbp\n"
    "  mov 48(%rdi), %rsi\n"
    "  mov 64(%rdi), %r8\n"
    "  mov 72(%rdi), %r9\n"
    "  mov 80(%rdi), %r10\n"
    "  mov 88(%rdi), %r11\n"
    "  mov 96(%rdi), %r12\n"
    "  mov 104(%rdi), %r13\n"
    "  mov 112(%rdi), %r14\n"
    "  mov 120(%rdi), %r15\n"
    "  mov 56(%rdi), %rdi\n"
    "  jmp *code_target(%rip)\n"
    /* No instruction before pushfq may change a flag. */
    "exit_stub:\n"
    "  mov %rdi, saved_rdi(%rip)\n"
    "  mov current_result(%rip), %rdi\n"
    "  mov %rax, (%rdi)\n"
    "  mov %rcx, 8(%rdi)\n"
    "  mov %rdx, 16(%rdi)\n"
    "  mov %rbx, 24(%rdi)\n"
    "  mov %rsp, 32(%rdi)\n"
    "  mov %rbp, 40(%rdi)\n"
    "  mov %rsi, 48(%rdi)\n"
    "  mov saved_rdi(%rip), %rax\n"
    "  mov %rax, 56(%rdi)\n"
    "  mov %r8, 64(%rdi)\n"
    "  mov %r9, 72(%rdi)\n"
    "  mov %r10, 80(%rdi)\n"
    "  mov %r11, 88(%rdi)\n"
    "  mov %r12, 96(%rdi)\n"
    "  mov %r13, 104(%rdi)\n"
    "  mov %r14, 112(%rdi)\n"
    "  mov %r15, 120(%rdi)\n"
    "  mov host_rsp(%rip), %rsp\n"
    "  pushfq\n"
    "  popq 128(%rdi)\n"
    "  pushq $0x202\n" /* DF, AC and NT of the case end here */
    "  popfq\n"
    "  rdfsbase %rax\n"
    "  mov %rax, 136(%rdi)\n"
    "  rdgsbase %rax\n"
    "  mov %rax, 144(%rdi)\n"
    "  mov fp_result(%rip), %rsi\n"
    "  mov fp_kind(%rip), %rax\n"
    "  test %eax, %eax\n"
    "  jz resume_integer\n"
    "  cmp $2, %eax\n"
    "  je 4f\n"
    "  stmxcsr 152(%rdi)\n"
    "  movaps %xmm0, (%rsi)\n"
    "  movaps %xmm1, 16(%rsi)\n"
    "  movaps %xmm2, 32(%rsi)\n"
    "  movaps %xmm3, 48(%rsi)\n"
    "  movaps %xmm4, 64(%rsi)\n"
    "  movaps %xmm5, 80(%rsi)\n"
    "  movaps %xmm6, 96(%rsi)\n"
    "  movaps %xmm7, 112(%rsi)\n"
    "  movaps %xmm8, 128(%rsi)\n"
    "  movaps %xmm9, 144(%rsi)\n"
    "  movaps %xmm10, 160(%rsi)\n"
    "  movaps %xmm11, 176(%rsi)\n"
    "  movaps %xmm12, 192(%rsi)\n"
    "  movaps %xmm13, 208(%rsi)\n"
    "  movaps %xmm14, 224(%rsi)\n"
    "  movaps %xmm15, 240(%rsi)\n"
    "  ldmxcsr host_mxcsr(%rip)\n"
    "  jmp resume_integer\n"
    "4: fxsave64 (%rsi)\n"
    "  mov 24(%rsi), %eax\n"
    "  mov %eax, 152(%rdi)\n"
    "resume_host:\n"
    "  fninit\n"
    "  ldmxcsr host_mxcsr(%rip)\n"
    "resume_integer:\n"
    "  mov host_fs(%rip), %rax\n"
    "  wrfsbase %rax\n"
    "  mov host_gs(%rip), %rax\n"
    "  wrgsbase %rax\n"
    "  pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
    "  ret\n");

static const int greg_of[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
                                REG_RSI, REG_RDI, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                REG_R12, REG_R13, REG_R14, REG_R15};

static void copy(void *to, const void *from, uint64_t bytes) {
  __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes)::"memory");
}

/*
 * Runs with the case's FS base: nothing here may use thread-local storage, so nothing of libc.
 *
 * A case is over as soon as RIP is outside its code bytes. What the CPU makes of the next fetch
 * (the 0xCC filler's #BP, a page fault, the #GP of a non-canonical RIP, the single step that ends
 * on our exit) is therefore not the case's: only the RIP counts.
 */
static void on_fault(int signal, siginfo_t *info, void *context) {
  (void)signal;
  (void)info;
  ucontext_t *uc = context;
  greg_t *g = uc->uc_mcontext.gregs;
  struct result *r = current_result;
  uint64_t rip = g[REG_RIP];
  uint32_t vector = (uint32_t)g[REG_TRAPNO];
  uint32_t error = (uint32_t)g[REG_ERR];
  int outside = rip < code_start || rip >= code_end;

  r->vector = vector;
  r->rip = rip;
  r->error_code = error;
  r->cr2 = vector == VECTOR_PF ? (uint64_t)g[REG_CR2] : 0;
  if (vector == VECTOR_BP && (rip - 1 < code_start || rip - 1 >= code_end)) {
    r->vector = VECTOR_NONE;
    r->rip = rip - 1;
  } else if (vector == VECTOR_DB && rip == (uint64_t)exit_stub) {
    r->vector = VECTOR_NONE;
    r->rip = code_end;
  } else if (outside && (vector == VECTOR_GP || (vector == VECTOR_PF && (error & PF_FETCH)))) {
    r->vector = VECTOR_NONE;
  }
  if (r->vector == VECTOR_NONE) {
    r->error_code = 0;
    r->cr2 = 0;
  }

  for (int i = 0; i < 16; i++) r->gpr[i] = g[greg_of[i]];
  r->rflags = g[REG_EFL] & ~RFLAGS_RF;
  __asm__ volatile("rdfsbase %0" : "=r"(r->fs_base));
  __asm__ volatile("rdgsbase %0" : "=r"(r->gs_base));
  if (fp_kind != KIND_GPR) {
    const uint8_t *fx = (const uint8_t *)uc->uc_mcontext.fpregs;
    copy(&r->mxcsr, fx + 24, 4);
    if (fp_kind == KIND_SSE) copy(fp_result, fx + 160, 256);
    else copy(fp_result, fx, 416);
  }
  g[REG_RIP] = (greg_t)resume_host;
  g[REG_RSP] = host_rsp;
  g[REG_EFL] = 0x202;
}

static void die(const char *what) {
  perror(what);
  exit(2);
}

static void map_at(uint64_t address, uint64_t size, int protection) {
  void *p = mmap((void *)address, size, protection,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_POPULATE, -1, 0);
  if (p != (void *)address) die("mmap of a fixed address");
}

static uint8_t shadow[WINDOW_SIZE] __attribute__((aligned(64)));
static uint8_t *const window = (uint8_t *)WINDOW_BASE;
static uint8_t *const code_page = (uint8_t *)CODE_BASE;
static uint32_t placed_offset, placed_length;
static uint8_t placed[CODE_CAPACITY];

static void place_code(const struct input *in) {
  uint32_t length = in->code_length, offset = in->code_offset;
  if (placed_length == length && placed_offset == offset && !memcmp(placed, in->code, length))
    return;
  if (mprotect(code_page, PAGE, PROT_READ | PROT_WRITE)) die("mprotect of the code page");
  uint32_t old_end = placed_offset + placed_length + 5;
  if (old_end > PAGE) old_end = PAGE;
  memset(code_page + placed_offset, 0xcc, old_end - placed_offset);
  uint32_t fits = offset + length > PAGE ? PAGE - offset : length;
  memcpy(code_page + offset, in->code, fits);
  if (offset + length + 5 <= PAGE) {
    uint8_t *jump = code_page + offset + length;
    int32_t displacement = (int32_t)((uint64_t)exit_stub - (uint64_t)(jump + 5));
    jump[0] = 0xe9;
    memcpy(jump + 1, &displacement, 4);
  }
  /* A case's stray store must not change what later cases run into. */
  if (mprotect(code_page, PAGE, PROT_READ | PROT_EXEC)) die("mprotect of the code page");
  memcpy(placed, in->code, length);
  placed_offset = offset;
  placed_length = length;
}

typedef uint64_t word __attribute__((may_alias));

/* The changed bytes run from the first to the last that differs; longer ones than fit are hashed. */
static void report_memory(struct result *r, uint32_t capacity, const uint8_t *template,
                          uint32_t patch_offset, uint32_t patch_length) {
  uint32_t low = 0, high = WINDOW_SIZE;
  const word *a = (const word *)window, *b = (const word *)shadow;
  while (low < WINDOW_SIZE) {
    uint64_t difference = 0;
    for (int i = 0; i < 16; i++) difference |= a[low / 8 + i] ^ b[low / 8 + i];
    if (difference) break;
    low += 128;
  }
  r->memory_hash = 0;
  if (low == WINDOW_SIZE) {
    r->memory_low = 0;
    r->memory_length = 0;
  } else {
    while (window[low] == shadow[low]) low++;
    while (a[high / 8 - 1] == b[high / 8 - 1]) high -= 8;
    while (window[high - 1] == shadow[high - 1]) high--;
    uint32_t length = high - low;
    r->memory_low = low;
    r->memory_length = length;
    memcpy(r->memory, window + low, length < capacity ? length : capacity);
    if (length > capacity) {
      uint64_t hash = 0xcbf29ce484222325ULL;
      for (uint32_t i = low; i < high; i++) hash = (hash ^ window[i]) * 0x100000001b3ULL;
      r->memory_hash = hash;
    }
    memcpy(window + low, template + low, length);
  }
  memcpy(window + patch_offset, template + patch_offset, patch_length);
  memcpy(shadow + patch_offset, template + patch_offset, patch_length);
}

static void run_batch(uint8_t *slot) {
  struct header *h = (struct header *)slot;
  if (h->magic != MAGIC) die("no batch in this slot");
  const uint8_t *template = slot + h->window_template;
  memcpy(window, template, WINDOW_SIZE);
  memcpy(shadow, template, WINDOW_SIZE);
  if (memcmp((void *)READ_ONLY_BASE, slot + h->read_only_template, PAGE)) {
    mprotect((void *)READ_ONLY_BASE, PAGE, PROT_READ | PROT_WRITE);
    memcpy((void *)READ_ONLY_BASE, slot + h->read_only_template, PAGE);
    mprotect((void *)READ_ONLY_BASE, PAGE, PROT_READ);
  }
  fp_kind = h->kind;
  for (uint32_t i = 0; i < h->count; i++) {
    const struct input *in = (void *)(slot + h->inputs + (uint64_t)i * h->input_stride);
    struct result *r = (void *)(slot + h->results + (uint64_t)i * h->result_stride);
    uint32_t offset = in->patch_offset, length = in->patch_length;
    h->progress = i;
    if (length > h->patch_capacity || offset + length > WINDOW_SIZE || in->code_offset >= PAGE ||
        in->code_length > CODE_CAPACITY)
      die("malformed case");
    place_code(in);
    memcpy(window + offset, in->patch, length);
    memcpy(shadow + offset, in->patch, length);
    code_start = code_target = CODE_BASE + in->code_offset;
    code_end = code_start + in->code_length;
    current_result = r;
    fp_input = (uint8_t *)in + h->input_fp;
    fp_result = (uint8_t *)r + h->result_fp;
    r->rip = code_end;
    r->vector = VECTOR_NONE;
    r->error_code = 0;
    r->cr2 = 0;
    r->mxcsr = in->mxcsr;
    enter_case(in);
    report_memory(r, h->memory_capacity, template, offset, length);
  }
  h->progress = h->count;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: silicon-runner FILE SLOT-BYTES\n");
    return 2;
  }
  if (!(getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE_BIT)) {
    fprintf(stderr, "the kernel does not allow FSGSBASE\n");
    return 3;
  }
  int fd = open(argv[1], O_RDWR);
  if (fd < 0) die(argv[1]);
  struct stat st;
  if (fstat(fd, &st)) die("fstat");
  uint64_t slot_size = strtoull(argv[2], 0, 0);
  uint8_t *file = mmap(0, st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (file == MAP_FAILED) die("mmap of the shared file");

  map_at(CODE_BASE, PAGE, PROT_READ | PROT_WRITE);
  map_at(WINDOW_BASE, WINDOW_SIZE, PROT_READ | PROT_WRITE);
  map_at(READ_ONLY_BASE, PAGE, PROT_READ);
  memset(code_page, 0xcc, PAGE);
  __asm__ volatile("rdfsbase %0" : "=r"(host_fs));
  __asm__ volatile("rdgsbase %0" : "=r"(host_gs));

  static uint8_t alternate[256 * 1024] __attribute__((aligned(64)));
  stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
  if (sigaltstack(&stack, 0)) die("sigaltstack");
  struct sigaction action = {.sa_sigaction = on_fault,
                             .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
  const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
  for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++)
    if (sigaction(signals[i], &action, 0)) die("sigaction");

  uint8_t doorbell;
  while (read(0, &doorbell, 1) == 1) {
    run_batch(file + doorbell * slot_size);
    if (write(1, &doorbell, 1) != 1) die("write");
  }
  return 0;
}
