package org.maloca.fuzz;

import java.lang.foreign.Arena;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.maloca.x86.Cpu;
import org.maloca.x86.CpuEvents;
import org.maloca.x86.Flags;
import org.maloca.x86.GuestFault;
import org.maloca.x86.code.Block;
import org.maloca.x86.code.BlockDecoder;
import org.maloca.x86.code.CodeCache;
import org.maloca.x86.code.CodeWatch;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.interpret.Handlers;
import org.maloca.x86.interpret.OpSelector;
import org.maloca.x86.ir.Operation;
import org.maloca.x86.translate.Region;
import org.maloca.x86.translate.Translator;

/**
 * Executes cases on the software CPU: its decoder, blocks, operations and memory, but with a loop
 * of its own, which reports a fault instead of delivering it and stops where a case ends.
 */
public final class MalocaExecutor implements CaseExecutor {
  private static final byte FILLER = (byte) 0xcc;

  /** A case that goes round in its own code is cut off here. */
  private static final int MOST_BLOCKS = 1000;

  private final Arena arena = Arena.ofShared();
  private final UserModeCpu machine;
  private final Cpu cpu;
  private final CodeCache code;
  private final DataWindow window;
  private final FloatingTransfer floating;
  private final byte[] bytes = new byte[CaseBatch.CODE_CAPACITY];
  private int placedOffset;
  private int placedLength;
  private boolean exactFloats;
  private final @Nullable Translator translator;

  /** Regions of both kinds take turns. */
  private boolean best;

  /** Blocks that ran as compiled regions, and those that ended up with the interpreter. */
  private long compiledRuns;

  private long interpretedRuns;

  /** The ways to execute a case. */
  public enum Way {
    /** Hot instructions run as their own ops. */
    SPECIALISED_OPS,
    /** All instructions run by their reference handlers. */
    HANDLERS,
    /** Each case's code is compiled to a region first, where that is possible. */
    TRANSLATED
  }

  public MalocaExecutor(Way way) {
    boolean specialises = way != Way.HANDLERS;
    machine = new UserModeCpu(arena);
    cpu = machine.cpu;
    var watch = new CodeWatch(machine.memory, UserModeCpu.RAM_PAGES);
    var selector = new OpSelector(handlers(), specialises);
    code = new CodeCache(cpu, watch, new BlockDecoder(cpu, selector));
    translator = way == Way.TRANSLATED ? new Translator(handlers(), "fuzz") : null;
    window = new DataWindow(machine.window());
    floating = new FloatingTransfer(cpu);
  }

  /** All handlers, but INT3 ends the case like a fault instead of going through an IDT. */
  private static HandlerTable handlers() {
    var all = Handlers.table();
    var table = new HandlerTable();
    for (var operation : Operation.values()) {
      if (operation != Operation.INT3 && all.has(operation)) {
        table.put(operation, all.get(operation));
      }
    }
    table.put(
        Operation.INT3,
        (cpu, insn) -> {
          throw cpu.fault(GuestFault.BP, insn.length);
        });
    return table;
  }

  @Override
  public void execute(CaseBatch batch) {
    begin(batch);
    for (int i = 0; i < batch.size(); i++) {
      execute(batch, i, i > 0 && batch.sameCode(i, i - 1));
    }
  }

  /** Prepares for the cases of a batch. */
  void begin(CaseBatch batch) {
    window.load(batch);
    machine.readOnlyPage().copyFrom(batch.readOnlyPage());
  }

  /**
   * Executes a case of the batch given to {@link #begin}.
   *
   * @param codeIsPlaced whether the case before on this executor had the same code
   */
  void execute(CaseBatch batch, int index, boolean codeIsPlaced) {
    if (!codeIsPlaced) {
      place(batch, index);
    }
    window.begin(batch, index);
    load(batch, index);
    batch.completed(index);
    run(batch, index);
    store(batch, index);
    window.finish(batch, index);
  }

  private void place(CaseBatch batch, int index) {
    Arrays.fill(bytes, 0, placedLength, FILLER);
    machine.writeCode(placedOffset, bytes, placedLength);
    placedOffset = batch.codeOffset(index);
    placedLength = Math.min(batch.codeLength(index), CaseSpace.PAGE_BYTES - placedOffset);
    for (int i = 0; i < placedLength; i++) {
      bytes[i] = batch.codeByte(index, i);
    }
    machine.writeCode(placedOffset, bytes, placedLength);
    code.serveRequests();
  }

  private void load(CaseBatch batch, int index) {
    for (int i = 0; i < 16; i++) {
      cpu.setGpr(i, batch.gpr(index, i));
    }
    int before = cpu.systemFlags;
    cpu.setRflags((int) batch.rflags(index));
    if (((before ^ cpu.systemFlags) & Flags.AC) != 0) {
      cpu.updateMode();
    }
    cpu.segments[Cpu.FS].base = batch.fsBase(index);
    cpu.segments[Cpu.GS].base = batch.gsBase(index);
    floating.load(batch, index);
    cpu.rip = batch.codeGva(index);
  }

