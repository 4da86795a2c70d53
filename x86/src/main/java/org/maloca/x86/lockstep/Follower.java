package org.maloca.x86.lockstep;

import org.maloca.core.cpu.CpuState;
import org.maloca.x86.Cpu;
import org.maloca.x86.CpuEvents;
import org.maloca.x86.CpuFeatures;
import org.maloca.x86.HardwareRandom;
import org.maloca.x86.TimeStampCounter;
import org.maloca.x86.code.BlockDecoder;
import org.maloca.x86.code.CodeCache;
import org.maloca.x86.code.CodeWatch;
import org.maloca.x86.interpret.Handlers;
import org.maloca.x86.interpret.Interpreter;
import org.maloca.x86.interpret.LoopObserver;
import org.maloca.x86.interpret.OpSelector;
import org.maloca.x86.lockstep.InputLog.Kind;
import org.maloca.x86.system.CpuStateTransfer;
import org.maloca.x86.system.InterruptDelivery;
import org.maloca.x86.translate.Region;

/** The CPU that does, by the interpreter, what the leading one has done. */
final class Follower {
  private static final int RECENT_BLOCKS = 32;

  private final InputLog log;
  private final StoreLog stores;
  private final Cpu cpu;
  private final CodeCache code;
  private final Interpreter interpreter;
  private final long[] recentRips = new long[RECENT_BLOCKS];
  private long blocks;
  private boolean hasShutDown;

  Follower(ShadowMemory shadow, int ramPages, InputLog log, StoreLog stores, long ticksHz) {
    this.log = log;
    this.stores = stores;
    var bus = new ReplayingBus(log, shadow::follow);
    var time = new ReplayedTime(log, ticksHz);
    cpu = new Cpu(0, shadow.memory(), bus, new CpuFeatures(1), time);
    cpu.random = new ReplayedRandom(log);
    cpu.devices = bus;
    var watch = new CodeWatch(shadow.memory(), ramPages);
    code = new CodeCache(cpu, watch, new BlockDecoder(cpu, new OpSelector(Handlers.table(), true)));
    watch.onStore((ramOffset, size) -> {
      shadow.noteStored(ramOffset);
      stores.check(ramOffset, size);
    });
    interpreter = new Interpreter(cpu, code, () -> {}, null);
    interpreter.observe(new ExceptionCheck());
  }

  Cpu cpu() {
    return cpu;
  }

  /** Whether the last instruction shut it down. */
  boolean hasShutDown() {
    return hasShutDown;
  }

  CodeCache code() {
    return code;
  }

  /** Takes over the leading CPU's whole state; {@link InputLog#paused}. */
  void copy(Cpu leader) {
    CpuState state = new CpuState();
    CpuStateTransfer.save(leader, state);
    CpuStateTransfer.restore(cpu, state);
    cpu.setTimeStampOffset(leader.msr.tscOffset);
    cpu.instructions = leader.instructions;
    code.clear();
    interpreter.restart();
    hasShutDown = false;
  }

  /** Goes as far as the leading CPU has got. */
  void follow(Cpu leader) {
    while (cpu.instructions < leader.instructions) {
      step(leader, leader.instructions - cpu.instructions);
    }
    while (isMidway(leader) || log.left() > 0 || stores.left() > 0) {
      if (isMidway(leader)) {
        takeOneElement(leader);
      } else if (log.holds(Kind.EXCEPTION)) {
        // What is left belongs to the instruction that has raised it.
        step(leader, 1);
      } else {
        throw new DivergenceException("the leading CPU alone: " + left());
      }
      if (cpu.instructions > leader.instructions) {
        throw new DivergenceException(
            "the following CPU completes an instruction that the leading one does not; left: "
                + left());
      }
    }
  }

  private String left() {
    String input = log.left() > 0 ? log.firstLeft() : "no input";
    return input + ", " + (stores.left() > 0 ? "stores " + stores.firstLeft() : "no store");
  }

  private void step(Cpu leader, long most) {
    recentRips[(int) (blocks++ % RECENT_BLOCKS)] = cpu.linearRip();
    hasShutDown = !interpreter.advance(most) && !cpu.halted;
    boolean stops = hasShutDown || cpu.halted;
    if (stops && (cpu.instructions < leader.instructions || log.left() > 0 || stores.left() > 0)) {
      throw new DivergenceException(
          "the following CPU halts or shuts down, the leading one goes on; left: " + left());
    }
  }

  /** Whether the leading CPU has stopped amid a repeated string instruction, farther on. */
  private boolean isMidway(Cpu leader) {
    return cpu.instructions == leader.instructions
        && cpu.rip == leader.rip
        && cpu.rcx != leader.rcx
        && code.single().insns()[0].repeat != 0;
  }

  private void takeOneElement(Cpu leader) {
    long before = cpu.rcx;
    cpu.events.post(CpuEvents.ONE_ELEMENT);
    step(leader, 1);
    cpu.events.clear(CpuEvents.ONE_ELEMENT);
    if (cpu.rcx == before) {
      throw new DivergenceException("a repeated instruction does not go on");
    }
  }

  /** Delivers an interrupt that the leading CPU takes. */
  void interrupt(int vector, boolean nonMaskable) {
    cpu.halted = false;
    cpu.nmiBlocked |= nonMaskable;
    boolean ignored = InterruptDelivery.interrupt(cpu, vector);
  }

  /** RIPs, as linear addresses, at which it went on lately, the oldest first. */
  long[] recentRips() {
    int count = (int) Math.min(blocks, RECENT_BLOCKS);
    long[] rips = new long[count];
    for (int i = 0; i < count; i++) {
      rips[i] = recentRips[(int) ((blocks - count + i) % RECENT_BLOCKS)];
    }
    return rips;
  }

  /** The exceptions must be the same. */
  private final class ExceptionCheck implements LoopObserver {
    @Override
    public void entering(Region region) {}

    @Override
    public void ran() {}

    @Override
    public void raising(int vector, int errorCode) {
      log.check(Kind.EXCEPTION, vector, errorCode, 0);
    }

    @Override
    public void interrupting(int vector, boolean nonMaskable) {}

    @Override
    public void initialising(Runnable action) {}
  }

  private record ReplayedTime(InputLog log, long frequencyHz) implements TimeStampCounter {
    @Override
    public long ticks() {
      return log.replay(Kind.TIME, 0, 0);
    }
  }

  private static final class ReplayedRandom extends HardwareRandom {
    private final InputLog log;

    ReplayedRandom(InputLog log) {
      this.log = log;
    }

    @Override
    public long nextLong() {
      return log.replay(Kind.RANDOM, 0, 0);
    }
  }
}
