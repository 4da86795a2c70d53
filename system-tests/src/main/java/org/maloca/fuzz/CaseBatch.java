package org.maloca.fuzz;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.maloca.fuzz.CaseLayout.*;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A batch of cases of one kind: their initial states and, once executed, their results. Named
 * accessors over the memory that {@link CaseLayout} describes.
 *
 * <p>A case ends with a fault, or as soon as RIP is outside {@code [codeGva, codeGva +
 * codeLength)}: the next fetch is not part of it. A thread may fill or execute one batch at a time.
 */
public final class CaseBatch {
  /** {@link #vector} of a case that ended without a fault. */
  public static final int NO_FAULT = -1;

  /** Results of st(i) may differ in the last bits: transcendental functions. */
  public static final int OPTION_X87_APPROXIMATE = 1;

  /** XMM results may differ by the error the manual grants to RCPPS and RSQRTPS. */
  public static final int OPTION_SSE_APPROXIMATE = 2;

  /** The changed memory holds the x87 pointers and reserved bytes of an FXSAVE image. */
  public static final int OPTION_STORES_FXSAVE = 4;

  /** The changed memory holds an x87 environment, whose pointers are model-specific. */
  public static final int OPTION_STORES_ENVIRONMENT = 8;

  /** That environment has the 16-bit format. */
  public static final int OPTION_ENVIRONMENT_16 = 16;

  // The upper half of the options is the window offset of a stored x87 state.

  static final int CODE_CAPACITY = 32;

  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

  private final CaseKind kind;
  private final int capacity;
  private final MemorySegment slot;
  private final MemorySegment results;
  private final long resultsAt;
  private final int inputStride;
  private final int resultStride;

  private CaseBatch(
      CaseKind kind, int capacity, MemorySegment slot, MemorySegment results, long resultsAt) {
    this.kind = kind;
    this.capacity = capacity;
    this.slot = slot;
    this.results = results;
    this.resultsAt = resultsAt;
    inputStride = kind.inputStride();
    resultStride = kind.resultStride();
  }

  /** Bytes that a batch of {@code capacity} cases occupies. */
  public static long slotBytes(CaseKind kind, int capacity) {
    return SLOT_INPUTS + (long) capacity * (kind.inputStride() + kind.resultStride());
  }

  /** Lays an empty batch out in {@code slot} and writes its header and its fixed pages. */
  public static CaseBatch in(MemorySegment slot, CaseKind kind, int capacity) {
    long results = SLOT_INPUTS + (long) capacity * kind.inputStride();
    slot.set(INT, HEADER_MAGIC, MAGIC);
    slot.set(INT, HEADER_KIND, kind.ordinal());
    slot.set(INT, HEADER_COUNT, 0);
    slot.set(INT, HEADER_PROGRESS, 0);
    slot.set(INT, HEADER_INPUT_STRIDE, kind.inputStride());
    slot.set(INT, HEADER_RESULT_STRIDE, kind.resultStride());
    slot.set(INT, HEADER_PATCH_CAPACITY, kind.patchCapacity());
    slot.set(INT, HEADER_MEMORY_CAPACITY, kind.memoryCapacity());
    slot.set(INT, HEADER_INPUT_FP, kind.inputFp());
    slot.set(INT, HEADER_RESULT_FP, kind.resultFp());
    slot.set(LONG, HEADER_INPUTS, SLOT_INPUTS);
    slot.set(LONG, HEADER_RESULTS, results);
    slot.set(LONG, HEADER_WINDOW_TEMPLATE, SLOT_WINDOW_TEMPLATE);
    slot.set(LONG, HEADER_READ_ONLY_PAGE, SLOT_READ_ONLY_PAGE);
    for (int at = SLOT_WINDOW_TEMPLATE; at < SLOT_INPUTS; at += 8) {
      slot.set(LONG, at, pattern(at));
    }
    return new CaseBatch(kind, capacity, slot, slot, results);
  }

  /** SplitMix64's mixing, spelt out: recorded cases depend on it. */
  private static long pattern(int at) {
    long z = (at + 1) * 0x9e3779b97f4a7c15L;
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }

  /** An empty batch in memory of its own, freed with {@code arena}. */
  public static CaseBatch in(Arena arena, CaseKind kind, int capacity) {
    return in(arena.allocate(slotBytes(kind, capacity), 64), kind, capacity);
  }

  /** A view of the same cases with results of its own, for a second executor. */
  public CaseBatch sibling() {
    var own = Arena.ofAuto().allocate((long) capacity * resultStride, 64);
    return new CaseBatch(kind, capacity, slot, own, 0);
  }

  public CaseKind kind() {
    return kind;
  }

  public int capacity() {
    return capacity;
  }

