package org.maloca.x86.translate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
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
import org.maloca.x86.code.Block;
import org.maloca.x86.code.BlockDecoder;
import org.maloca.x86.code.CodeCache;
import org.maloca.x86.code.CodeWatch;
import org.maloca.x86.interpret.Handlers;
import org.maloca.x86.interpret.OpSelector;
import org.maloca.x86.ir.Operation;

/**
 * A CPU with a few pages of RAM that runs code until HLT or a fault, which it keeps: by reference
 * handlers, or by regions that it compiles at once.
 */
final class CodeMachine implements AutoCloseable {
  static final int CODE = 0x8000;
  static final int DATA = 0xa000;
  static final int STACK = 0xc800;
  static final int RAM_BYTES = 0xe000;

  /** No fault ended the code. */
  static final int NONE = -100;

  private static final int MOST_BLOCKS = 200;
  private static final int PML4 = 0x1000;
  private static final int PDPT = 0x2000;
  private static final int DIRECTORY = 0x3000;
  private static final int TABLE = 0x4000;

  final Cpu cpu;
  final GuestMemory memory;
  int vector;
  private final RamBlock ram;
  final CodeCache code;
  private final Translator translator = new Translator(Handlers.table(), "test");
  private final boolean translates;

  /** Whether regions are of the kind for the hottest code; a test may change it. */
  boolean best = true;

  private int codeLength;

  /** Regions that were run, so that a test can tell that it tests them. */
  long regionsRun;

