package org.maloca.x86.translate;

import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.maloca.x86.bytecode.ClassFileWriter;
import org.maloca.x86.bytecode.ConstantPool;
import org.maloca.x86.bytecode.MethodCode;
import org.maloca.x86.code.Block;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.interpret.InsnHandler;

/**
 * Compiles a {@link RegionShape} to a hidden class with one JVM method. In large regions guest
 * registers and lazy flags live in locals from entry to exit, and a fault's handler writes them
 * back, so that state is precise everywhere: see {@link Locals} for what lives where. Small regions
 * leave them in the CPU.
 */
final class RegionCompiler {
  static final ClassDesc THIS = ClassDesc.of("org.maloca.x86.translate.CompiledRegion");

  /** Matches the names of all regions' classes in the JVM's compiler directives. */
  static final String CLASS_NAME_PATTERN = "*CompiledRegion*.run";

  private static final MethodTypeDesc CONSTRUCTOR = MethodTypeDesc.of(CD_void, Names.PARTS);

  /** HotSpot leaves longer methods to its interpreter for ever. */
  static final int HUGE_METHOD_BYTES = 8000;

  private static final int ACC_PUBLIC = 1;

  private final ConstantPool constants = new ConstantPool(RegionCallees::ensureLoaded);
  private final HandlerTable handlers;
  private final BetterCode better;
  private final TranslationJournal journal;
  private final AtomicInteger made = new AtomicInteger();

  RegionCompiler(HandlerTable handlers, BetterCode better, TranslationJournal journal) {
    RegionInlining.ensure();
    PlainTools.ensure();
    this.handlers = handlers;
    this.better = better;
    this.journal = journal;
  }

  /** A class and what its instances need. */
  private record Assembly(
      ClassFileWriter type, MethodCode code, RegionMethod method, RegionPlan plan) {
    int codeBytes() {
      return code.length();
    }
  }

  /** Compiles; with fewer blocks when the method became too long. */
  Region compile(RegionShape shape) {
    long start = System.nanoTime();
    List<RegionBlock> blocks = shape.blocks();
    for (int attempts = 1; ; attempts++) {
      Assembly assembly = assemble(new RegionPlan(blocks, shape.kind()));
      if (assembly.codeBytes() < HUGE_METHOD_BYTES || blocks.size() == 1) {
        byte[] classFile = assembly.type().toByteArray();
        long emitNanos = System.nanoTime() - start;
        RegionDraft draft =
            new RegionDraft(
                made.incrementAndGet(),
                shape.kind(),
                shape.base(),
                assembly.plan(),
                assembly.method().liveness(),
                classFile,
                assembly.code(),
                attempts);
        journal.emitted(draft);
        long defining = System.nanoTime();
        Region region = define(assembly, classFile, shape.kind());
        region.number = draft.number();
        region.rip = draft.rip();
        journal.translated(draft, emitNanos, System.nanoTime() - defining);
        return region;
      }
      blocks = blocks.subList(0, Math.max(1, blocks.size() * 2 / 3));
    }
  }

  private Assembly assemble(RegionPlan plan) {
    ClassFileWriter type = new ClassFileWriter(constants, THIS, Names.REGION);
    type.method(0, "<init>", CONSTRUCTOR)
        .aload(0)
        .aload(1)
        .invokespecial(Names.REGION, "<init>", CONSTRUCTOR)
        .return_();
    type.initializer()
        .new_(THIS)
        .dup()
        .getstatic(Newborn.DESC, "parts", Names.PARTS)
        .invokespecial(THIS, "<init>", CONSTRUCTOR)
        .putstatic(Newborn.DESC, "region", Names.REGION)
        .return_();
    MethodCode run = type.method(ACC_PUBLIC, "run", Names.RUN);
    RegionMethod method = new RegionMethod(run, plan);
    method.emit();
    return new Assembly(type, run, method, plan);
  }

  private Region define(Assembly assembly, byte[] classFile, RegionShape.Kind kind) {
    List<LeftInsn> left = assembly.method().left();
    InsnHandler[] table = new InsnHandler[left.size()];
    for (int i = 0; i < table.length; i++) {
      table[i] = handlers.get(left.get(i).insn().operation);
    }
    RegionParts parts =
        new RegionParts(
            left.toArray(LeftInsn[]::new),
            table,
            assembly.method().returnOffsets(),
            layoutOf(assembly),
            kind,
            better);
    return Newborn.of(classFile, parts);
  }

  private static RegionLayout layoutOf(Assembly assembly) {
    RegionPlan plan = assembly.plan();
    List<RegionBlock> blocks = plan.blocks();
    SortedMap<Integer, Long> ramPages = new TreeMap<>();
    for (RegionBlock block : blocks) {
      ramPages.put(block.offset() >> 12, block.block().ramPage());
      if (block.block().secondRamPage() >= 0) {
        ramPages.put((block.offset() >> 12) + 1, block.block().secondRamPage());
      }
    }
    int insns = 0;
    for (RegionBlock block : blocks) {
      insns += block.block().count;
    }
    SortedMap<Integer, Integer> notReached = assembly.method().notReached();
    return new RegionLayout(
        decoded(blocks),
        decoded(plan.entries()),
        assembly.method().entryOffsets(),
        ints(ramPages.keySet()),
        longs(ramPages.values()),
        ints(notReached.keySet()),
        ints(notReached.values()),
        insns,
        assembly.codeBytes());
  }

  // No streams: in a boot they would have HotSpot compile a hundred methods more.

  private static Block[] decoded(List<RegionBlock> blocks) {
    Block[] decoded = new Block[blocks.size()];
    for (int i = 0; i < decoded.length; i++) {
      decoded[i] = blocks.get(i).block();
    }
    return decoded;
  }

  private static int[] ints(Collection<Integer> boxed) {
    int[] values = new int[boxed.size()];
    int count = 0;
    for (int value : boxed) {
      values[count++] = value;
    }
    return values;
  }

  private static long[] longs(Collection<Long> boxed) {
    long[] values = new long[boxed.size()];
    int count = 0;
    for (long value : boxed) {
      values[count++] = value;
    }
    return values;
  }
}
