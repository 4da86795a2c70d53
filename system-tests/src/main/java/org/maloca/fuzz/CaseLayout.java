package org.maloca.fuzz;

/**
 * The layout of a batch, shared with {@code silicon-runner.c}; all little-endian.
 *
 * <pre>
 * slot   header (4 KiB) | window template (8 KiB) | read-only page (4 KiB) | inputs | results
 *
 * header 0 magic  4 kind  8 count  12 progress  16 input stride  20 result stride
 *        24 patch capacity  28 memory capacity  32 input fp offset  36 result fp offset
 *        40 inputs  48 results  56 window template  64 read-only page   (u64, from the slot)
 *
 * input  0 gpr[16]  128 rflags  136 fsBase  144 gsBase  152 mxcsr(u32)
 *        156 patchOffset(u16)  158 patchLength(u16)
 *        160 codeLength(u8)  161 instructionCount(u8)  162 codeOffset(u16)
 *        164 undefined flags, SDM (u16)  166 the same, as this silicon (u16)
 *        168 undefined x87 status bits, SDM (u16)  170 the same, as this silicon (u16)
 *        172 compare options (u32)  176 code[32]  208 patch[]  then xmm[16] or fxsave[512]
 *
 * result 0 gpr[16]  128 rflags  136 fsBase  144 gsBase  152 mxcsr(u32)
 *        160 rip  168 cr2  176 vector(u32)  180 errorCode(u32)
 *        184 memoryLow(u32)  188 memoryLength(u32)  192 memoryHash  208 memory[]
 *        then xmm[16] or fxsave[512]
 * </pre>
 *
 * General registers are in encoding order: RAX RCX RDX RBX RSP RBP RSI RDI R8 to R15.
 */
final class CaseLayout {
  static final int MAGIC = 0x314c414d;

  static final int HEADER_MAGIC = 0;
  static final int HEADER_KIND = 4;
  static final int HEADER_COUNT = 8;
  static final int HEADER_PROGRESS = 12;
  static final int HEADER_INPUT_STRIDE = 16;
  static final int HEADER_RESULT_STRIDE = 20;
  static final int HEADER_PATCH_CAPACITY = 24;
  static final int HEADER_MEMORY_CAPACITY = 28;
  static final int HEADER_INPUT_FP = 32;
  static final int HEADER_RESULT_FP = 36;
  static final int HEADER_INPUTS = 40;
  static final int HEADER_RESULTS = 48;
  static final int HEADER_WINDOW_TEMPLATE = 56;
  static final int HEADER_READ_ONLY_PAGE = 64;

  static final int SLOT_WINDOW_TEMPLATE = 4096;
  static final int SLOT_READ_ONLY_PAGE = 4096 * 3;
  static final int SLOT_INPUTS = 4096 * 4;

  static final int GPR = 0;
  static final int RFLAGS = 128;
  static final int FS_BASE = 136;
  static final int GS_BASE = 144;
  static final int MXCSR = 152;

  static final int INPUT_PATCH_OFFSET = 156;
  static final int INPUT_PATCH_LENGTH = 158;
  static final int INPUT_CODE_LENGTH = 160;
  static final int INPUT_INSTRUCTION_COUNT = 161;
  static final int INPUT_CODE_OFFSET = 162;
  static final int INPUT_UNDEFINED_FLAGS = 164;
  static final int INPUT_UNDEFINED_FLAGS_SILICON = 166;
  static final int INPUT_UNDEFINED_STATUS = 168;
  static final int INPUT_UNDEFINED_STATUS_SILICON = 170;
  static final int INPUT_OPTIONS = 172;
  static final int INPUT_CODE = 176;
  static final int INPUT_PATCH = 208;

  static final int RESULT_RIP = 160;
  static final int RESULT_CR2 = 168;
  static final int RESULT_VECTOR = 176;
  static final int RESULT_ERROR_CODE = 180;
  static final int RESULT_MEMORY_LOW = 184;
  static final int RESULT_MEMORY_LENGTH = 188;
  static final int RESULT_MEMORY_HASH = 192;
  static final int RESULT_MEMORY = 208;

  private CaseLayout() {}
}
