package org.maloca.x86.integer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.maloca.x86.Cpu;
import org.maloca.x86.CpuFeatures;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.InsnBuilder;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;

/** Register forms agree with recorded results of a processor, undefined flags included. */
class SiliconIntegerTest {
  private static final int[] REGISTERS = {Cpu.RAX, Cpu.RCX, Cpu.RDX, Cpu.RBX};
  private static final HandlerTable HANDLERS = new HandlerTable();

  static {
    IntegerHandlers.register(HANDLERS);
  }

  private final Cpu cpu = IntegerMachine.cpuWithoutMemory(new CpuFeatures(1));

  @ParameterizedTest
  @MethodSource("vectors")
  void agreesWithSilicon(String vector) {
    int bar = vector.indexOf(" | ");
    Insn insn = parse(vector.substring(0, bar).split(" "));
    long[] state =
        Arrays.stream(vector.substring(bar + 3).split(" "))
            .mapToLong(field -> Long.parseUnsignedLong(field, 16))
            .toArray();
    for (int i = 0; i < REGISTERS.length; i++) {
      cpu.setGpr(REGISTERS[i], state[i]);
    }
    cpu.setArithmeticFlags((int) state[4]);

    HANDLERS.get(insn.operation).execute(cpu, insn);

    String before = hex(Arrays.copyOf(state, 5));
    String wanted = hex(Arrays.copyOfRange(state, 5, 10));
    assertEquals(wanted, hex(cpu.rax, cpu.rcx, cpu.rdx, cpu.rbx, cpu.arithmeticFlags()), before);
  }

  static Stream<String> vectors() {
    try (InputStream in = SiliconIntegerTest.class.getResourceAsStream("silicon.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
          .lines()
          .filter(line -> !line.startsWith("#"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Insn parse(String[] words) {
    InsnBuilder builder = IntegerMachine.builder();
    String[] operation = words[0].split("/");
    builder.operation = Operation.valueOf(operation[0]);
    builder.condition = Integer.parseInt(operation[operation.length - 1].replaceAll("\\D+", "0"));
    builder.operandSize = Integer.parseInt(words[1]);
    builder.sourceSize = Integer.parseInt(words[2]);
    for (int i = 3; i < words.length; i++) {
      parseOperand(builder, i - 3, words[i]);
    }
    return builder.build();
  }

  private static void parseOperand(InsnBuilder builder, int n, String word) {
    switch (word.charAt(0)) {
      case 'i' -> {
        builder.kinds[n] = OperandKind.IMMEDIATE;
        builder.immediate = Long.parseLong(word.substring(1));
      }
      case 'h' -> {
        builder.kinds[n] = OperandKind.HIGH_BYTE;
        builder.registers[n] = register(word.charAt(1));
      }
      default -> {
        builder.kinds[n] = OperandKind.GPR;
        builder.registers[n] = register(word.charAt(0));
      }
    }
  }

  private static int register(char letter) {
    return REGISTERS["acdb".indexOf(letter)];
  }

  private static String hex(long... values) {
    StringBuilder text = new StringBuilder();
    Arrays.stream(values).forEach(value -> text.append(Long.toHexString(value)).append(' '));
    return text.toString();
  }
}
