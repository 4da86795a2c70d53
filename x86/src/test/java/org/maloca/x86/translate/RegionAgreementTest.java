package org.maloca.x86.translate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.maloca.x86.Cpu;
import org.maloca.x86.ir.Operation;

/**
 * Short random programs end the same as regions and by reference handlers: with flags of every
 * origin before an instruction, and with every kind of look at them after it.
 */
class RegionAgreementTest {
  private static final int PROGRAMS = 250;
  private static final int STATES = 4;
  private static final String HLT = "f4";

  /** Leave flags of every kind, or of none known. */
  private static final String[] BEFORE =
      words(
          """
          - 01c8 29c8 11c8 19c8 85c0 83c001 83e801 c1e003 d1e8 c1f805 d3e8 0fa3c8 d1c8 d3c0 f8
          f9 f5 0fafc1 f30fbcc1 00e0 6629c8
          """);

  /**
   * Look at flags, or overwrite them. The last one jumps into the midst of the block that it falls
   * through to, in front of an instruction that is left to its handler.
   */
  private static final String[] AFTER =
      words(
          """
          - 39c8 0f9cc1 9c 11d2 19d2 0f42c1 0f43c1 d1d0 720289c1 7f0289c1 76028bc1 9f ff03
          8b03 0f9ac2 0f90c1 7002ffc1 780289c2 740289c2 7402ffc1aa
          """);

  /** The instructions in question; memory operands are based on rBX. */
  private static final String[] STEPS =
      words(
          """
          c1e005 c1e81f c1f801 66c1e011 c0e009 c0ec03 d3e0 d3e8 d3f8 66d3e0 d2e0 d2fc d123
          c16b0403 d37b04 c1c007 c1c819 66c1c013 c0c408 d3c0 d3c8 66d3c8 d2c4 d20b d10b d1d0
          d1d8 66d1d0 d0dc d113 d11b 0fa4c805 0faccf1f 0fa5c8 0fadc8 0fa50b 0fac4b0402
          c4e37bf0c00d c4e271f7c1 c4e273f7c1 c4e272f703
          f7e1 f7e9 66f7e1 66f7eb f6e1 f6ed f723 f72b 0fafc1 660fafc1 6bc17b 69c178563412
          0faf03 c4e27bf6ca f7f1 f7f9 66f7f1 f6f1 f6fd 31d2f7f1 99f7f9 31d2f733 660f38f6c1
          f30f38f6c1 660f38f603
          0fa3c8 0fabc8 0fb3c8 0fbbc8 660fa3c8 0fbae005 0fbae81f 0fba2305 0fba6b0411
          0fba7b0403 f00fba2b07 f00fba7304ff 0fbcc1 0fbdc1 660fbcc1 0fbc03 f30fbcc1 f30fbdc1
          66f30fbcc1 f30fbd03 f30fb8c1 66f30fb8c1 f20f38f1c1 f20f38f0c1 66f20f38f1c1
          f20f38f103 c4e278f2c1 c4e270f7c1 c4e270f3d9 c4e270f3d1 c4e270f3c9 c4e270f5c1
          c4e273f5c1 c4e272f5c1
          f00103 f02903 f02103 f00903 f03103 f0ff03 f0ff0b f0f713 f0fe03 f000630c 8703 8623
          87d9 0fc1c8 f00fc103 0fc103 0fc0c4 0fb1c8 f00fb10b 0fb10b 0fb0cc f00fb00b
          0fb6c4 660fb6c1 660fbe03 0fb703 0fbfc1 0f38f003 0f38f10b 660f38f003 0fc8 98 6698 99
          6699 d7 9f 9e f8 f9 f5 fc fd 9c 51 59 ff33 8f03 8f0424 6a85 c8100000 c9 660f42c1
          0fc303
          1103 1303 1903 660301 10630c 1a63ec 66ff03 fe03 f61b 66f713 80530c85 66811b3412
          6611c8 10e0
          fa fb 0f01ca 0f01cb 0faee8 0faef0 0faef8 f390 0f31 0f01f9
          """);

  private final Random random = new Random(20250611);

  private static String[] words(String text) {
    return text.strip().split("\\s+");
  }

  /** A dash is nothing. */
  private String pick(String[] from) {
    String picked = from[random.nextInt(from.length)];
    return picked.equals("-") ? "" : picked;
  }

  private String program() {
    StringBuilder hex = new StringBuilder();
    int steps = 1 + random.nextInt(3);
    for (int i = 0; i < steps; i++) {
      hex.append(pick(BEFORE)).append(pick(STEPS)).append(pick(AFTER));
    }
    return hex.append(HLT).toString();
  }

  private long value() {
    return switch (random.nextInt(6)) {
      case 0 -> random.nextInt(4);
      case 1 -> -random.nextInt(4);
      case 2 -> 1L << random.nextInt(64);
      case 3 -> random.nextInt();
      default -> random.nextLong();
    };
  }

  /** Gives both machines the same random state. */
  private void prepare(CodeMachine one, CodeMachine other, boolean wide) {
    for (int i = 0; i < 16; i++) {
      long value = wide ? value() : value() & 0xffff_ffffL;
      one.cpu.setGpr(i, value);
      other.cpu.setGpr(i, value);
    }
    int flags = random.nextInt() & 0x8d5;
    byte[] bytes = new byte[CodeMachine.RAM_BYTES - CodeMachine.DATA];
    random.nextBytes(bytes);
    for (CodeMachine machine : new CodeMachine[] {one, other}) {
      machine.cpu.rbx = CodeMachine.DATA + 0x800;
      machine.cpu.rsp = CodeMachine.STACK;
      machine.cpu.rbp = CodeMachine.STACK + 0x40;
      machine.cpu.setRflags(2 | flags);
      machine.cpu.interruptShadow = false;
      machine.memory.write(CodeMachine.DATA, bytes, 0, bytes.length);
    }
  }

