package org.maloca.x86.translate;

import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.maloca.x86.bytecode.MethodCode;
import org.maloca.x86.ir.CodeMode;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.InsnBuilder;
import org.maloca.x86.ir.OperandKind;

/**
 * The operands of the SSE instruction that is being emitted: A is the destination, B the source,
 * each a low and a high half. Those of a memory operand are loaded into temporaries first.
 */
final class VectorOperands {
  /** Halves, by number. */
  static final int A_LOW = 0;

  static final int A_HIGH = 1;
  static final int B_LOW = 2;
  static final int B_HIGH = 3;

  /** Where {@link #loadSource} leaves a memory operand. */
  private static final int MEMORY_LOW = Locals.TEMP_C;

  private static final int MEMORY_HIGH = Locals.TEMP_D;

  private static final MethodTypeDesc STORE_128 = MethodTypeDesc.ofDescriptor("(JJJ)V");

  /** Types of methods by their descriptors, which the JDK takes long to look through. */
  private static final Map<String, MethodTypeDesc> TYPES = new ConcurrentHashMap<>();

  /** Before the first instruction. */
  private static final Insn NONE = new InsnBuilder().build();

  private final Emitter emitter;
  private final MethodCode code;
  private Insn insn = NONE;
  private int at;

  VectorOperands(Emitter emitter) {
    this.emitter = emitter;
    code = emitter.code;
  }

  /** Whether an instruction's operands are of the kinds that are dealt with here. */
  static boolean areUsable(Emitter emitter, Insn insn) {
    return (emitter.mode & CodeMode.SSE_USABLE) != 0
        && !(insn.hasMemory() && !emitter.hasPlainAddress(insn))
        && insn.kind0 != OperandKind.MMX
        && insn.kind1 != OperandKind.MMX;
  }

  /** Begins an instruction. */
  void begin(Insn insn, int at) {
    this.insn = insn;
    this.at = at;
  }

  boolean sourceIsMemory() {
    return insn.kind1 == OperandKind.MEMORY;
  }

  /** Whether both operands are the same register. */
  boolean isOneRegister() {
    return insn.kind1 == OperandKind.XMM && insn.register0 == insn.register1;
  }

  // Memory.

  /** Pushes the linear address of the memory operand. */
  void address() {
    emitter.address(insn, at);
  }

  /** Pushes the linear address of the memory operand, checked to be a multiple of 16. */
  void alignedAddress() {
    code.aload(Locals.CPU);
    address();
    code.invokestatic(Names.RUNTIME, "aligned", Names.CPU_LONG_TO_LONG);
  }

  /** Loads a source of 128 bits, if it is memory. */
  void loadSource(boolean aligned) {
    if (!sourceIsMemory()) {
      return;
    }
    if (emitter.operand != null) {
      pushShared(aligned);
    } else {
      findSource(aligned);
    }
    code.dup2().invokestatic(Names.MMU, "low128", Names.LONG_TO_LONG).lstore(MEMORY_LOW);
    code.invokestatic(Names.MMU, "high128", Names.LONG_TO_LONG).lstore(MEMORY_HIGH);
  }

  /** Pushes the host address of 128 bits of memory whose look at the TLB is shared. */
  private void pushShared(boolean aligned) {
    emitter.pushSharedOperand(insn, 16, at);
    if (aligned) {
      // In a page it is as aligned as the linear address.
      emitter.mark(at);
      code.lstore(Locals.HOST).aload(Locals.CPU).lload(Locals.HOST);
      code.invokestatic(Names.RUNTIME, "aligned", Names.CPU_LONG_TO_LONG);
    }
  }

  private void findSource(boolean aligned) {
    emitter.mark(at);
    emitter.mmu();
    if (aligned) {
      alignedAddress();
    } else {
      address();
    }
    if (emitter.leavesOnMiss) {
      code.lstore(Locals.ACCESS).pop();
      emitter.requireHit("hitsForLoad", Locals.ACCESS, 16);
      emitter.pushHit(Locals.ACCESS);
    } else {
      code.invokevirtual(Names.MMU, "load128", Names.LONG_TO_LONG);
    }
  }

  /** Loads a source of {@code size} bytes, if it is memory, as the low half, zero-extended. */
  void loadLowSource(int size) {
    if (sourceIsMemory()) {
      pushMemory(size);
      code.lstore(MEMORY_LOW);
    }
  }

  /** Pushes {@code size} bytes of memory, zero-extended. */
  void pushMemory(int size) {
    if (emitter.operand != null) {
      emitter.pushSharedOperand(insn, size, at);
      emitter.loadFromHost(size);
      return;
    }
    emitter.mark(at);
    emitter.mmu();
    address();
    emitter.load(size);
  }

