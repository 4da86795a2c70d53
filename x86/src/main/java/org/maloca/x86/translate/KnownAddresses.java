package org.maloca.x86.translate;

import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;

/**
 * What general registers hold in terms of each other while 64-bit code is gone through: an origin,
 * which is some number that is not known, and a displacement, which is. Two addresses of the same
 * origin differ by a constant.
 */
final class KnownAddresses {
  /** The origin of RIP-relative operands: the region's base. */
  static final int BASE = -1;

  /** In place of an origin: there is none. */
  static final int NONE = -2;

  private static final int RSP = 4;
  private static final int RBP = 5;
  private static final int REGISTERS = 16;
  private static final int SLOT_BYTES = 8;

  private final int[] origins;
  private final long[] displacements;
  private int nextOrigin;

  /** Nothing is known. */
  KnownAddresses() {
    origins = new int[REGISTERS];
    displacements = new long[REGISTERS];
    forgetAll();
  }

  private KnownAddresses(KnownAddresses other) {
    origins = other.origins.clone();
    displacements = other.displacements.clone();
    nextOrigin = other.nextOrigin;
  }

  KnownAddresses copy() {
    return new KnownAddresses(this);
  }

  /** Registers may hold anything from here on. */
  void forgetAll() {
    for (int register = 0; register < REGISTERS; register++) {
      forget(register);
    }
  }

  private void forget(int register) {
    origins[register] = nextOrigin++;
    displacements[register] = 0;
  }

  int origin(int register) {
    return register == Insn.NO_REGISTER ? NONE : origins[register];
  }

  long displacement(int register) {
    return register == Insn.NO_REGISTER ? 0 : displacements[register];
  }

  /** Takes note of what an instruction, which is not left to a handler, does to registers. */
  void follow(Insn insn) {
    if (insn.operandSize != 8 || !followExactly(insn)) {
      long written = Effects.writes(insn);
      for (int register = 0; register < REGISTERS; register++) {
        if ((written & GuestRegisters.general(register)) != 0) {
          forget(register);
        }
      }
    }
  }

  private boolean followExactly(Insn insn) {
    boolean toRegister = insn.kind0 == OperandKind.GPR;
    switch (insn.operation) {
      case MOV -> {
        boolean copies = toRegister && insn.kind1 == OperandKind.GPR;
        if (copies) {
          set(insn.register0, insn.register1, 0);
        }
        return copies;
      }
      case LEA -> {
        boolean moves =
            insn.addressSize == 8
                && insn.base != Insn.NO_REGISTER
                && insn.index == Insn.NO_REGISTER;
        if (moves) {
          set(insn.register0, insn.base, insn.displacement);
        }
        return moves;
      }
      case ADD, SUB -> {
        boolean moves = toRegister && insn.kind1 == OperandKind.IMMEDIATE;
        if (moves) {
          boolean up = insn.operation == Operation.ADD;
          displacements[insn.register0] += up ? insn.immediate : -insn.immediate;
        }
        return moves;
      }
      case PUSH, PUSHF -> displacements[RSP] -= SLOT_BYTES;
      case POP -> {
        displacements[RSP] += SLOT_BYTES;
        if (toRegister) {
          forget(insn.register0);
        }
      }
      case LEAVE -> {
        set(RSP, RBP, SLOT_BYTES);
        forget(RBP);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private void set(int register, int source, long more) {
    origins[register] = origins[source];
    displacements[register] = displacements[source] + more;
  }
}
