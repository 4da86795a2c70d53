package org.maloca.x86.translate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.constant.ConstantDescs;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.maloca.x86.CpuFeatures;
import org.maloca.x86.bytecode.ClassFileWriter;
import org.maloca.x86.bytecode.ConstantPool;
import org.maloca.x86.code.Block;
import org.maloca.x86.decode.Decoder;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.InsnBuilder;
import org.maloca.x86.ir.InsnPrinter;
import org.maloca.x86.ir.Operation;

class EmitterFamiliesTest {
  private static final int INSNS = 400_000;
  private static final long SEED = 41;

  /** Families may be asked in any order. */
  @Test
  void noInstructionIsKnownToTwoFamilies() {
    Set<Operation> emitted = EnumSet.noneOf(Operation.class);
    try (CodeMachine machine = new CodeMachine(true, false)) {
      machine.place(new byte[] {(byte) 0x90, (byte) 0xf4});
      Block block = machine.decoded(CodeMachine.CODE);
      for (RegionShape.Kind kind : RegionShape.Kind.values()) {
        RegionPlan plan = new RegionPlan(List.of(new RegionBlock(block, 0)), kind);
        EmitterFamilies families = families(plan);
        Decoder decoder = new Decoder(new CpuFeatures(1));
        InsnBuilder builder = new InsnBuilder();
        Random random = new Random(SEED);
        byte[] bytes = new byte[16];
        for (int i = 0; i < INSNS; i++) {
          random.nextBytes(bytes);
          if (random.nextInt(2) == 0) {
            bytes[random.nextInt(3)] = 0x0f;
          }
          decoder.decode(index -> bytes[index] & 0xff, block.mode, 0, builder);
          Insn insn = builder.build();
          int knowing = families.knowing(insn);
          assertTrue(knowing <= 1, () -> InsnPrinter.print(insn) + ": " + knowing);
          InsnEmitter family = families.of(insn);
          assertEquals(knowing == 1, family != null && family.knows(insn));
          if (knowing == 1) {
            emitted.add(insn.operation);
          }
        }
      }
    }
    assertTrue(emitted.size() > 200, () -> "only " + emitted.size() + " operations");
  }

  private static EmitterFamilies families(RegionPlan plan) {
    var type = new ClassFileWriter(new ConstantPool(owner -> {}), Names.REGION, Names.REGION);
    return new EmitterFamilies(new Emitter(type.method(0, "run", ConstantDescs.MTD_void), plan));
  }
}
