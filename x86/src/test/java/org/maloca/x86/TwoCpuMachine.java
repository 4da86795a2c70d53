package org.maloca.x86;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.maloca.core.cpu.SegmentState;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.MemoryMap;
import org.maloca.core.memory.MemoryRegion;
import org.maloca.core.memory.RamBlock;
import org.maloca.x86.code.CodeWatch;

/**
 * Two CPUs in flat 32-bit protected mode at CPL 0, without paging, on one RAM of 64 KiB at 0, for
 * tests of what they do to each other's memory.
 */
public final class TwoCpuMachine implements AutoCloseable {
  public static final int RAM_BYTES = 0x10000;

  public final GuestMemory memory;
  public final CodeWatch watch;
  public final Cpu first;
  public final Cpu second;
  private final RamBlock ram;
  private final ExecutorService threads = Executors.newFixedThreadPool(2);

  /** Makes a machine with CPUs 0 and 1. */
  public TwoCpuMachine() {
    this(0, 1);
  }

  /** Makes a machine with CPUs of these numbers. */
  public TwoCpuMachine(int firstIndex, int secondIndex) {
    try {
      ram = RamBlock.allocate(RAM_BYTES);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    MemoryRegion region = new MemoryRegion.Ram(0, RAM_BYTES, ram.hostAddress(), 0);
    memory = new GuestMemory(MemoryMap.of(List.of(region)), RAM_BYTES >> 12);
    watch = new CodeWatch(memory, RAM_BYTES >> 12);
    first = cpu(firstIndex);
    second = cpu(secondIndex);
  }

  private Cpu cpu(int index) {
    Cpu cpu = new Cpu(index, memory, new NoBus(), new CpuFeatures(2), new StoppedCounter());
    cpu.cr0 = 1;
    int attributes =
        SegmentState.ATTR_P | SegmentState.ATTR_S | SegmentState.ATTR_DB | SegmentState.ATTR_G | 3;
    for (SegmentState segment : cpu.segments) {
      segment.set(8, 0, -1, attributes);
    }
    cpu.segments[Cpu.CS].attributes = attributes | 8;
    cpu.updateMode();
    cpu.mmu.setCodeWatch(watch);
    return cpu;
  }

  /** Runs two bodies at the same time and waits for both. */
  public void together(Runnable one, Runnable other) {
    CyclicBarrier start = new CyclicBarrier(2);
    Future<?> running = threads.submit(() -> after(start, one));
    Future<?> alongside = threads.submit(() -> after(start, other));
    try {
      running.get();
      alongside.get();
    } catch (InterruptedException | ExecutionException failure) {
      throw new IllegalStateException(failure);
    }
  }

  private static void after(CyclicBarrier start, Runnable body) {
    try {
      start.await();
    } catch (InterruptedException | BrokenBarrierException failure) {
      throw new IllegalStateException(failure);
    }
    body.run();
  }

  @Override
  public void close() {
    threads.close();
    ram.close();
  }
}
