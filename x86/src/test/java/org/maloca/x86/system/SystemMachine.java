package org.maloca.x86.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.maloca.core.cpu.SegmentState;
import org.maloca.core.cpu.VcpuBus;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.MemoryMap;
import org.maloca.core.memory.MemoryRegion;
import org.maloca.core.memory.RamBlock;
import org.maloca.x86.Cpu;
import org.maloca.x86.CpuFeatures;
import org.maloca.x86.GuestFault;
import org.maloca.x86.TimeStampCounter;
import org.maloca.x86.decode.Decoder;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.InsnBuilder;

/**
 * A CPU in flat 32-bit protected mode at CPL 0, without paging, with a GDT, an IDT and a TSS in
 * RAM. It executes one system instruction at a time, given in hexadecimal.
 */
final class SystemMachine implements AutoCloseable {
  static final int RAM_BYTES = 0x10_0000;
  static final int RIP = 0x500;
  static final int GDT = 0x1000;
  static final int IDT = 0x2000;
  static final int TSS = 0x4000;
  static final int STACK = 0x9000;
  static final int KERNEL_STACK = 0xa000;
  static final int GATE_RIP = 0x7000;

  static final int KERNEL_CODE = 0x08;
  static final int KERNEL_DATA = 0x10;
  static final int USER_CODE = 0x1b;
  static final int USER_DATA = 0x23;
  static final int TASK = 0x28;
  static final int LONG_CODE = 0x38;
  static final int LONG_USER_CODE = 0x43;
  static final int CONFORMING_CODE = 0x48;

  /** Free entries, from here on. */
  static final int FREE = 0x50;

  static final int FLAT_32 = 0xc;
  static final int FLAT_64 = 0xa;
  static final int INTERRUPT_GATE = 0x8e;
  static final int TRAP_GATE = 0x8f;

  final Cpu cpu;
  final GuestMemory memory;
  final TestBus bus = new TestBus();
  final TestCounter counter = new TestCounter();
  private final RamBlock ram;
  private final HandlerTable handlers = new HandlerTable();
  private final Decoder decoder;

