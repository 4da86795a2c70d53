package org.maloca.x86.lockstep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.maloca.core.cpu.CpuState;
import org.maloca.core.cpu.SegmentState;
import org.maloca.core.cpu.Vcpu;
import org.maloca.core.cpu.VcpuExit;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.MemoryMap;
import org.maloca.core.memory.MemoryRegion;
import org.maloca.core.memory.RamBlock;
import org.maloca.x86.CpuEvents;
import org.maloca.x86.GuestFault;
import org.maloca.x86.NoBus;
import org.maloca.x86.TimeStampCounter;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.interpret.Handlers;
import org.maloca.x86.interpret.InsnHandler;
import org.maloca.x86.ir.Operation;
import org.maloca.x86.translate.Translator;

/**
 * A loop for ever, in flat 32-bit code. The translator is given a wrong handler in most tests: it
 * must be found, whatever is wrong about it. A region may go on behind an instruction that is left
 * to its handler, or end there when something has happened meanwhile: it must be found in both.
 */
class LockstepTest {
  private static final int RAM_BYTES = 0x20000;
  private static final int CODE = 0x1000;

  /** CPUID of leaf 0, SGDT, stores, a port's input and output, RDTSC, RDRAND, REP STOSB. */
  private static final String LOOP =
      """
      31c0 31c9 0fa2
      0f010500810000
      891d00800000
      ff0504800000
      e4e9 00c3 e6e8
      0f31 0105 08800000
      0fc7f0
      bf00900000 b910000000 f3aa
      e9c5ffffff
      """;

  private final RamBlock ram;
  private final GuestMemory memory;
  private int input;

  LockstepTest() throws Exception {
    ram = RamBlock.allocate(RAM_BYTES);
    memory =
        new GuestMemory(
            MemoryMap.of(List.of(new MemoryRegion.Ram(0, RAM_BYTES, ram.hostAddress(), 0))),
            RAM_BYTES >> 12);
    byte[] code = HexFormat.of().parseHex(LOOP.replaceAll("\\s", ""));
    memory.write(CODE, code, 0, code.length);
  }

  @AfterEach
  void close() {
    ram.close();
  }

  private final class Bus extends NoBus {
    @Override
    public long portRead(int port, int size) {
      return input++ & 0xff;
    }
  }

  private static final class Time implements TimeStampCounter {
    private long now;

    @Override
    public long ticks() {
      return now += 17;
    }

    @Override
    public long frequencyHz() {
      return 1_000_000_000;
    }
  }

  private static Translator translator(Operation wrong, InsnHandler handler) {
    HandlerTable right = Handlers.table();
    HandlerTable table = new HandlerTable();
    for (Operation operation : Operation.values()) {
      if (right.has(operation)) {
        table.put(operation, operation == wrong ? handler : right.get(operation));
      }
    }
    return new Translator(table, "test");
  }

  private static InsnHandler right(Operation operation) {
    return Handlers.table().get(operation);
  }

  private static void enter(Vcpu vcpu) {
    CpuState state = new CpuState();
    vcpu.save(state);
    int data =
        SegmentState.ATTR_P | SegmentState.ATTR_S | SegmentState.ATTR_DB | SegmentState.ATTR_G | 3;
    for (SegmentState segment : state.segments) {
      segment.set(8, 0, -1, data);
    }
    state.segments[CpuState.CS].attributes = data | 8;
    state.cr0 |= 1;
    state.rip = CODE;
    vcpu.restore(state);
  }

  /** Runs until regions were compared, or the CPU has ended; says how. */
  private VcpuExit run(LockstepAccelerator accelerator) throws Exception {
    Vcpu vcpu = accelerator.createVcpu(0, memory, new Bus());
    enter(vcpu);
    CompletableFuture<VcpuExit> exit = CompletableFuture.supplyAsync(vcpu::run);
    while (!exit.isDone()
        && accelerator.statistics().value("lockstep", "region-runs").orElse(0) < 50) {
      Thread.sleep(5);
    }
    vcpu.kick();
    try {
      return exit.get();
    } finally {
      vcpu.close();
      accelerator.close();
    }
  }

  private String divergenceOf(InsnHandler wrongCpuid) throws Exception {
    return divergenceOf(Operation.CPUID, wrongCpuid);
  }

