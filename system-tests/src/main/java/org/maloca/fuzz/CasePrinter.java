package org.maloca.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.StringJoiner;

/** Writes a case for people. */
final class CasePrinter {
  private static final String[] NAMES = {
    "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
    "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"
  };

  private CasePrinter() {}

  static String code(CaseBatch batch, int index) {
    return HexFormat.ofDelimiter(" ").formatHex(batch.code(index));
  }

  /** The initial state, without what is zero. */
  static String state(CaseBatch batch, int index) {
    var out = new StringJoiner("\n");
    out.add(String.format("  rip    %016x", batch.codeGva(index)));
    out.add(String.format("  rflags %016x", batch.rflags(index)));
    for (int i = 0; i < 16; i++) {
      addNonZero(out, NAMES[i], batch.gpr(index, i));
    }
    addNonZero(out, "fsbase", batch.fsBase(index));
    addNonZero(out, "gsbase", batch.gsBase(index));
    if (batch.kind() == CaseKind.SSE) {
      out.add(String.format("  mxcsr  %08x", batch.mxcsr(index)));
      for (int i = 0; i < 32; i++) {
        addNonZero(
            out, "xmm" + i / 2 + (i % 2 == 0 ? ".low" : ".high"), batch.xmm(index, i / 2, i & 1));
      }
    } else if (batch.kind() == CaseKind.X87) {
      for (int at = 0; at < 416; at += 8) {
        addNonZero(out, "fx+" + at, batch.fpLong(index, at));
      }
    }
    for (int at = 0; at < batch.patchLength(index); at += 8) {
      long gva = CaseSpace.WINDOW_GVA + batch.patchOffset(index) + at;
      addNonZero(out, "[" + Long.toHexString(gva) + "]", batch.patchLong(index, at));
    }
    return out.toString();
  }

  private static void addNonZero(StringJoiner out, String name, long value) {
    if (value != 0) {
      out.add(String.format("  %-6s %016x", name, value));
    }
  }

  /** What objdump makes of the code, or nothing where there is none. */
  static String disassembly(CaseBatch batch, int index) {
    try {
      Path file = Files.createTempFile("maloca", ".bin");
      try {
        Files.write(file, batch.code(index));
        var process =
            new ProcessBuilder(
                    "objdump",
                    "-D",
                    "-b",
                    "binary",
                    "-m",
                    "i386:x86-64",
                    "-M",
                    "intel",
                    "--adjust-vma=0x" + Long.toHexString(batch.codeGva(index)),
                    file.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes());
        int start = output.indexOf("<.data>:");
        return start < 0 ? "" : output.substring(start + 8).strip();
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      return "";
    }
  }
}
