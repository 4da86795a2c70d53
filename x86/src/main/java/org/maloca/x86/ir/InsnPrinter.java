package org.maloca.x86.ir;

/**
 * Instructions as text for dumps and tests, in Intel syntax with the names of {@link Operation}:
 * {@code add qword [rbx+rcx*4+0x10], rax}. Branch targets are relative to the next instruction.
 */
public final class InsnPrinter {
  private static final String[] LOW_NAMES = {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"};
  private static final String[] BYTE_NAMES = {"al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil"};
  private static final String[] HIGH_NAMES = {"ah", "ch", "dh", "bh"};
  private static final String[] SEGMENT_NAMES = {"es", "cs", "ss", "ds", "fs", "gs"};
  private static final String[] CONDITIONS = {
    "o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g"
  };

  private InsnPrinter() {}

  /** The text of one instruction. */
  public static String print(Insn insn) {
    StringBuilder text = new StringBuilder(48);
    if (insn.lock) {
      text.append("lock ");
    }
    if (insn.repeat != Insn.REPEAT_NONE) {
      text.append(insn.repeat == Insn.REPEAT_EQUAL ? "rep " : "repne ");
    }
    text.append(mnemonic(insn));
    for (int n = 0; n < 4 && insn.kind(n) != OperandKind.NONE; n++) {
      text.append(n == 0 ? " " : ", ");
      operand(text, insn, n);
    }
    return text.toString();
  }

  private static String mnemonic(Insn insn) {
    return switch (insn.operation) {
      case JCC -> "j" + CONDITIONS[insn.condition];
      case SETCC -> "set" + CONDITIONS[insn.condition];
      case CMOVCC -> "cmov" + CONDITIONS[insn.condition];
      case MOVS, CMPS, STOS, LODS, SCAS, INS, OUTS -> lower(insn) + suffix(insn.operandSize);
      default -> insn.x87Pops == 0 ? lower(insn) : lower(insn) + "p".repeat(insn.x87Pops);
    };
  }

  private static String lower(Insn insn) {
    String name = insn.operation.name();
    StringBuilder text = new StringBuilder(name.length());
    for (int i = 0; i < name.length(); i++) {
      text.append(Character.toLowerCase(name.charAt(i)));
    }
    return text.toString();
  }

  private static String suffix(int size) {
    return switch (size) {
      case 1 -> "b";
      case 2 -> "w";
      case 4 -> "d";
      default -> "q";
    };
  }

  private static void operand(StringBuilder text, Insn insn, int n) {
    int register = insn.register(n);
    switch (insn.kind(n)) {
      case NONE -> {}
      case GPR -> text.append(generalName(register, registerSize(insn, n)));
      case HIGH_BYTE -> text.append(HIGH_NAMES[register]);
      case MEMORY -> memory(text, insn, n);
      case IMMEDIATE -> hex(text, insn.immediate);
      case RELATIVE -> {
        text.append('$');
        offset(text, insn.immediate);
      }
      case FAR_POINTER -> {
        hex(text, insn.immediate2);
        text.append(':');
        hex(text, insn.immediate);
      }
      case SEGMENT -> text.append(SEGMENT_NAMES[register]);
      case CONTROL -> text.append("cr").append(register);
      case DEBUG -> text.append("dr").append(register);
      case X87 -> text.append("st").append(register);
      case MMX -> text.append("mm").append(register);
      case XMM -> text.append("xmm").append(register);
    }
  }

  /** A few registers have a size other than the operation's. */
  private static int registerSize(Insn insn, int n) {
    return switch (insn.operation) {
      case SHL, SHR, SAR, ROL, ROR, RCL, RCR -> n == 1 ? 1 : insn.operandSize;
      case SHLD, SHRD -> n == 2 ? 1 : insn.operandSize;
      case IN -> n == 1 ? 2 : insn.operandSize;
      case OUT -> n == 0 ? 2 : insn.operandSize;
      default -> n == 1 && insn.sourceSize != 0 ? insn.sourceSize : insn.operandSize;
    };
  }

  private static int memorySize(Insn insn, int n) {
    if (insn.x87Format != X87Format.NONE) {
      return insn.x87Format.bytes();
    }
    return n == 1 && insn.sourceSize != 0 ? insn.sourceSize : insn.operandSize;
  }

  private static String generalName(int register, int size) {
    if (register >= 8) {
      return "r" + register + (size == 8 || size == 0 ? "" : suffix(size));
    }
    return switch (size) {
      case 1 -> BYTE_NAMES[register];
      case 2 -> LOW_NAMES[register];
      case 4 -> "e" + LOW_NAMES[register];
      default -> "r" + LOW_NAMES[register];
    };
  }

  private static void memory(StringBuilder text, Insn insn, int n) {
    if (insn.operation != Operation.LEA) {
      text.append(
          switch (memorySize(insn, n)) {
            case 1 -> "byte ";
            case 2 -> "word ";
            case 4 -> "dword ";
            case 8 -> "qword ";
            case 10 -> "tbyte ";
            case 16 -> "oword ";
            default -> "";
          });
    }
    text.append('[');
    if (insn.segment != Insn.NO_SEGMENT && insn.segment != defaultSegment(insn)) {
      text.append(SEGMENT_NAMES[insn.segment]).append(':');
    }
    int start = text.length();
    if (insn.ripRelative) {
      text.append(insn.addressSize == 4 ? "eip" : "rip");
    }
    if (insn.base != Insn.NO_REGISTER) {
      text.append(generalName(insn.base, insn.addressSize));
    }
    if (insn.index != Insn.NO_REGISTER) {
      text.append(text.length() == start ? "" : "+");
      text.append(generalName(insn.index, insn.addressSize));
      if (insn.addressSize != 2) {
        text.append('*').append(1 << insn.scale);
      }
    }
    if (text.length() == start) {
      hex(text, insn.displacement);
    } else if (insn.displacement != 0) {
      offset(text, insn.displacement);
    }
    text.append(']');
  }

  private static int defaultSegment(Insn insn) {
    return insn.base == 4 || insn.base == 5 ? 2 : 3;
  }

  private static void offset(StringBuilder text, long value) {
    text.append(value < 0 ? '-' : '+').append("0x").append(Long.toHexString(Math.abs(value)));
  }

  private static void hex(StringBuilder text, long value) {
    if (value < 0) {
      text.append('-');
    }
    text.append("0x").append(Long.toHexString(Math.abs(value)));
  }
}