  CodeMachine(boolean wide, boolean translates) {
    this.translates = translates;
    try {
      ram = RamBlock.allocate(RAM_BYTES);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    MemoryRegion region = new MemoryRegion.Ram(0, RAM_BYTES, ram.hostAddress(), 0);
    memory = new GuestMemory(MemoryMap.of(List.of(region)), RAM_BYTES >> 12);
    cpu = new Cpu(0, memory, new NoBus(), new CpuFeatures(1), new StoppedCounter());
    for (SegmentState segment : cpu.segments) {
      segment.set(16, 0, -1, SegmentState.ATTR_P | SegmentState.ATTR_S | 3);
      segment.attributes |= SegmentState.ATTR_DB | SegmentState.ATTR_G;
    }
    int width = wide ? SegmentState.ATTR_L : SegmentState.ATTR_DB;
    cpu.segments[Cpu.CS].attributes =
        SegmentState.ATTR_P | SegmentState.ATTR_S | SegmentState.ATTR_G | width | 0xb;
    cpu.cr0 = ControlRegisters.CR0_PE | ControlRegisters.CR0_ET | ControlRegisters.CR0_NE;
    cpu.cr4 = ControlRegisters.CR4_PAE | ControlRegisters.CR4_OSFXSR;
    if (wide) {
      enterLongMode();
    }
    cpu.updateMode();
    code =
        new CodeCache(
            cpu,
            new CodeWatch(memory, RAM_BYTES >> 12),
            new BlockDecoder(cpu, new OpSelector(Handlers.table(), false)));
  }

  /** Only the RAM is mapped, at its own addresses. */
  private void enterLongMode() {
    memory.write(PML4, 8, PDPT | 7);
    memory.write(PDPT, 8, DIRECTORY | 7);
    memory.write(DIRECTORY, 8, TABLE | 7);
    for (int page = 0; page < RAM_BYTES >> 12; page++) {
      memory.write(TABLE + 8 * page, 8, (long) page << 12 | 0x67);
    }
    cpu.cr3 = PML4;
    cpu.cr0 |= ControlRegisters.CR0_PG | ControlRegisters.CR0_WP;
    cpu.efer = Efer.SCE | Efer.LME | Efer.LMA | Efer.NXE;
  }

  /**
   * Has a page's entry of the page table be another.
   *
   * @param isCold whether the TLB is to know nothing of it yet
   */
  void map(int page, long entry, boolean isCold) {
    long va = (long) page << 12;
    memory.write(TABLE + 8 * page, 8, entry);
    cpu.mmu.flushPage(va);
    boolean isPresent = (entry & 1) != 0;
    boolean isWritable = (entry & 0x42) == 0x42;
    if (!isCold && isWritable) {
      cpu.mmu.probeWrite(va, 1);
    } else if (!isCold && isPresent) {
      cpu.mmu.probeRead(va, 1);
    }
  }

  /** A page's entry of the page table. */
  long entry(int page) {
    return memory.read(TABLE + 8 * page, 8);
  }

  /** Puts code where the next run begins. */
  void place(byte[] bytes) {
    memory.write(CODE, new byte[codeLength], 0, codeLength);
    memory.write(CODE, bytes, 0, bytes.length);
    codeLength = bytes.length;
    code.serveRequests();
  }

  /** Runs from {@link #CODE} until HLT or a fault. */
  void run() {
    cpu.rip = CODE;
    cpu.halted = false;
    vector = NONE;
    try {
      for (int i = 0; i < MOST_BLOCKS && vector == NONE && !cpu.halted; i++) {
        runBlock(code.current());
      }
    } catch (GuestFault fetchFault) {
      vector = fetchFault.vector;
    }
  }

  /** The operations of the code that its region leaves to handlers. */
  List<Operation> leftToHandlers() {
    cpu.rip = CODE;
    Block block = code.current();
    translator.translateNow(block, cpu.linearRip(), code, best);
    return Objects.requireNonNull(block.region).leftOperations();
  }

  /** The block at an address that was executed. */
  Block block(long rip) {
    return Objects.requireNonNull(code.executedBlock(rip, cpu.mode));
  }

  /** The block at an address, decoded, which need not have been executed. */
  Block decoded(long rip) {
    cpu.rip = rip;
    return code.current();
  }

  /** Has a region made that begins with a block that was decoded, of all that was. */
  void compile(long rip) {
    translator.translateNow(block(rip), rip, code, best);
  }

  /** The addresses of the blocks of a region that begins with the code. */
  List<Long> gathered(RegionShape.Kind kind) {
    RegionShape shape = RegionShape.around(block(CODE), CODE, code, kind);
    return shape.blocks().stream().map(block -> shape.base() + block.offset()).sorted().toList();
  }

  /** What the vCPU would ask for at a block that was executed. */
  TranslationRequest request(long rip, RegionShape.Kind kind) {
    Block start = block(rip);
    RegionShape shape = RegionShape.around(start, rip, code, kind);
    return new TranslationRequest(start, shape, code, new Ticket());
  }

  /** A region that begins with the code, which nobody uses yet. */
  Region translated(RegionShape.Kind kind) {
    return translator.translated(block(CODE), CODE, code, kind);
  }

  /** How many blocks the vCPU's loop is to look at after it was nudged. */
  int blocksToInterpretAfterNudge() {
    cpu.events.setExecuting(true);
    code.nudge();
    code.serveRequests();
    cpu.events.setExecuting(false);
    return code.blocksToInterpret;
  }

  private void runBlock(Block block) {
    if (translates && block.region == null) {
      translator.translateNow(block, cpu.linearRip(), code, best);
    }
    Region region = block.region;
    if (code.blocksToInterpret > 0) {
      code.interpreted(block);
      runOps(block);
      return;
    }
    if (region == null || !region.isMappedAt(cpu, block.regionEntryOffset)) {
      runOps(block);
      return;
    }
    regionsRun++;
    try {
      cpu.inRegion = true;
      Region ignored = region.begin(cpu, block.regionEntry);
    } catch (GuestFault fault) {
      Region.settle(cpu);
      cpu.inRegion = false;
      if (fault.vector == GuestFault.INTERPRET || fault.nonCanonical) {
        runOps(code.single());
      } else {
        vector = fault.vector;
      }
    } finally {
      cpu.inRegion = false;
    }
  }

  private void runOps(Block block) {
    long start = cpu.rip;
    cpu.beginBlock(start, block.length);
    int i = 0;
    try {
      for (; block.hasOp(i); i++) {
        block.op(i).execute(cpu);
      }
    } catch (GuestFault fault) {
      cpu.rip = start + block.insns()[i].offset;
      fault.settle(block.insns()[i]);
      vector = fault.vector;
    }
  }

  @Override
  public void close() {
    translator.close();
    ram.close();
  }
}