  /** Number of cases. */
  public int size() {
    return slot.get(INT, HEADER_COUNT);
  }

  void size(int cases) {
    slot.set(INT, HEADER_COUNT, cases);
    slot.set(INT, HEADER_PROGRESS, 0);
  }

  /** The case the runner was at when it died. */
  int progress() {
    return slot.get(INT, HEADER_PROGRESS);
  }

  MemorySegment slot() {
    return slot;
  }

  /** What the data window holds before a case's patch is applied; 8 KiB. */
  public MemorySegment windowTemplate() {
    return slot.asSlice(SLOT_WINDOW_TEMPLATE, CaseSpace.WINDOW_BYTES);
  }

  /** What the read-only page holds; 4 KiB. */
  public MemorySegment readOnlyPage() {
    return slot.asSlice(SLOT_READ_ONLY_PAGE, CaseSpace.PAGE_BYTES);
  }

  // ---- initial state

  private long input(int index) {
    return SLOT_INPUTS + (long) index * inputStride;
  }

  public long gpr(int index, int register) {
    return slot.get(LONG, input(index) + GPR + register * 8L);
  }

  public void gpr(int index, int register, long value) {
    slot.set(LONG, input(index) + GPR + register * 8L, value);
  }

  public long rflags(int index) {
    return slot.get(LONG, input(index) + RFLAGS);
  }

  public void rflags(int index, long value) {
    slot.set(LONG, input(index) + RFLAGS, value);
  }

  public long fsBase(int index) {
    return slot.get(LONG, input(index) + FS_BASE);
  }

  public void fsBase(int index, long gva) {
    slot.set(LONG, input(index) + FS_BASE, gva);
  }

  public long gsBase(int index) {
    return slot.get(LONG, input(index) + GS_BASE);
  }

  public void gsBase(int index, long gva) {
    slot.set(LONG, input(index) + GS_BASE, gva);
  }

  /** For {@link CaseKind#X87} the image's MXCSR counts, not this one. */
  public int mxcsr(int index) {
    return slot.get(INT, input(index) + MXCSR);
  }

  public void mxcsr(int index, int value) {
    slot.set(INT, input(index) + MXCSR, value);
  }

  /** Where in the data window this case's own bytes begin. */
  public int patchOffset(int index) {
    return slot.get(SHORT, input(index) + INPUT_PATCH_OFFSET) & 0xffff;
  }

  public int patchLength(int index) {
    return slot.get(SHORT, input(index) + INPUT_PATCH_LENGTH) & 0xffff;
  }

  public void patch(int index, int offset, int length) {
    if (length > kind.patchCapacity() || offset < 0 || offset + length > CaseSpace.WINDOW_BYTES) {
      throw new IllegalArgumentException("patch " + offset + "+" + length);
    }
    slot.set(SHORT, input(index) + INPUT_PATCH_OFFSET, (short) offset);
    slot.set(SHORT, input(index) + INPUT_PATCH_LENGTH, (short) length);
  }

  /** The patch's bytes, all of the capacity. */
  public MemorySegment patchBytes(int index) {
    return slot.asSlice(input(index) + INPUT_PATCH, kind.patchCapacity());
  }

  public byte patchByte(int index, int at) {
    return slot.get(JAVA_BYTE, input(index) + INPUT_PATCH + at);
  }

  public void patchByte(int index, int at, int value) {
    slot.set(JAVA_BYTE, input(index) + INPUT_PATCH + at, (byte) value);
  }

  public void patchLong(int index, int at, long value) {
    slot.set(LONG, input(index) + INPUT_PATCH + at, value);
  }

  public long patchLong(int index, int at) {
    return slot.get(LONG, input(index) + INPUT_PATCH + at);
  }

  /** Copies the patch into {@code window}. */
  public void copyPatch(int index, MemorySegment window) {
    MemorySegment.copy(
        slot, input(index) + INPUT_PATCH, window, patchOffset(index), patchLength(index));
  }

  public int codeLength(int index) {
    return slot.get(JAVA_BYTE, input(index) + INPUT_CODE_LENGTH) & 0xff;
  }

  /** Instructions in the code, if none faults or branches. */
  public int instructionCount(int index) {
    return slot.get(JAVA_BYTE, input(index) + INPUT_INSTRUCTION_COUNT) & 0xff;
  }

  /** Offset of the first code byte in the code page; bytes behind that page are not there. */
  public int codeOffset(int index) {
    return slot.get(SHORT, input(index) + INPUT_CODE_OFFSET) & 0xffff;
  }

  /** The initial RIP. */
  public long codeGva(int index) {
    return CaseSpace.CODE_GVA + codeOffset(index);
  }

  public byte codeByte(int index, int at) {
    return slot.get(JAVA_BYTE, input(index) + INPUT_CODE + at);
  }