  /** Stores both halves of a register. */
  void store128(int register, boolean aligned) {
    if (emitter.operand != null) {
      pushShared(aligned);
      emitter.xmm.readLow(register);
      emitter.xmm.readHigh(register);
      code.invokestatic(Names.MMU, "storeHit128", STORE_128);
      return;
    }
    emitter.mark(at);
    emitter.mmu();
    if (aligned) {
      alignedAddress();
    } else {
      address();
    }
    if (emitter.leavesOnMiss) {
      code.lstore(Locals.ACCESS).pop();
      emitter.requireHit("hitsForStore", Locals.ACCESS, 16);
      emitter.pushHit(Locals.ACCESS);
    }
    emitter.xmm.readLow(register);
    emitter.xmm.readHigh(register);
    if (emitter.leavesOnMiss) {
      code.invokestatic(Names.MMU, "storeHit128", STORE_128);
    } else {
      code.invokevirtual(Names.MMU, "store128", STORE_128);
    }
  }

  /** Stores the low {@code size} bytes of a half of a register. */
  void storeHalf(int register, boolean high, int size) {
    boolean isShared = emitter.operand != null;
    if (isShared) {
      emitter.pushSharedOperand(insn, size, at);
    } else {
      emitter.mark(at);
      emitter.mmu();
      address();
    }
    if (high) {
      emitter.xmm.readHigh(register);
    } else {
      emitter.xmm.readLow(register);
    }
    if (isShared) {
      emitter.storeToHost(size);
    } else {
      emitter.store(size);
    }
  }

  /** The register that a low half belongs to, or -1 for memory. */
  int register(int half) {
    return half == A_LOW ? insn.register0 : sourceIsMemory() ? -1 : insn.register1;
  }

  // Halves.

  /** Pushes a half as a long. */
  void push(int half) {
    switch (half) {
      case A_LOW -> emitter.xmm.readLow(insn.register0);
      case A_HIGH -> emitter.xmm.readHigh(insn.register0);
      case B_LOW -> {
        if (sourceIsMemory()) {
          code.lload(MEMORY_LOW);
        } else {
          emitter.xmm.readLow(insn.register1);
        }
      }
      default -> {
        if (sourceIsMemory()) {
          code.lload(MEMORY_HIGH);
        } else {
          emitter.xmm.readHigh(insn.register1);
        }
      }
    }
  }

  /** Pushes a half as a double. */
  void pushDouble(int half) {
    if (half == A_LOW) {
      emitter.xmm.readDouble(insn.register0);
    } else if (half == B_LOW && !sourceIsMemory()) {
      emitter.xmm.readDouble(insn.register1);
    } else {
      push(half);
      emitter.xmm.toDouble();
    }
  }

  /** Pushes the lowest quarter as a float. */
  void pushFloat(int half) {
    if (half == A_LOW) {
      emitter.xmm.readFloat(insn.register0);
    } else if (!sourceIsMemory()) {
      emitter.xmm.readFloat(insn.register1);
    } else {
      push(half);
      emitter.xmm.toFloat();
    }
  }

  /** Pops the low half of the destination. */
  void writeLow() {
    emitter.xmm.writeLow(insn.register0);
  }

  /** Pops the high half of the destination. */
  void writeHigh() {
    emitter.xmm.writeHigh(insn.register0);
  }

  /** Makes the destination zero. */
  void writeZero() {
    emitter.xmm.clearLow(insn.register0);
    code.lconst_0();
    writeHigh();
  }

  // Temporaries.

  /** Pops a half of the result, to be written when no half of the operands is needed any more. */
  void keepLow() {
    code.lstore(Locals.TEMP_E);
  }

  void keepHigh() {
    code.lstore(Locals.TEMP_F);
  }

  /** Writes what was kept. */
  void writeKept() {
    code.lload(Locals.TEMP_E);
    writeLow();
    code.lload(Locals.TEMP_F);
    writeHigh();
  }

  void call(ClassDesc owner, String name, String descriptor) {
    code.invokestatic(owner, name, TYPES.computeIfAbsent(descriptor, MethodTypeDesc::ofDescriptor));
  }

  /** Pushes what is found in {@link org.maloca.x86.Cpu#XMM_SCRATCH}. */
  void pushScratch(int half) {
    code.aload(Locals.VECTORS).loadConstant(org.maloca.x86.Cpu.XMM_SCRATCH + half).laload();
  }
}
