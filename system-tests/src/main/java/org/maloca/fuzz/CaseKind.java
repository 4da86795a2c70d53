package org.maloca.fuzz;

/**
 * How much state a batch's cases carry. A batch has one kind, so that integer cases do not pay for
 * 512 bytes of floating-point state each.
 */
public enum CaseKind {
  /** General registers, flags and memory. */
  GPR(64, 128, 0),
  /** The above, MXCSR and XMM0 to XMM15 (16 bytes each, register 0 first). */
  SSE(64, 128, 256),
  /** The above as an FXSAVE64 image, which also holds x87, MMX and MXCSR. */
  X87(576, 640, 512);

  private final int patchCapacity;
  private final int memoryCapacity;
  private final int inputFp;
  private final int resultFp;
  private final int inputStride;
  private final int resultStride;

  CaseKind(int patchCapacity, int memoryCapacity, int fpBytes) {
    this.patchCapacity = patchCapacity;
    this.memoryCapacity = memoryCapacity;
    inputFp = CaseLayout.INPUT_PATCH + patchCapacity;
    resultFp = CaseLayout.RESULT_MEMORY + memoryCapacity;
    inputStride = roundUp(inputFp + fpBytes);
    resultStride = roundUp(resultFp + fpBytes);
  }

  /** Bytes of data window that a case may initialise. */
  public int patchCapacity() {
    return patchCapacity;
  }

  /** Bytes of changed data window that a result holds verbatim; more are hashed. */
  public int memoryCapacity() {
    return memoryCapacity;
  }

  /** Offset in an input of the XMM registers or the FXSAVE64 image. */
  int inputFp() {
    return inputFp;
  }

  /** Offset in a result of the XMM registers or the FXSAVE64 image. */
  int resultFp() {
    return resultFp;
  }

  int inputStride() {
    return inputStride;
  }

  int resultStride() {
    return resultStride;
  }

  private static int roundUp(int bytes) {
    return (bytes + 63) & ~63;
  }
}