  public byte[] code(int index) {
    return slot.asSlice(input(index) + INPUT_CODE, codeLength(index)).toArray(JAVA_BYTE);
  }

  /** Whether two cases of this batch have the same code at the same place. */
  public boolean sameCode(int index, int other) {
    long a = input(index);
    long b = input(other);
    return slot.get(INT, a + INPUT_CODE_LENGTH) == slot.get(INT, b + INPUT_CODE_LENGTH)
        && slot.get(LONG, a + INPUT_CODE) == slot.get(LONG, b + INPUT_CODE)
        && slot.get(LONG, a + INPUT_CODE + 8) == slot.get(LONG, b + INPUT_CODE + 8)
        && slot.get(LONG, a + INPUT_CODE + 16) == slot.get(LONG, b + INPUT_CODE + 16)
        && slot.get(LONG, a + INPUT_CODE + 24) == slot.get(LONG, b + INPUT_CODE + 24);
  }

  public void code(int index, int offset, int instructions, byte[] code, int length) {
    long at = input(index);
    slot.set(JAVA_BYTE, at + INPUT_CODE_LENGTH, (byte) length);
    slot.set(JAVA_BYTE, at + INPUT_INSTRUCTION_COUNT, (byte) instructions);
    slot.set(SHORT, at + INPUT_CODE_OFFSET, (short) offset);
    slot.asSlice(at + INPUT_CODE, CODE_CAPACITY).fill((byte) 0);
    MemorySegment.copy(code, 0, slot, JAVA_BYTE, at + INPUT_CODE, length);
  }

  /** Status flags the manual leaves undefined here (not compared). */
  public int undefinedFlags(int index, boolean asSilicon) {
    int field = asSilicon ? INPUT_UNDEFINED_FLAGS_SILICON : INPUT_UNDEFINED_FLAGS;
    return slot.get(SHORT, input(index) + field) & 0xffff;
  }

  /** x87 status word bits the manual leaves undefined here (not compared). */
  public int undefinedStatus(int index, boolean asSilicon) {
    int field = asSilicon ? INPUT_UNDEFINED_STATUS_SILICON : INPUT_UNDEFINED_STATUS;
    return slot.get(SHORT, input(index) + field) & 0xffff;
  }

  /** {@code OPTION_} bits. */
  public int options(int index) {
    return slot.get(INT, input(index) + INPUT_OPTIONS);
  }

  void masks(int index, int flags, int flagsSilicon, int status, int statusSilicon, int options) {
    long at = input(index);
    slot.set(SHORT, at + INPUT_UNDEFINED_FLAGS, (short) flags);
    slot.set(SHORT, at + INPUT_UNDEFINED_FLAGS_SILICON, (short) flagsSilicon);
    slot.set(SHORT, at + INPUT_UNDEFINED_STATUS, (short) status);
    slot.set(SHORT, at + INPUT_UNDEFINED_STATUS_SILICON, (short) statusSilicon);
    slot.set(INT, at + INPUT_OPTIONS, options);
  }

  /** Half of an XMM register ({@link CaseKind#SSE}, and through the image {@link CaseKind#X87}). */
  public long xmm(int index, int register, int half) {
    return fpLong(index, xmmAt(register, half));
  }

  public void xmm(int index, int register, int half, long value) {
    fpLong(index, xmmAt(register, half), value);
  }

  /** Eight bytes of the FXSAVE64 image, or of the XMM registers. */
  public long fpLong(int index, int at) {
    return slot.get(LONG, input(index) + kind.inputFp() + at);
  }

  public void fpLong(int index, int at, long value) {
    slot.set(LONG, input(index) + kind.inputFp() + at, value);
  }

  /** The FXSAVE64 image, or the XMM registers. */
  public MemorySegment fpState(int index) {
    return slot.asSlice(input(index) + kind.inputFp(), kind == CaseKind.X87 ? 512 : 256);
  }

  // ---- results

  private long result(int index) {
    return resultsAt + (long) index * resultStride;
  }

  public long resultGpr(int index, int register) {
    return results.get(LONG, result(index) + GPR + register * 8L);
  }

  public void resultGpr(int index, int register, long value) {
    results.set(LONG, result(index) + GPR + register * 8L, value);
  }

  public long resultRflags(int index) {
    return results.get(LONG, result(index) + RFLAGS);
  }

  /** RF is never part of a result. */
  public void resultRflags(int index, long value) {
    results.set(LONG, result(index) + RFLAGS, value);
  }

  public long resultFsBase(int index) {
    return results.get(LONG, result(index) + FS_BASE);
  }

  public void resultFsBase(int index, long gva) {
    results.set(LONG, result(index) + FS_BASE, gva);
  }

