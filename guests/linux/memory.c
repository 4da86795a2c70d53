/* Virtual memory: protection faults, mappings, copy on write, code that is written while it runs. */
#include "answers.h"

#include <sys/mman.h>
#include <sys/wait.h>

#define PAGE 4096

static void write_byte(void *at) { *(volatile char *)at = 1; }
static void read_byte(void *at) { (void)*(volatile char *)at; }
static void call(void *at) { ((void (*)(void))at)(); }
static void invalid(void *unused) {
  (void)unused;
  __asm__ volatile("ud2");
}
static void breakpoint(void *unused) {
  (void)unused;
  __asm__ volatile("int3");
}

static int overflow(int depth) {
  volatile char frame[PAGE];
  frame[0] = (char)depth;
  return depth == 0 ? 0 : overflow(depth - 1) + frame[0] - (char)depth + 1;
}

static char *map(size_t pages, int protection) {
  char *at = mmap(NULL, pages * PAGE, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  require(at != MAP_FAILED);
  return at;
}

static void print(const char *name, struct caught caught, void *address) {
  printf("%s signal %d code %d address %d\n", name, caught.number, caught.code,
         caught.address == address);
}

void memory_protection(void) {
  char *page = map(3, PROT_READ | PROT_WRITE);
  print("writable", attempt(write_byte, page + 5), NULL);
  mprotect(page, PAGE, PROT_READ);
  print("read-only", attempt(write_byte, page + 5), page + 5);
  print("readable", attempt(read_byte, page + 5), NULL);
  mprotect(page, PAGE, PROT_NONE);
  print("none", attempt(read_byte, page + 7), page + 7);
  mprotect(page, PAGE, PROT_READ | PROT_WRITE);
  print("again", attempt(write_byte, page + 5), NULL);
  munmap(page + PAGE, PAGE);
  print("unmapped", attempt(read_byte, page + PAGE + 9), page + PAGE + 9);
  page[0] = (char)0xc3;
  mprotect(page, PAGE, PROT_READ | PROT_EXEC);
  print("execute", attempt(call, page), NULL);
  print("null", attempt(read_byte, NULL), NULL);
  struct caught undefined = attempt(invalid, NULL);
  printf("undefined %d %d\n", undefined.number == SIGILL, undefined.code == ILL_ILLOPN);
  printf("breakpoint %d\n", attempt(breakpoint, NULL).number == SIGTRAP);
  printf("deep stack %d\n", overflow(1000));
}

/* Apart from the others, since Debian's i386 kernel lets data be executed. */
void memory_no_execute(void) {
  char *page = map(1, PROT_READ | PROT_WRITE);
  page[0] = (char)0xc3;
  print("data", attempt(call, page), page);
  mprotect(page, PAGE, PROT_READ | PROT_EXEC);
  print("code", attempt(call, page), NULL);
  mprotect(page, PAGE, PROT_READ);
  print("data again", attempt(call, page), page);
}

void memory_mappings(void) {
  enum { PAGES = 2000 };
  char *area = map(PAGES, PROT_READ | PROT_WRITE);
  for (int i = 0; i < PAGES; i++) {
    area[i * PAGE + i] = (char)i;
  }
  uint32_t sum = 0;
  for (int i = 0; i < PAGES * PAGE; i++) {
    sum = sum * 31 + (unsigned char)area[i];
  }
  printf("touched %08x\n", sum);
  pid_t child = fork();
  if (child == 0) {
    for (int i = 0; i < PAGES; i++) {
      area[i * PAGE + i] ^= 0x55;
    }
    _exit(area[3 * PAGE + 3]);
  }
  int status;
  waitpid(child, &status, 0);
  printf("copy on write %x %x\n", WEXITSTATUS(status), area[3 * PAGE + 3]);
  madvise(area, PAGE * 8, MADV_DONTNEED);
  printf("dropped %d %d\n", area[3 * PAGE + 3], area[9 * PAGE + 9]);
  area = mremap(area, (size_t)PAGES * PAGE, 2 * (size_t)PAGES * PAGE, MREMAP_MAYMOVE);
  require(area != MAP_FAILED);
  printf("moved %d %d\n", area[9 * PAGE + 9], area[PAGES * PAGE]);

  char name[] = "/tmp/mappingXXXXXX";
  int file = mkstemp(name);
  require(file >= 0 && ftruncate(file, 2 * PAGE) == 0);
  char *first = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  char *second = mmap(NULL, 4 * PAGE, PROT_READ, MAP_SHARED, file, PAGE);
  require(first != MAP_FAILED && second != MAP_FAILED);
  strcpy(first + PAGE, "shared");
  printf("file %s\n", second);
  print("beyond", attempt(read_byte, second + PAGE), second + PAGE);
  unlink(name);
}

/* mov eax, imm32; ret */
static void assemble(unsigned char *code, uint32_t value) {
  code[0] = 0xb8;
  memcpy(code + 1, &value, 4);
  code[5] = 0xc3;
}

void memory_code(void) {
  unsigned char *code = (unsigned char *)map(2, PROT_READ | PROT_WRITE | PROT_EXEC);
  uint32_t sum = 0;
  for (uint32_t i = 0; i < 3000; i++) {
    /* Every third one lies across the pages' border. */
    unsigned char *at = code + (i % 3 == 0 ? PAGE - 3 : i % PAGE);
    assemble(at, i * 2654435761u);
    sum = sum * 33 + ((uint32_t(*)(void))at)();
  }
  printf("rewritten %08x\n", sum);
  assemble(code, 1);
  for (int i = 0; i < 20000; i++) {
    sum += ((uint32_t(*)(void))code)();
  }
  code[1] = 2;
  printf("patched %u\n", ((uint32_t(*)(void))code)());
  mprotect(code, PAGE, PROT_READ | PROT_WRITE);
  assemble(code, 3);
  mprotect(code, PAGE, PROT_READ | PROT_EXEC);
  printf("protected %u\n", ((uint32_t(*)(void))code)());
}
