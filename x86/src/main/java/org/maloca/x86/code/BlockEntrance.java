package org.maloca.x86.code;

import org.jspecify.annotations.Nullable;
import org.maloca.x86.interpret.Op;
import org.maloca.x86.mmu.FetchStamps;
import org.maloca.x86.translate.Region;

/**
 * What of a block is looked at whenever it is executed. A class of its own, since the JVM lays out
 * an object's fields class by class: so they are side by side in the host's memory, where seldom
 * executed code comes from each time. That is why the first ops are fields, too, and not in an
 * array, which would be a miss of the host's cache more.
 */
public abstract class BlockEntrance {
  /** Ops that are fields; most blocks have no more. */
  private static final int FIRST_OPS = 7;

  /** {@link org.maloca.x86.ir.CodeMode} it was decoded for. */
  public final int mode;

  /** {@link FetchStamps#tag} of where it was found the last time by linear address. */
  long tag = FetchStamps.NO_TAG;

  /**
   * Times that the interpreter executed it; less than that, and perhaps negative, where code was
   * overwritten before.
   */
  public int executions;

  /** Number of instructions. */
  public final short count;

  /** Bytes of code. */
  public final short length;

  /** False once its code was overwritten. */
  public boolean valid = true;

  /** Whether it ends with a jump or call whose target is computed, which is worth noting. */
  public final boolean endsWithComputedJump;

  /** The compiled region that can be entered here, or null. */
  public @Nullable Region region;

  /** What was interpreted next the last time. */
  public @Nullable Block successor;

  // What the interpreter executes for each instruction, and for the way out where the last one is
  // no jump; null beyond.

  public Op op0;
  public @Nullable Op op1;
  public @Nullable Op op2;
  public @Nullable Op op3;
  public @Nullable Op op4;
  public @Nullable Op op5;
  public @Nullable Op op6;

  /** Those behind the first ones, or null. */
  public Op @Nullable [] otherOps;

  /**
   * Makes it.
   *
   * @param ops one at least; those from {@code opCount} on are of no matter
   */
  BlockEntrance(
      Op[] ops, int opCount, int count, int length, int mode, boolean endsWithComputedJump) {
    this.count = (short) count;
    this.length = (short) length;
    this.mode = mode;
    this.endsWithComputedJump = endsWithComputedJump;
    op0 = ops[0];
    op1 = opCount > 1 ? ops[1] : null;
    op2 = opCount > 2 ? ops[2] : null;
    op3 = opCount > 3 ? ops[3] : null;
    op4 = opCount > 4 ? ops[4] : null;
    op5 = opCount > 5 ? ops[5] : null;
    op6 = opCount > 6 ? ops[6] : null;
    if (opCount > FIRST_OPS) {
      otherOps = new Op[opCount - FIRST_OPS];
      System.arraycopy(ops, FIRST_OPS, otherOps, 0, otherOps.length);
    }
  }

  /** Whether there is an op of a number. */
  public final boolean hasOp(int number) {
    return number < FIRST_OPS
        ? first(number) != null
        : otherOps != null && number - FIRST_OPS < otherOps.length;
  }

  /** An op that there is, by number. */
  public final Op op(int number) {
    Op op =
        number < FIRST_OPS ? first(number) : otherOps == null ? null : otherOps[number - FIRST_OPS];
    if (op == null) {
      throw new IndexOutOfBoundsException(number);
    }
    return op;
  }

  private @Nullable Op first(int number) {
    return switch (number) {
      case 0 -> op0;
      case 1 -> op1;
      case 2 -> op2;
      case 3 -> op3;
      case 4 -> op4;
      case 5 -> op5;
      case 6 -> op6;
      default -> throw new IndexOutOfBoundsException(number);
    };
  }

  /** Has the block left at the next instruction; the way out behind the last one stays. */
  final void leaveAtNext() {
    op0 = Op.LEAVE_BLOCK;
    op1 = count > 1 ? Op.LEAVE_BLOCK : op1;
    op2 = count > 2 ? Op.LEAVE_BLOCK : op2;
    op3 = count > 3 ? Op.LEAVE_BLOCK : op3;
    op4 = count > 4 ? Op.LEAVE_BLOCK : op4;
    op5 = count > 5 ? Op.LEAVE_BLOCK : op5;
    op6 = count > 6 ? Op.LEAVE_BLOCK : op6;
    if (otherOps != null) {
      for (int i = FIRST_OPS; i < count; i++) {
        otherOps[i - FIRST_OPS] = Op.LEAVE_BLOCK;
      }
    }
  }
}