  public long resultGsBase(int index) {
    return results.get(LONG, result(index) + GS_BASE);
  }

  public void resultGsBase(int index, long gva) {
    results.set(LONG, result(index) + GS_BASE, gva);
  }

  public int resultMxcsr(int index) {
    return results.get(INT, result(index) + MXCSR);
  }

  public void resultMxcsr(int index, int value) {
    results.set(INT, result(index) + MXCSR, value);
  }

  public long resultRip(int index) {
    return results.get(LONG, result(index) + RESULT_RIP);
  }

  public void resultRip(int index, long gva) {
    results.set(LONG, result(index) + RESULT_RIP, gva);
  }

  /** Vector of the fault or trap that ended the case, or {@link #NO_FAULT}. */
  public int vector(int index) {
    return results.get(INT, result(index) + RESULT_VECTOR);
  }

  public int errorCode(int index) {
    return results.get(INT, result(index) + RESULT_ERROR_CODE);
  }

  public long cr2(int index) {
    return results.get(LONG, result(index) + RESULT_CR2);
  }

  /** No fault. */
  public void completed(int index) {
    fault(index, NO_FAULT, 0, 0);
  }

  /** Vectors without an error code give 0; only #PF gives {@code cr2}. */
  public void fault(int index, int vector, int errorCode, long cr2) {
    long at = result(index);
    results.set(INT, at + RESULT_VECTOR, vector);
    results.set(INT, at + RESULT_ERROR_CODE, errorCode);
    results.set(LONG, at + RESULT_CR2, cr2);
  }

  public int memoryLow(int index) {
    return results.get(INT, result(index) + RESULT_MEMORY_LOW);
  }

  /** Changed bytes of the data window, from the first to the last; 0 when none. */
  public int memoryLength(int index) {
    return results.get(INT, result(index) + RESULT_MEMORY_LENGTH);
  }

  public long memoryHash(int index) {
    return results.get(LONG, result(index) + RESULT_MEMORY_HASH);
  }

  public byte memoryByte(int index, int at) {
    return results.get(JAVA_BYTE, result(index) + RESULT_MEMORY + at);
  }

  public void memoryByte(int index, int at, int value) {
    results.set(JAVA_BYTE, result(index) + RESULT_MEMORY + at, (byte) value);
  }

  /** The changed range; see {@link DataWindow#finish}, which fills it. */
  void memory(int index, int low, int length, long hash) {
    long at = result(index);
    results.set(INT, at + RESULT_MEMORY_LOW, low);
    results.set(INT, at + RESULT_MEMORY_LENGTH, length);
    results.set(LONG, at + RESULT_MEMORY_HASH, hash);
  }

  MemorySegment memoryBytes(int index) {
    return results.asSlice(result(index) + RESULT_MEMORY, kind.memoryCapacity());
  }

  public long resultXmm(int index, int register, int half) {
    return resultFpLong(index, xmmAt(register, half));
  }

  public void resultXmm(int index, int register, int half, long value) {
    resultFpLong(index, xmmAt(register, half), value);
  }

  public long resultFpLong(int index, int at) {
    return results.get(LONG, result(index) + kind.resultFp() + at);
  }

  public void resultFpLong(int index, int at, long value) {
    results.set(LONG, result(index) + kind.resultFp() + at, value);
  }

  /** The FXSAVE64 image (its first 416 bytes count), or the XMM registers. */
  public MemorySegment resultFpState(int index) {
    return results.asSlice(result(index) + kind.resultFp(), kind == CaseKind.X87 ? 512 : 256);
  }

  // ---- whole cases

  /** Copies the initial state of a case of {@code from}, which has the same kind. */
  void copyInput(int index, CaseBatch from, int fromIndex) {
    MemorySegment.copy(from.slot, from.input(fromIndex), slot, input(index), inputStride);
  }

  /** Any eight bytes of an input, for storing it. */
  long inputLong(int index, int at) {
    return slot.get(LONG, input(index) + at);
  }

  void inputLong(int index, int at, long value) {
    slot.set(LONG, input(index) + at, value);
  }

  /** Any eight bytes of a result, for storing it. */
  long resultLong(int index, int at) {
    return results.get(LONG, result(index) + at);
  }

  void resultLong(int index, int at, long value) {
    results.set(LONG, result(index) + at, value);
  }

  /** Copies the result of a case of {@code from}, which has the same kind. */
  void copyResult(int index, CaseBatch from, int fromIndex) {
    MemorySegment.copy(from.results, from.result(fromIndex), results, result(index), resultStride);
  }

  private int xmmAt(int register, int half) {
    return (kind == CaseKind.X87 ? 160 : 0) + register * 16 + half * 8;
  }
}