  private void store(CaseBatch batch, int index) {
    for (int i = 0; i < 16; i++) {
      batch.resultGpr(index, i, cpu.gpr(i));
    }
    batch.resultRflags(index, cpu.rflags() & ~(long) Flags.RF);
    batch.resultFsBase(index, cpu.segments[Cpu.FS].base);
    batch.resultGsBase(index, cpu.segments[Cpu.GS].base);
    batch.resultRip(index, cpu.rip);
    floating.store(batch, index);
    if ((cpu.systemFlags & Flags.TF) != 0) {
      cpu.events.clear(CpuEvents.TRAP_FLAG);
    }
  }

  private void run(CaseBatch batch, int index) {
    long start = batch.codeGva(index);
    int length = batch.codeLength(index);
    boolean going = true;
    for (int i = 0; going && i < MOST_BLOCKS; i++) {
      going = runBlock(batch, index, start + length) && inside(cpu.rip - start, length);
    }
  }

  private static boolean inside(long offset, int length) {
    return offset >= 0 && offset < length;
  }

  /** Executes the instructions of a block that belong to the case; returns whether none faulted. */
  private boolean runBlock(CaseBatch batch, int index, long end) {
    Block block;
    try {
      block = code.current();
    } catch (GuestFault fetchFault) {
      report(batch, index, fetchFault);
      return false;
    }
    if (code.blocksToInterpret > 0) {
      // A region left what missed the TLB.
      code.blocksToInterpret = 0;
      interpretedRuns++;
      return runOps(batch, index, end, code.single());
    }
    if (translator != null && Translator.mayTranslate(block)) {
      if (block.region == null) {
        // Either way to treat floating point that the host's does not match is to be seen, and
        // either way to do what misses the TLB.
        exactFloats ^= best;
        block.hasUnsafeFloats = exactFloats;
        block.missesOften = exactFloats;
        translator.translateNow(block, cpu.linearRip(), code, best);
        best = !best;
      }
      if (block.region != null) {
        compiledRuns++;
        return runRegion(batch, index, end, block, block.region);
      }
    }
    interpretedRuns++;
    return runOps(batch, index, end, block);
  }

  private boolean runRegion(CaseBatch batch, int index, long end, Block block, Region region) {
    try {
      cpu.inRegion = true;
      if (!region.isMappedAt(cpu, block.regionEntryOffset)) {
        return runOps(batch, index, end, block);
      }
      Region ignored = region.runAlone(cpu, block.regionEntry);
      return true;
    } catch (GuestFault fault) {
      Region.settle(cpu);
      if (fault.vector == GuestFault.INTERPRET || fault.nonCanonical) {
        compiledRuns--;
        interpretedRuns++;
        return runOps(batch, index, end, code.single());
      }
      // The filler behind the case's code belongs to its block.
      if (cpu.rip != end) {
        report(batch, index, fault);
      }
      return false;
    } finally {
      cpu.inRegion = false;
    }
  }

  private boolean runOps(CaseBatch batch, int index, long end, Block block) {
    long start = cpu.rip;
    cpu.beginBlock(start, block.length);
    int count = block.count;
    int i = 0;
    try {
      do {
        block.op(i).execute(cpu);
        i++;
      } while (i < count && start + block.insns()[i].offset < end);
      if (i < count) {
        cpu.rip = start + block.insns()[i].offset;
      } else if (block.hasOp(i)) {
        block.op(i).execute(cpu);
      }
      return true;
    } catch (GuestFault fault) {
      cpu.rip = start + block.insns()[i].offset;
      fault.settle(block.insns()[i]);
      if (fault.vector == GuestFault.RESTART) {
        code.serveRequests();
        return true;
      }
      report(batch, index, fault);
      return false;
    }
  }

  private void report(CaseBatch batch, int index, GuestFault fault) {
    switch (fault.vector) {
      case GuestFault.BP -> {
        cpu.rip += fault.errorCode;
        batch.fault(index, GuestFault.BP, 0, 0);
      }
      case GuestFault.PF -> batch.fault(index, GuestFault.PF, fault.errorCode, fault.address);
      default -> batch.fault(index, fault.vector, fault.errorCode, 0);
    }
  }

  long compiledRuns() {
    return compiledRuns;
  }

  @Override
  public String statistics() {
    if (translator == null) {
      return "";
    }
    return "%d small regions, %d large ones; %d blocks ran compiled, %d interpreted"
        .formatted(
            translator.counters().ofKind(false).made,
            translator.counters().ofKind(true).made,
            compiledRuns,
            interpretedRuns);
  }

  @Override
  public void close() {
    if (translator != null) {
      translator.close();
    }
    arena.close();
  }
}
