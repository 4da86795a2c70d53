package org.maloca.x86.interpret;

import org.maloca.x86.Cpu;
import org.maloca.x86.ir.Insn;

/**
 * The reference behaviour of an operation. Every engine can fall back on it: registers, flags and
 * {@link Cpu#blockRip} are up to date when it is called.
 *
 * <p>A handler changes nothing before the last point at which it can fault. It raises a fault by
 * {@code throw cpu.fault(vector, errorCode)}; RIP then is the instruction's own. An operation that
 * {@linkplain org.maloca.x86.ir.Operation#endsBlock() ends a block} sets {@link Cpu#rip} itself;
 * others leave it alone.
 */
@FunctionalInterface
public interface InsnHandler {
  void execute(Cpu cpu, Insn insn);
}
