package org.maloca.x86.decode;

import org.jspecify.annotations.Nullable;
import org.maloca.x86.ir.Operation;

/** What an opcode means: one row of an opcode table, or a choice among rows by the ModRM byte. */
final class Form {
  /** LOCK is allowed when operand 0 is memory. */
  static final int LOCKABLE = 1;

  /** With memory it is locked without being told. */
  static final int ALWAYS_LOCKED = 1 << 1;

  /** Invalid in 64-bit code. */
  static final int NOT_64 = 1 << 2;

  /** Valid in 64-bit code only. */
  static final int ONLY_64 = 1 << 3;

  /** The operand size in 64-bit code is 8 or, with 66, 2. */
  static final int DEFAULT_64 = 1 << 4;

  /** Invalid in real and virtual-8086 mode. */
  static final int PROTECTED = 1 << 5;

  /** The opcode's low four bits are a condition. */
  static final int CONDITION = 1 << 6;

  /** A string operation, which F2 and F3 repeat. */
  static final int REPEATABLE = 1 << 7;

  /** Addresses DS (or the override's segment) by an implied register. */
  static final int IMPLIED_SEGMENT = 1 << 8;

  /** Addresses ES by an implied register. */
  static final int IMPLIED_ES = 1 << 9;

  /** Has a ModRM byte. */
  static final int MODRM = 1 << 10;

  /** The mod field is ignored: ModRM names two registers. */
  static final int MOD_IGNORED = 1 << 11;

  /** Operand 1 has a size of its own. */
  static final int SOURCE_SIZE = 1 << 12;

  /** Operand 0 has two bytes if it is memory. */
  static final int MEMORY_WORD = 1 << 13;

  static final int POP_SHIFT = 14;

  final Operation operation;
  final int operand0;
  final int operand1;
  final int operand2;
  final int operand3;

  /** The operation's size as a letter of {@link OperandCode}, or 0. */
  final int size;

  final int flags;

  /** A choice: by reg for memory (0-7), by the low six bits for registers (8-71); else null. */
  final @Nullable Form @Nullable [] byModRm;

  /** What it is in 64-bit code instead. */
  @Nullable Form in64;

  /** What it is with REX.W (or VEX.W) instead. */
  @Nullable Form wide;

  Form(Operation operation, int[] operands, int size, int flags) {
    this.operation = operation;
    operand0 = operands[0];
    operand1 = operands[1];
    operand2 = operands[2];
    operand3 = operands[3];
    this.size = size;
    this.flags = flags;
    byModRm = null;
  }

  private Form() {
    operation = Operation.UD;
    operand0 = OperandCode.NONE;
    operand1 = OperandCode.NONE;
    operand2 = OperandCode.NONE;
    operand3 = OperandCode.NONE;
    size = 0;
    flags = MODRM;
    byModRm = new @Nullable Form[72];
  }

  /** An empty choice by ModRM. */
  static Form choice() {
    return new Form();
  }

  boolean has(int flag) {
    return (flags & flag) != 0;
  }
}