  private String divergenceOf(Operation wrong, InsnHandler handler) throws Exception {
    var accelerator =
        new LockstepAccelerator(RAM_BYTES >> 12, new Time(), translator(wrong, handler));
    assertEquals(VcpuExit.CRASHED, run(accelerator));
    String report = accelerator.divergence();
    assertNotNull(report);
    return report;
  }

  @Test
  void enginesThatDoTheSameRunOn() throws Exception {
    var accelerator = new LockstepAccelerator(RAM_BYTES >> 12, new Time());

    assertEquals(VcpuExit.KICKED, run(accelerator));
    assertNull(accelerator.divergence());
    assertTrue(accelerator.statistics().value("lockstep", "stores").orElse(0) > 0);
  }

  @Test
  void findsAWrongRegister() throws Exception {
    String report =
        divergenceOf((cpu, insn) -> {
          right(Operation.CPUID).execute(cpu, insn);
          cpu.rsi = cpu.rsi ^ 0x40;
        });

    assertTrue(
        report.contains("\nrsi              leading 0000000000000040  following 000"), report);
    assertTrue(report.contains("cpuid\n"), report);
  }

  @Test
  void findsAWrongStore() throws Exception {
    String report =
        divergenceOf(
            Operation.SGDT,
            (cpu, insn) -> {
              cpu.gdtrBase ^= 1;
              right(Operation.SGDT).execute(cpu, insn);
              cpu.gdtrBase ^= 1;
            });

    assertTrue(
        report.contains("the leading CPU stores 4 bytes to RAM at 0x8102: 0x1, the following"),
        report);
  }

  @Test
  void findsAStoreTooMany() throws Exception {
    String report =
        divergenceOf((cpu, insn) -> {
          right(Operation.CPUID).execute(cpu, insn);
          cpu.mmu.store8(0x7000, 1);
        });

    assertTrue(report.contains("stores 1 bytes to RAM at 0x7000: 0x1"), report);
  }

  @Test
  void findsAStoreTooManyWhereTheRegionEnds() throws Exception {
    String report =
        divergenceOf((cpu, insn) -> {
          right(Operation.CPUID).execute(cpu, insn);
          cpu.mmu.store8(0x7000, 1);
          cpu.events.post(CpuEvents.STALE_CODE);
        });

    assertTrue(
        report.contains("the leading CPU alone: no input, stores 1 bytes to RAM at 0x7000: 0x1"),
        report);
  }

  @Test
  void findsAnExceptionTooMany() throws Exception {
    // There is no IDT: it becomes a shutdown, which only one of them does.
    String report =
        divergenceOf((cpu, insn) -> {
          throw cpu.fault(GuestFault.UD, 0);
        });

    assertTrue(report.contains("EXCEPTION 0x6"), report);
  }

  @Test
  void findsAnotherAccessToADevice() throws Exception {
    String report =
        divergenceOf((cpu, insn) -> {
          right(Operation.CPUID).execute(cpu, insn);
          cpu.bus.portWrite(0x80, 1, 5);
        });

    assertTrue(report.contains("PORT_WRITE 0x80/1 0x5"), report);
  }

  @Test
  void findsAnotherAccessToADeviceWhereTheRegionEnds() throws Exception {
    String report =
        divergenceOf((cpu, insn) -> {
          right(Operation.CPUID).execute(cpu, insn);
          cpu.bus.portWrite(0x80, 1, 5);
          cpu.events.post(CpuEvents.STALE_CODE);
        });

    assertTrue(report.contains("the leading CPU alone: PORT_WRITE 0x80/1 0x5"), report);
  }

  @Test
  void findsAnInstructionCountedTwice() throws Exception {
    String report =
        divergenceOf((cpu, insn) -> {
          right(Operation.CPUID).execute(cpu, insn);
          cpu.instructions++;
        });

    assertTrue(report.contains("the engines diverge"), report);
  }

  @Test
  void takesOneCpuOnly() {
    var accelerator = new LockstepAccelerator(RAM_BYTES >> 12, new Time());

    assertThrows(
        IllegalArgumentException.class, () -> accelerator.createVcpu(1, memory, new Bus()));
    accelerator.close();
  }
}
