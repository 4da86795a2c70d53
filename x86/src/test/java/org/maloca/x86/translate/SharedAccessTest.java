package org.maloca.x86.translate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Accesses that share a look at the TLB end as they do by handlers, in compiled regions of both
 * kinds, wherever the page ends in which they lie, and whatever is behind it.
 */
class SharedAccessTest {
  private static final int PROGRAMS = 400;
  private static final int ROUNDS = 6;
  private static final String HLT = "f4";
  private static final long NOT_EXECUTABLE = 1L << 63;

  /**
   * Memory operands are near RBX, R12 and the top of the stack, and with RSI as an index. What is
   * there is no address, mostly, so that returns and computed jumps and calls fault.
   */
  private static final String[] STEPS =
      ("488b03 488b4308 488943f8 8b4b0c 884bff 66894b04 480143f0 83430c05 803b7f 3a4310 0fb64301"
              + " 480fbe43fe 0f9443fd 480f4443e8 480faf4bf8 0fc843 48f75be0 48ff03 4883c308 4883eb10"
              + " 4c8b6308 488d5b20 4889de 488d5bd8 48ffc3"
              + " 488b04b3 488944b308 8944b3fc 4883c602"
              + " 50 51 58 59 ff7308 ff33 6a11 9c 55 5d 4883ec20 4883c418 488b442408 4889442410 c9"
              + " 498b0424 49894424f8 49ffc4 4d8d6424f0"
              + " f30f1003 f20f104308 f20f1143f0 0f1003 0f2803 0f2903 0f1143f8 660f6f4310 f20f5803"
              + " 660fd60b f30f7e4b08 660f7e03 660f6e4304 f2480f2a03 660ffe03 0f5843f0 f00f0143"
              + " 0fb31b 0fa2 8f03 8f4308 418f0424 c3 ff23 ff5308")
          .split("\\s+");

  private final Random random = new Random(20261130);

  private String program() {
    StringBuilder hex = new StringBuilder();
    int steps = 2 + random.nextInt(10);
    for (int i = 0; i < steps; i++) {
      String step = STEPS[random.nextInt(STEPS.length)];
      hex.append(step.equals("0fc843") ? "0fc8" : step.equals("f00f0143") ? "f0014304" : step);
      if (random.nextInt(6) == 0) {
        // A jump over nothing ends the block.
        hex.append(random.nextBoolean() ? "7400" : "eb00");
      }
    }
    return hex.append(HLT).toString();
  }

  private long near(long page) {
    return page + random.nextInt(-48, 48);
  }

  private void prepare(CodeMachine[] machines) {
    byte[] bytes = new byte[CodeMachine.RAM_BYTES - CodeMachine.DATA];
    random.nextBytes(bytes);
    long[] registers = random.longs(16).toArray();
    registers[3] = near(0xb000) & (random.nextBoolean() ? -1L : ~15L);
    registers[12] = near(0xc000);
    registers[4] = near(0xc000) & ~7L;
    registers[5] = registers[4] + 0x20;
    registers[6] = random.nextInt(4);
    if (random.nextInt(8) == 0) {
      // Not canonical.
      registers[3 + random.nextInt(2)] ^= 1L << 47;
    }
    long[] rights = {0x67, 0x67, 0x67, 0x67, 0x65, 0x07, 0x05, 0};
    long[] entries = new long[4];
    for (int i = 0; i < entries.length; i++) {
      long page = 0xaL + random.nextInt(4);
      entries[i] = NOT_EXECUTABLE | page << 12 | rights[random.nextInt(rights.length)];
    }
    boolean isCold = random.nextInt(3) == 0;
    for (CodeMachine machine : machines) {
      for (int page = 0; page < 0xa; page++) {
        if (page != CodeMachine.CODE >> 12) {
          machine.map(page, NOT_EXECUTABLE | (long) page << 12 | 0x67, false);
        }
      }
      machine.memory.write(CodeMachine.DATA, bytes, 0, bytes.length);
      for (int i = 0; i < entries.length; i++) {
        machine.map(0xa + i, entries[i], isCold);
      }
      for (int i = 0; i < 16; i++) {
        machine.cpu.setGpr(i, registers[i]);
      }
      for (int i = 0; i < 32; i++) {
        machine.cpu.xmm[i] = registers[i / 2] * (i + 1);
      }
      machine.cpu.setRflags(2);
    }
  }

