package org.maloca.x86.simd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.List;
import org.maloca.core.cpu.SegmentState;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.MemoryMap;
import org.maloca.core.memory.MemoryRegion;
import org.maloca.core.memory.RamBlock;
import org.maloca.x86.ControlRegisters;
import org.maloca.x86.Cpu;
import org.maloca.x86.CpuFeatures;
import org.maloca.x86.Efer;
import org.maloca.x86.GuestFault;
import org.maloca.x86.NoBus;
import org.maloca.x86.StoppedCounter;
import org.maloca.x86.decode.Decoder;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.InsnBuilder;

/**
 * A CPU running 64-bit code with pages 1 and 2 mapped to RAM one to one and page 3 absent. RBX and
 * RDI point to {@link #DATA}.
 */
final class SimdMachine implements AutoCloseable {
  static final int DATA = 0x1100;
  static final int ABSENT_PAGE = 0x3000;
  private static final int RAM_BYTES = 0x10000;
  private static final int PAGE_TABLES = 0x8000;
  private static final int DATA_SEGMENT = SegmentState.ATTR_P | SegmentState.ATTR_S | 3;

  final Cpu cpu;
  final GuestMemory memory;
  private final RamBlock ram;
  private final HandlerTable handlers = new HandlerTable();
  private final Decoder decoder;

  SimdMachine() {
    try {
      ram = RamBlock.allocate(RAM_BYTES);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    MemoryRegion region = new MemoryRegion.Ram(0, RAM_BYTES, ram.hostAddress(), 0);
    memory = new GuestMemory(MemoryMap.of(List.of(region)), RAM_BYTES >> 12);
    CpuFeatures features = new CpuFeatures(1);
    cpu = new Cpu(0, memory, new NoBus(), features, new StoppedCounter());
    decoder = new Decoder(features);
    SimdHandlers.register(handlers);
    for (int level = 0; level < 3; level++) {
      memory.write(PAGE_TABLES + level * 0x1000, 8, PAGE_TABLES + (level + 1) * 0x1000 + 3);
    }
    memory.write(PAGE_TABLES + 0x3000 + 8, 8, 0x1003);
    memory.write(PAGE_TABLES + 0x3000 + 16, 8, 0x2003);
    cpu.cr0 = ControlRegisters.CR0_PE | ControlRegisters.CR0_PG;
    cpu.cr3 = PAGE_TABLES;
    cpu.cr4 =
        ControlRegisters.CR4_PAE | ControlRegisters.CR4_OSFXSR | ControlRegisters.CR4_OSXMMEXCPT;
    cpu.efer = Efer.LMA | Efer.LME;
    for (SegmentState segment : cpu.segments) {
      segment.set(8, 0, -1, DATA_SEGMENT | SegmentState.ATTR_G);
    }
    cpu.segments[Cpu.CS].attributes |= 8 | SegmentState.ATTR_L;
    cpu.updateMode();
    cpu.rbx = DATA;
    cpu.rdi = DATA;
    Mxcsr.set(cpu, Mxcsr.RESET);
  }

  /** Executes one instruction given in hexadecimal. */
  void execute(String code) {
    byte[] bytes = HexFormat.of().parseHex(code);
    InsnBuilder builder = new InsnBuilder();
    decoder.decode(i -> i < bytes.length ? bytes[i] & 0xff : 0, cpu.mode, 0, builder);
    Insn insn = builder.build();
    handlers.get(insn.operation).execute(cpu, insn);
  }

  /** Executes one instruction; the vector of the fault it raised, or -1. */
  int fault(String code) {
    try {
      execute(code);
      return -1;
    } catch (GuestFault fault) {
      return fault.vector;
    }
  }

  void xmm(int register, long high, long low) {
    cpu.xmm[2 * register] = low;
    cpu.xmm[2 * register + 1] = high;
  }

  @Override
  public void close() {
    ram.close();
  }
}