  private static String outcome(CodeMachine machine) {
    StringJoiner text = new StringJoiner("\n");
    text.add("vector " + machine.vector);
    if (machine.vector == 14) {
      text.add("error %x at %x".formatted(machine.cpu.fault.errorCode, machine.cpu.fault.address));
    }
    text.add("rip %x".formatted(machine.cpu.rip));
    text.add("rflags %x".formatted(machine.cpu.rflags()));
    text.add("shadow " + machine.cpu.interruptShadow);
    for (int i = 0; i < 16; i++) {
      text.add("r%d %x".formatted(i, machine.cpu.gpr(i)));
    }
    byte[] bytes = new byte[CodeMachine.RAM_BYTES - CodeMachine.DATA];
    machine.memory.read(CodeMachine.DATA, bytes, 0, bytes.length);
    text.add("memory %x".formatted(java.util.Arrays.hashCode(bytes)));
    return text.toString();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void regionsEndAsHandlersDo(boolean wide) {
    try (CodeMachine reference = new CodeMachine(wide, false);
        CodeMachine compiled = new CodeMachine(wide, true)) {
      for (int i = 0; i < PROGRAMS; i++) {
        String program = program();
        byte[] code = HexFormat.of().parseHex(program);
        reference.place(code);
        compiled.place(code);
        for (int j = 0; j < STATES; j++) {
          compiled.best = (i & 1) != 0;
          prepare(reference, compiled, wide);
          reference.run();
          compiled.run();
          assertEquals(outcome(reference), outcome(compiled), program);
        }
      }
      assertTrue(compiled.regionsRun >= PROGRAMS * STATES);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void noneOfTheStepsIsLeftToItsHandler(boolean wide) {
    try (CodeMachine compiled = new CodeMachine(wide, true)) {
      for (String step : STEPS) {
        compiled.place(HexFormat.of().parseHex(step + HLT));
        List<Operation> left = new ArrayList<>(compiled.leftToHandlers());
        left.remove(Operation.HLT);
        assertEquals(List.of(), left, step);
      }
    }
  }

  /** JZ over INC ECX, to the STOSB behind it. */
  @ParameterizedTest
  @ValueSource(ints = {0, 0x40})
  void overlappingBlocksOfARegionComeBackBehindTheirOwnHandlers(int zeroFlag) {
    try (CodeMachine machine = new CodeMachine(true, false)) {
      machine.place(HexFormat.of().parseHex("7402ffc1aa" + HLT));
      for (int flags : new int[] {0, 0x40}) {
        machine.cpu.setRflags(2 | flags);
        machine.cpu.rdi = CodeMachine.DATA;
        machine.run();
      }
      machine.best = false;
      assertEquals(2, Collections.frequency(machine.leftToHandlers(), Operation.STOS));

      machine.cpu.setRflags(2 | zeroFlag);
      machine.cpu.rcx = 7;
      machine.cpu.rdi = CodeMachine.DATA;
      machine.run();

      assertEquals(zeroFlag == 0 ? 8 : 7, machine.cpu.rcx);
      assertEquals(CodeMachine.DATA + 1, machine.cpu.rdi);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void instructionsThatCrossAPageAreCompiledWithBothPages(boolean best) {
    try (CodeMachine machine = new CodeMachine(true, true)) {
      machine.best = best;
      String jump = "e9" + "f90f0000";
      byte[] code = new byte[0x1010];
      byte[] first = HexFormat.of().parseHex(jump);
      System.arraycopy(first, 0, code, 0, first.length);
      // ADD RAX, imm32, of which the last two bytes lie in the next page; then HLT.
      byte[] crossing = HexFormat.of().parseHex("480544332211" + HLT);
      System.arraycopy(crossing, 0, code, 0xffe, crossing.length);
      machine.place(code);
      machine.run();
      assertEquals(0x1122_3344, machine.cpu.rax);

      code[0x1003] = 0x55;
      machine.place(code);
      machine.cpu.rax = 0;
      machine.run();
      assertEquals(0x5522_3344, machine.cpu.rax);
      assertEquals(3, machine.gathered(RegionShape.Kind.BEST).size());
    }
  }

  @Test
  void swapGsExchangesTheBases() {
    try (CodeMachine compiled = new CodeMachine(true, true)) {
      compiled.cpu.segments[Cpu.GS].base = 1;
      compiled.cpu.msr.kernelGsBase = 2;
      compiled.place(HexFormat.of().parseHex("0f01f8" + HLT));
      compiled.run();
      assertEquals(2, compiled.cpu.segments[Cpu.GS].base);
      assertEquals(1, compiled.cpu.msr.kernelGsBase);
      assertTrue(compiled.regionsRun > 0);
    }
  }

  @ParameterizedTest
  @CsvSource({"fa, 13", "fb, 13", "0f01f8, 13", "0f01ca, 6", "0f01cb, 6"})
  void whatIsForTheKernelFaultsInUserCode(String step, int vector) {
    try (CodeMachine compiled = new CodeMachine(true, true)) {
      compiled.cpu.cpl = 3;
      compiled.cpu.updateMode();
      compiled.place(HexFormat.of().parseHex(step + HLT));
      compiled.run();
      assertEquals(vector, compiled.vector);
      assertEquals(CodeMachine.CODE, compiled.cpu.rip);
      assertTrue(compiled.regionsRun > 0);
    }
  }
}