  private static String outcome(CodeMachine machine) {
    StringJoiner text = new StringJoiner("\n");
    text.add("vector " + machine.vector);
    if (machine.vector == 14) {
      text.add("error %x at %x".formatted(machine.cpu.fault.errorCode, machine.cpu.fault.address));
    }
    text.add("rip %x, rflags %x".formatted(machine.cpu.rip, machine.cpu.rflags()));
    for (int i = 0; i < 16; i++) {
      text.add("r%d %x".formatted(i, machine.cpu.gpr(i)));
    }
    text.add("xmm " + Arrays.hashCode(Arrays.copyOf(machine.cpu.xmm, 32)));
    byte[] bytes = new byte[CodeMachine.RAM_BYTES - CodeMachine.DATA];
    machine.memory.read(CodeMachine.DATA, bytes, 0, bytes.length);
    text.add("memory %x".formatted(Arrays.hashCode(bytes)));
    // Accessed and dirty bits. What is not aligned may have been looked up before that was found.
    for (int page = 0xa; page < 0xe && machine.vector != 13; page++) {
      text.add("entry of page %x: %x".formatted(page, machine.entry(page)));
    }
    return text.toString();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void endsAsByHandlersWhereverPagesEnd(boolean best) {
    try (CodeMachine reference = new CodeMachine(true, false);
        CodeMachine regions = new CodeMachine(true, true)) {
      regions.best = best;
      CodeMachine[] both = {reference, regions};
      for (int i = 0; i < PROGRAMS; i++) {
        String code = program();
        for (CodeMachine machine : both) {
          machine.place(HexFormat.of().parseHex(code));
        }
        for (int round = 0; round < ROUNDS; round++) {
          prepare(both);
          reference.run();
          regions.run();

          assertEquals(outcome(reference), outcome(regions), "program " + i + ": " + code);
        }
      }
      assertTrue(regions.regionsRun > PROGRAMS);
    }
  }

  /** A frame that lies across the end of a page in every call is not looked up as one for ever. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatIsOftenInTwoPagesIsLookedUpApart(boolean best) {
    // mov [rsp-8],rax; mov [rsp-16],rdx; mov [rsp-24],rcx
    String stores = "48894424f848895424f048894c24e8" + HLT;
    try (CodeMachine machine = new CodeMachine(true, true)) {
      machine.best = best;
      machine.place(HexFormat.of().parseHex(stores));
      for (int i = 0; i < 100; i++) {
        machine.cpu.rsp = 0xc008;
        machine.cpu.setGpr(1, i);
        machine.run();

        assertEquals(CodeMachine.NONE, machine.vector);
        assertEquals(i, machine.memory.read(0xc008 - 24, 8));
      }
      assertTrue(machine.block(CodeMachine.CODE).splitsOften);
    }
  }

  @Test
  void whatIsInOnePageStaysShared() {
    try (CodeMachine machine = new CodeMachine(true, true)) {
      machine.place(HexFormat.of().parseHex("48894424f848895424f048894c24e8" + HLT));
      for (int i = 0; i < 100; i++) {
        machine.cpu.rsp = CodeMachine.STACK;
        machine.run();
      }
      assertFalse(machine.block(CodeMachine.CODE).splitsOften);
      // The first time the page is not in the TLB.
      assertEquals(1, machine.block(CodeMachine.CODE).splits);
    }
  }
}
