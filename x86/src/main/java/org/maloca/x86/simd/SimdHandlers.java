package org.maloca.x86.simd;

import org.maloca.x86.interpret.HandlerTable;

/** The reference behaviour of all MMX, SSE and cryptography instructions. */
public final class SimdHandlers {
  private SimdHandlers() {}

  /** Sets the handlers. */
  public static void register(HandlerTable table) {
    Mxcsr.register(table);
    registerMoves(table);
    registerIntegers(table);
    registerFloats(table);
    AesHandlers.register(table);
    ShaHandlers.register(table);
  }

  private static void registerMoves(HandlerTable table) {
    VectorMoveHandlers.register(table);
    PartialMoveHandlers.register(table);
    TransferHandlers.register(table);
    MaskedMoveHandlers.register(table);
    InsertExtractHandlers.register(table);
    InterleaveHandlers.register(table);
    ShuffleHandlers.register(table);
    ByteShuffleHandlers.register(table);
    BlendHandlers.register(table);
    ExtensionHandlers.register(table);
  }

  private static void registerIntegers(HandlerTable table) {
    LogicHandlers.register(table);
    FrequentIntegerHandlers.register(table);
    LanewiseHandlers.register(table);
    NarrowingHandlers.register(table);
    PackedShiftHandlers.register(table);
    WordSearchHandlers.register(table);
    StringCompareHandlers.register(table);
  }

  private static void registerFloats(HandlerTable table) {
    FloatArithmeticHandlers.register(table);
    FloatCompareHandlers.register(table);
    HorizontalFloatHandlers.register(table);
    DotProductHandlers.register(table);
    RoundHandlers.register(table);
    ScalarConversionHandlers.register(table);
    PackedConversionHandlers.register(table);
    MmxConversionHandlers.register(table);
  }
}
