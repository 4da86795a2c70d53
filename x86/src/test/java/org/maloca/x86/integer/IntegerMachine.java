package org.maloca.x86.integer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.Consumer;
import org.maloca.core.cpu.SegmentState;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.MemoryMap;
import org.maloca.core.memory.MemoryRegion;
import org.maloca.core.memory.RamBlock;
import org.maloca.x86.Cpu;
import org.maloca.x86.CpuFeatures;
import org.maloca.x86.NoBus;
import org.maloca.x86.StoppedCounter;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.InsnBuilder;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;

/**
 * A CPU in 32-bit protected mode without paging, with 64 KiB of RAM at 0 and code at 0x100; its
 * handlers run one instruction at a time.
 */
final class IntegerMachine implements AutoCloseable {
  static final int RAM_BYTES = 0x10000;
  static final int CODE_RIP = 0x100;
  private static final int DATA = SegmentState.ATTR_P | SegmentState.ATTR_S | 3;
  private static final int CODE = DATA | 8;

  final Cpu cpu;
  final GuestMemory memory;
  private final RamBlock ram;
  private final HandlerTable handlers = new HandlerTable();

  IntegerMachine() {
    try {
      ram = RamBlock.allocate(RAM_BYTES);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    MemoryRegion region = new MemoryRegion.Ram(0, RAM_BYTES, ram.hostAddress(), 0);
    memory = new GuestMemory(MemoryMap.of(List.of(region)), RAM_BYTES >> 12);
    cpu = new Cpu(0, memory, new NoBus(), new CpuFeatures(1), new StoppedCounter());
    cpu.cr0 = 1;
    for (SegmentState segment : cpu.segments) {
      segment.set(8, 0, -1, DATA | SegmentState.ATTR_DB | SegmentState.ATTR_G);
    }
    cpu.segments[Cpu.CS].attributes = CODE | SegmentState.ATTR_DB | SegmentState.ATTR_G;
    cpu.blockRip = CODE_RIP;
    cpu.updateMode();
    IntegerHandlers.register(handlers);
  }

  static Cpu cpuWithoutMemory(CpuFeatures features) {
    GuestMemory memory = new GuestMemory(MemoryMap.EMPTY, 0);
    return new Cpu(0, memory, new NoBus(), features, new StoppedCounter());
  }

  /** Ends the segment at a number of bytes. */
  void limit(int segment, int bytes) {
    cpu.segments[segment].limit = bytes - 1;
    cpu.updateMode();
  }

  static InsnBuilder builder() {
    InsnBuilder builder = new InsnBuilder();
    builder.clear();
    builder.addressSize = 4;
    builder.segment = Cpu.DS;
    builder.length = 2;
    return builder;
  }

  /** Executes an operation of 4 bytes after {@code details} said what is special of it. */
  void execute(Operation operation, Consumer<InsnBuilder> details) {
    InsnBuilder builder = builder();
    builder.operation = operation;
    builder.operandSize = 4;
    details.accept(builder);
    Insn insn = builder.build();
    handlers.get(operation).execute(cpu, insn);
  }

  static void register(InsnBuilder builder, int n, int register) {
    builder.kinds[n] = OperandKind.GPR;
    builder.registers[n] = register;
  }

  static void memory(InsnBuilder builder, int n, int base, long displacement) {
    builder.kinds[n] = OperandKind.MEMORY;
    builder.base = base;
    builder.displacement = displacement;
  }

  static void immediate(InsnBuilder builder, int n, long value) {
    builder.kinds[n] = OperandKind.IMMEDIATE;
    builder.immediate = value;
  }

  @Override
  public void close() {
    ram.close();
  }
}