  SystemMachine() {
    try {
      ram = RamBlock.allocate(RAM_BYTES);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    MemoryRegion region = new MemoryRegion.Ram(0, RAM_BYTES, ram.hostAddress(), 0);
    memory = new GuestMemory(MemoryMap.of(List.of(region)), RAM_BYTES >> 12);
    cpu = new Cpu(0, memory, bus, new CpuFeatures(2), counter);
    decoder = new Decoder(cpu.features);
    SystemHandlers.register(handlers);
    buildTables();
    cpu.cr0 = 0x11;
    cpu.gdtrBase = GDT;
    cpu.gdtrLimit = 0xff;
    cpu.idtrBase = IDT;
    cpu.idtrLimit = 0x7ff;
    cpu.tr.set(TASK, TSS, 0x67, SegmentState.ATTR_P | Descriptor.TYPE_TSS32_BUSY);
    memory.write(TSS + 4, 4, KERNEL_STACK);
    memory.write(TSS + 8, 4, KERNEL_DATA);
    cpu.dr[7] = 0x400;
    privilege(KERNEL_CODE, KERNEL_DATA);
    cpu.rsp = STACK;
  }

  private void buildTables() {
    descriptor(KERNEL_CODE, 0, 0xfffff, 0x9b, FLAT_32);
    descriptor(KERNEL_DATA, 0, 0xfffff, 0x93, FLAT_32);
    descriptor(USER_CODE, 0, 0xfffff, 0xfb, FLAT_32);
    descriptor(USER_DATA, 0, 0xfffff, 0xf3, FLAT_32);
    descriptor(TASK, TSS, 0x67, 0x8b, 0);
    descriptor(LONG_CODE, 0, 0xfffff, 0x9b, FLAT_64);
    descriptor(LONG_USER_CODE, 0, 0xfffff, 0xfb, FLAT_64);
    descriptor(CONFORMING_CODE, 0, 0xfffff, 0x9f, FLAT_32);
  }

  /** Writes a descriptor; {@code access} is byte 5, {@code flags} the nibble with G, D, L. */
  void descriptor(int selector, long base, int limit, int access, int flags) {
    long raw =
        limit & 0xffffL
            | (base & 0xff_ffff) << 16
            | (long) access << 40
            | (limit >> 16 & 0xfL) << 48
            | (long) flags << 52
            | (base >>> 24 & 0xff) << 56;
    memory.write(GDT + (selector & ~7), 8, raw);
  }

  /** Writes an 8-byte gate at an address. */
  void gate(long at, int selector, long offset, int access, int parameters) {
    long raw =
        offset & 0xffff
            | (long) selector << 16
            | (long) parameters << 32
            | (long) access << 40
            | (offset >>> 16 & 0xffff) << 48;
    memory.write(at, 8, raw);
  }

  void interruptGate(int vector, int selector, int access) {
    gate(IDT + 8L * vector, selector, GATE_RIP, access, 0);
  }

  void longGate(int vector, int access, int interruptStack) {
    gate(IDT + 16L * vector, LONG_CODE, GATE_RIP, access, interruptStack);
    memory.write(IDT + 16L * vector + 8, 8, 0xffff_8000L);
  }

  /** Where {@link #longGate} leads. */
  static final long LONG_GATE_RIP = 0xffff_8000_0000_7000L;

  /** Loads CS and SS, and with them the privilege level. */
  void privilege(int codeSelector, int stackSelector) {
    load(Cpu.CS, codeSelector);
    for (int register : new int[] {Cpu.SS, Cpu.DS, Cpu.ES, Cpu.FS, Cpu.GS}) {
      load(register, stackSelector);
    }
    cpu.cpl = codeSelector & 3;
    cpu.updateMode();
  }

  void load(int register, int selector) {
    long raw = memory.read(GDT + (selector & ~7), 8);
    Descriptor.load(cpu.segments[register], selector, raw);
  }

  /** Long mode, though without paging, which no check here needs. */
  void enterLongMode(int codeSelector) {
    cpu.efer = 0x501;
    memory.write(TSS + 4, 8, KERNEL_STACK);
    cpu.updateMode();
    privilege(codeSelector, (codeSelector & 3) == 3 ? USER_DATA : KERNEL_DATA);
  }

  /** Executes one instruction at {@link #RIP}. */
  void execute(String hex) {
    byte[] code = HexFormat.of().parseHex(hex.replace(" ", ""));
    InsnBuilder builder = new InsnBuilder();
    decoder.decode(i -> i < code.length ? code[i] & 0xff : 0, cpu.mode, 0, builder);
    cpu.rip = RIP;
    cpu.blockRip = RIP;
    handlers.get(builder.operation).execute(cpu, builder.build());
  }

  /** Executes an instruction that must fault; returns {@code vector << 16 | errorCode}. */
  int fault(String hex) {
    GuestFault fault = Assertions.assertThrows(GuestFault.class, () -> execute(hex));
    return fault.vector << 16 | fault.errorCode;
  }

  static int faultCode(int vector, int errorCode) {
    return vector << 16 | errorCode;
  }

  /** What lies on the current stack, from its top, in units of {@code size} bytes. */
  long stack(int n, int size) {
    return memory.read(cpu.rsp + (long) n * size, size);
  }

  @Override
  public void close() {
    ram.close();
  }

  static final class TestCounter implements TimeStampCounter {
    long ticks = 1000;

    @Override
    public long ticks() {
      return ticks;
    }

    @Override
    public long frequencyHz() {
      return 1_000_000_000;
    }
  }

  static final class TestBus implements VcpuBus {
    static final int KNOWN_MSR = 0x1b;
    static final int TSC_DEADLINE = 0x6e0;

    long portValue = 0x1122_3344;
    int lastPort = -1;
    long lastValue;
    long msr = 0xfee0_0900L;
    int kvmFeatures;
    long ticksAhead;
    private int priority;

    @Override
    public int kvmFeatures() {
      return kvmFeatures;
    }

    @Override
    public void counterMoved(long ticks) {
      ticksAhead = ticks;
    }

    @Override
    public long portRead(int port, int size) {
      lastPort = port;
      return portValue;
    }

    @Override
    public void portWrite(int port, int size, long value) {
      lastPort = port;
      lastValue = value;
    }

    @Override
    public int acknowledgeInterrupt() {
      return -1;
    }

    @Override
    public int taskPriority() {
      return priority;
    }

    @Override
    public void setTaskPriority(int priorityClass) {
      priority = priorityClass;
    }

    @Override
    public boolean readMsr(int index, long[] value) {
      value[0] = msr;
      return knows(index);
    }

    @Override
    public boolean writeMsr(int index, long value) {
      msr = value;
      return knows(index);
    }

    private static boolean knows(int index) {
      return index == KNOWN_MSR || index == TSC_DEADLINE;
    }
  }
}
