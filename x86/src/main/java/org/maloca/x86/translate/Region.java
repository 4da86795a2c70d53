package org.maloca.x86.translate;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.InsnHandler;
import org.maloca.x86.ir.Insn;

/**
 * A compiled region of guest code: several blocks of one page with the jumps between them, as one
 * JVM method. Instances are of hidden classes that {@link RegionCompiler} makes.
 */
public abstract class Region {
  /** The instructions that are left to their handlers, by number in the region. */
  protected final Insn[] insns;

  protected final InsnHandler[] handlers;

  /** False once any of its code was overwritten. */
  public volatile boolean valid = true;

  protected Region(Insn[] insns, InsnHandler[] handlers) {
    this.insns = insns;
    this.handlers = handlers;
  }

  /**
   * Runs guest code until it leaves the region or an event is pending; {@link Cpu#rip} then says
   * where to go on.
   *
   * @param entry number of the block to begin with
   * @param base RIP of the page's first byte
   * @throws org.maloca.x86.GuestFault with all state written back and RIP at the instruction
   */
  public abstract void run(Cpu cpu, int entry, long base);

  /** Executes an instruction by its handler; registers and flags have been written back. */
  protected final void handle(Cpu cpu, int number, long blockRip) {
    cpu.blockRip = blockRip;
    cpu.inRegion = false;
    handlers[number].execute(cpu, insns[number]);
    cpu.inRegion = true;
  }
}
