package org.maloca.x86;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.maloca.core.cpu.CpuState;
import org.maloca.core.cpu.EngineStatistics;
import org.maloca.core.cpu.SegmentState;
import org.maloca.core.cpu.Vcpu;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.MemoryMap;
import org.maloca.core.memory.MemoryRegion;
import org.maloca.core.memory.RamBlock;
import org.maloca.x86.translate.TranslatorOptions;

/**
 * A CPU in flat 32-bit code at {@link #CODE} that runs on a thread of its own, with a GDT and an
 * IDT whose vector 6 leads to {@link #HANDLER}.
 */
public final class RunningMachine implements AutoCloseable {
  public static final int CODE = 0x1000;
  public static final int HANDLER = 0x1100;
  public static final int DATA = 0x3000;
  private static final int IDT = 0x2000;
  private static final int GDT = 0x2800;
  private static final int STACK = 0x4f00;
  private static final int RAM_BYTES = 0x5000;
  private static final long FLAT_CODE = 0x00cf_9b00_0000_ffffL;
  private static final long FLAT_DATA = 0x00cf_9300_0000_ffffL;
  private static final long INTERRUPT_GATE = 0x0000_8e00_0008_0000L;

  public final GuestMemory memory;
  public final Vcpu vcpu;
  private final RamBlock ram;
  private final SoftwareAccelerator accelerator;
  private final Thread thread;

  /** Makes a machine with code and a handler given as hexadecimal digits, and starts it. */
  public RunningMachine(boolean translates, String code, String handler) {
    this(translates, TranslatorOptions.DEFAULT, code, handler);
  }

  /** The same, with choices for the translator. */
  public RunningMachine(TranslatorOptions options, String code) {
    this(true, options, code, "");
  }

  private RunningMachine(
      boolean translates, TranslatorOptions options, String code, String handler) {
    try {
      ram = RamBlock.allocate(RAM_BYTES);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    MemoryRegion region = new MemoryRegion.Ram(0, RAM_BYTES, ram.hostAddress(), 0);
    memory = new GuestMemory(MemoryMap.of(List.of(region)), RAM_BYTES >> 12);
    put(CODE, code);
    put(HANDLER, handler);
    memory.write(GDT + 8, 8, FLAT_CODE);
    memory.write(GDT + 16, 8, FLAT_DATA);
    memory.write(IDT + 6 * 8, 8, INTERRUPT_GATE | HANDLER);
    accelerator =
        new SoftwareAccelerator(
            new SoftwareAccelerator.Options(1, RAM_BYTES >> 12, true, translates, options),
            new StoppedCounter());
    vcpu = accelerator.createVcpu(0, memory, new NoBus());
    vcpu.restore(state());
    thread = new Thread(vcpu::run, "test-vcpu");
    thread.start();
  }

  private void put(int at, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    for (int i = 0; i < bytes.length; i++) {
      memory.write(at + i, 1, bytes[i]);
    }
  }

  private static CpuState state() {
    CpuState state = new CpuState();
    state.reset();
    int present = SegmentState.ATTR_P | SegmentState.ATTR_S;
    int flat = present | SegmentState.ATTR_DB | SegmentState.ATTR_G;
    for (SegmentState segment : state.segments) {
      segment.set(16, 0, -1, flat | 3);
    }
    state.segments[CpuState.CS].set(8, 0, -1, flat | 0xb);
    state.gdtrBase = GDT;
    state.gdtrLimit = 0x17;
    state.idtrBase = IDT;
    state.idtrLimit = 0xff;
    state.cr0 = 0x11;
    state.gpr[CpuState.RSP] = STACK;
    state.rip = CODE;
    return state;
  }

  /** What it has done so far. */
  public EngineStatistics statistics() {
    return accelerator.statistics();
  }

  /** Waits until the counters are as wanted. */
  public EngineStatistics await(Predicate<EngineStatistics> wanted) {
    EngineStatistics now = statistics();
    while (!wanted.test(now)) {
      LockSupport.parkNanos(1_000_000);
      now = statistics();
    }
    return now;
  }

  /** Waits until a counter is more than it was. */
  public EngineStatistics awaitMore(String group, String counter, long than) {
    return await(now -> now.value(group, counter).orElseThrow() > than);
  }

  /** Stops the CPU; afterwards counters stand still. */
  public void stop() {
    vcpu.kick();
    try {
      thread.join();
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
  }

  /** The state of the stopped CPU. */
  public CpuState saved() {
    CpuState state = new CpuState();
    vcpu.save(state);
    return state;
  }

  @Override
  public void close() {
    stop();
    accelerator.close();
    ram.close();
  }
}
