package org.maloca.x86.translate;

import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import org.maloca.x86.code.Block;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.interpret.InsnHandler;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/**
 * Compiles a {@link RegionShape} to a hidden class with one JVM method. Guest registers and lazy
 * flags live in locals from entry to exit; a fault's handler writes them back, so that state is
 * precise everywhere. See {@link Locals} for what lives where.
 */
final class RegionCompiler {
  private static final ClassDesc INSNS = ClassDesc.of("org.maloca.x86.ir.Insn").arrayType();
  private static final ClassDesc HANDLERS =
      ClassDesc.of("org.maloca.x86.interpret.InsnHandler").arrayType();
  private static final ClassDesc THIS = ClassDesc.of("org.maloca.x86.translate.CompiledRegion");
  private static final MethodTypeDesc CONSTRUCTOR = MethodTypeDesc.of(CD_void, INSNS, HANDLERS);

  /** HotSpot leaves longer methods to its interpreter for ever. */
  static final int HUGE_METHOD_BYTES = 8000;

  private final HandlerTable handlers;

  RegionCompiler(HandlerTable handlers) {
    this.handlers = handlers;
  }

  /**
   * The outcome.
   *
   * @param entries blocks that the region can be entered at, in the order of their numbers
   * @param blocks all blocks
   * @param codeBytes length of the method
   */
  record Compiled(Region region, List<Block> entries, List<Block> blocks, int codeBytes) {}

  /** Compiles; with fewer blocks when the method became too long. */
  Compiled compile(RegionShape shape) {
    List<Block> blocks = shape.blocks();
    while (true) {
      List<Block> entries = entriesOf(blocks);
      List<Insn> left = new ArrayList<>();
      int[] length = new int[1];
      byte[] bytes = assemble(blocks, entries, left, length);
      if (length[0] < HUGE_METHOD_BYTES || blocks.size() == 1) {
        return new Compiled(define(bytes, left), entries, blocks, length[0]);
      }
      blocks = blocks.subList(0, Math.max(1, blocks.size() * 2 / 3));
    }
  }

  /** The first block, and those behind calls: a return comes from outside. */
  private static List<Block> entriesOf(List<Block> blocks) {
    List<Block> entries = new ArrayList<>();
    entries.add(blocks.getFirst());
    for (Block block : blocks) {
      Insn last = block.insns[block.insns.length - 1];
      boolean calls = last.operation == Operation.CALL || last.operation == Operation.CALL_INDIRECT;
      int next = block.pageOffset + block.length;
      for (Block other : blocks) {
        if (calls && other.pageOffset == next && !entries.contains(other)) {
          entries.add(other);
        }
      }
    }
    return entries;
  }

  private static byte[] assemble(
      List<Block> blocks, List<Block> entries, List<Insn> left, int[] length) {
    byte[] bytes =
        ClassFile.of()
            .build(
                THIS,
                type ->
                    type.withSuperclass(Names.REGION)
                        .withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SUPER)
                        .withMethodBody(
                            "<init>",
                            CONSTRUCTOR,
                            0,
                            code ->
                                code.aload(0)
                                    .aload(1)
                                    .aload(2)
                                    .invokespecial(Names.REGION, "<init>", CONSTRUCTOR)
                                    .return_())
                        .withMethodBody(
                            "run",
                            Names.RUN,
                            ClassFile.ACC_PUBLIC,
                            code -> {
                              // Branches too far for 16 bits make the builder start over.
                              left.clear();
                              new RegionMethod(code, blocks, entries, left).emit();
                            }));
    length[0] = bytes.length;
    return bytes;
  }

  private Region define(byte[] bytes, List<Insn> left) {
    InsnHandler[] table = new InsnHandler[left.size()];
    for (int i = 0; i < table.length; i++) {
      table[i] = handlers.get(left.get(i).operation);
    }
    try {
      MethodHandles.Lookup hidden = MethodHandles.lookup().defineHiddenClass(bytes, true);
      return (Region)
          hidden
              .findConstructor(
                  hidden.lookupClass(),
                  MethodType.methodType(void.class, Insn[].class, InsnHandler[].class))
              .invoke(left.toArray(Insn[]::new), table);
    } catch (Throwable broken) {
      throw new IllegalStateException("a compiled region did not link", broken);
    }
  }
}
