package org.maloca.x86.simd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.maloca.x86.Cpu;
import org.maloca.x86.GuestFault;

/** Every MMX and SSE instruction does what silicon was seen to do. */
class SiliconSimdTest {
  private static final int SIGFPE = 8;
  private static final List<String> HALVES = List.of("x0l", "x0h", "x1l", "x1h", "x2l", "x2h");

  private final SimdMachine machine = new SimdMachine();
  private final Cpu cpu = machine.cpu;

  @AfterEach
  void close() {
    machine.close();
  }

  private static List<String> vectors() throws IOException {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                SiliconSimdTest.class.getResourceAsStream("silicon.txt"),
                StandardCharsets.US_ASCII))) {
      return reader.lines().filter(line -> !line.startsWith("#")).toList();
    }
  }

  private static Map<String, Long> parse(String fields, Map<String, Long> onto) {
    Map<String, Long> values = new TreeMap<>(onto);
    for (String field : fields.trim().split(" ")) {
      int equals = field.indexOf('=');
      if (equals > 0) {
        long value = Long.parseUnsignedLong(field, equals + 1, field.length(), 16);
        values.put(field.substring(0, equals), value);
      }
    }
    return values;
  }

  private static Map<String, Long> zeros() {
    Map<String, Long> values = new TreeMap<>();
    HALVES.forEach(name -> values.put(name, 0L));
    List.of("rax", "rcx", "rdx", "flags", "mm1", "mm2", "ml", "mh", "vec")
        .forEach(name -> values.put(name, 0L));
    values.put("mxcsr", (long) Mxcsr.RESET);
    return values;
  }

  private void load(Map<String, Long> state) {
    for (int i = 0; i < HALVES.size(); i++) {
      cpu.xmm[i] = state.get(HALVES.get(i));
    }
    cpu.rax = state.get("rax");
    cpu.rcx = state.get("rcx");
    cpu.rdx = state.get("rdx");
    cpu.setArithmeticFlags(0);
    Mxcsr.set(cpu, state.get("mxcsr").intValue());
    cpu.x87.setMmx(1, state.get("mm1"));
    cpu.x87.setMmx(2, state.get("mm2"));
    machine.memory.write(SimdMachine.DATA, 8, state.get("ml"));
    machine.memory.write(SimdMachine.DATA + 8, 8, state.get("mh"));
  }

  private Map<String, Long> save(int vector) {
    Map<String, Long> state = new TreeMap<>();
    for (int i = 0; i < HALVES.size(); i++) {
      state.put(HALVES.get(i), cpu.xmm[i]);
    }
    state.put("rax", cpu.rax);
    state.put("rcx", cpu.rcx);
    state.put("rdx", cpu.rdx);
    state.put("flags", (long) cpu.arithmeticFlags());
    state.put("mxcsr", (long) Mxcsr.get(cpu));
    state.put("mm1", cpu.x87.mmx(1));
    state.put("mm2", cpu.x87.mmx(2));
    state.put("ml", machine.memory.read(SimdMachine.DATA, 8));
    state.put("mh", machine.memory.read(SimdMachine.DATA + 8, 8));
    state.put("vec", vector == GuestFault.XM ? SIGFPE : vector + 1L);
    return state;
  }

  @Test
  void instructionsAgreeWithSilicon() throws IOException {
    List<String> vectors = vectors();
    for (String vector : vectors) {
      int arrow = vector.indexOf("->");
      int comment = vector.indexOf('#');
      int space = vector.indexOf(' ');
      Map<String, Long> before = parse(vector.substring(space, arrow), zeros());
      Map<String, Long> after = parse(vector.substring(arrow + 2, comment), before);
      load(before);
      assertEquals(after, save(machine.fault(vector.substring(0, space))), vector);
    }
    assertTrue(vectors.size() > 1000, "vectors are missing");
  }
}
