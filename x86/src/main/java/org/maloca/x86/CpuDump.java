package org.maloca.x86;

import org.maloca.core.cpu.SegmentState;

/** The state of a CPU as text, for logs and crash reports. */
public final class CpuDump {
  private static final String[] GPR = {
    "RAX", "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI",
    "R8 ", "R9 ", "R10", "R11", "R12", "R13", "R14", "R15"
  };
  private static final String[] SEGMENT = {"ES", "CS", "SS", "DS", "FS", "GS"};

  private CpuDump() {}

  /** Several lines. */
  public static String of(Cpu cpu) {
    StringBuilder text = new StringBuilder();
    text.append(
        "vCPU %d RIP=%016x RFLAGS=%08x CPL=%d%n"
            .formatted(cpu.index, cpu.rip, cpu.rflags(), cpu.cpl));
    for (int i = 0; i < 16; i++) {
      text.append("%s=%016x%s".formatted(GPR[i], cpu.gpr(i), i % 4 == 3 ? "\n" : " "));
    }
    for (int i = 0; i < 6; i++) {
      SegmentState s = cpu.segments[i];
      text.append(
          "%s=%04x base=%016x limit=%08x attributes=%04x%n"
              .formatted(SEGMENT[i], s.selector, s.base, s.limit, s.attributes));
    }
    return text.append(
            "CR0=%x CR2=%x CR3=%x CR4=%x EFER=%x instructions=%d"
                .formatted(cpu.cr0, cpu.cr2, cpu.cr3, cpu.cr4, cpu.efer, cpu.instructions))
        .toString();
  }
}
