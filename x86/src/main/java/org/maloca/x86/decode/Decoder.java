package org.maloca.x86.decode;

import org.jspecify.annotations.Nullable;
import org.maloca.x86.CpuFeatures;
import org.maloca.x86.ir.CodeMode;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.InsnBuilder;
import org.maloca.x86.ir.OperandKind;
import org.maloca.x86.ir.Operation;
import org.maloca.x86.ir.X87Format;

/**
 * Decodes one instruction at a time: prefixes, opcode, ModRM, SIB, displacement, immediate (Intel
 * SDM volume 2, chapter 2; AMD APM volume 3, chapter 1). What comes out is described at the
 * package. Allocates nothing; not thread-safe.
 */
public final class Decoder {
  /** In place of a length: more than 15 bytes, which is #GP(0). */
  public static final int TOO_LONG = -1;

  private static final int MAX_LENGTH = 15;

  private static final X87Format[] X87_FORMATS = X87Format.values();

  private static final OpcodeTable ONE_BYTE =
      new OpcodeTable(OneByteOpcodes.ARITHMETIC, OneByteOpcodes.OTHERS, X87Opcodes.ROWS);
  private static final OpcodeTable TWO_BYTE =
      new OpcodeTable(
          TwoByteOpcodes.SYSTEM,
          TwoByteOpcodes.INTEGER,
          SseOpcodes.FLOATING_POINT,
          SseOpcodes.INTEGER);
  private static final OpcodeTable THREE_BYTE_38 = new OpcodeTable(ThreeByte38Opcodes.ROWS);
  private static final OpcodeTable THREE_BYTE_3A = new OpcodeTable(ThreeByte3AOpcodes.ROWS);
  private static final OpcodeTable VEX_38 = new OpcodeTable(VexOpcodes.MAP_0F38);
  private static final OpcodeTable VEX_3A = new OpcodeTable(VexOpcodes.MAP_0F3A);

  /** No lambda: the first one of a process costs more than all our tables. */
  private static final CodeBytes NO_CODE =
      new CodeBytes() {
        @Override
        public int byteAt(int index) {
          return 0;
        }
      };

  private CodeBytes source;
  private InsnBuilder out;
  private int mode;
  private boolean in64;

  private int position;
  private boolean tooLong;

  private boolean operandSizePrefix;
  private boolean addressSizePrefix;
  private boolean lockPrefix;
  private int repeatPrefix;
  private int segmentOverride;
  private boolean rex;
  private boolean rexW;
  private int rexR;
  private int rexX;
  private int rexB;
  private int vexRegister;

  private int opcode;
  private int modRm;
  private boolean hasModRm;

  /** The operand size that v stands for. */
  private int generalSize;

  private boolean valid;

  /** Makes a decoder for a CPU; every feature that we have is always offered, so far. */
  public Decoder(CpuFeatures features) {
    source = NO_CODE;
    out = new InsnBuilder();
  }

  /**
   * Decodes an instruction.
   *
   * @param code its bytes; whatever it throws passes through
   * @param codeMode bits of {@link CodeMode}
   * @param offsetInBlock for {@link Insn#offset}
   * @param into is cleared and filled in
   * @return the length in bytes, or {@link #TOO_LONG}; if the bytes are no instruction, the
   *     operation is {@code UD}
   */
  public int decode(CodeBytes code, int codeMode, int offsetInBlock, InsnBuilder into) {
    source = code;
    out = into;
    mode = codeMode;
    in64 = CodeMode.is64(codeMode);
    into.clear();
    into.offset = offsetInBlock;
    reset();

    int first = prefixes();
    opcodeBytes(first);

    if (!valid) {
      into.clear();
      into.offset = offsetInBlock;
    }
    into.length = position;
    if (tooLong) {
      into.clear();
      into.offset = offsetInBlock;
      into.length = MAX_LENGTH;
      return TOO_LONG;
    }
    return position;
  }

  private void reset() {
    position = 0;
    tooLong = false;
    operandSizePrefix = false;
    addressSizePrefix = false;
    lockPrefix = false;
    repeatPrefix = Insn.REPEAT_NONE;
    segmentOverride = Insn.NO_SEGMENT;
    rex = false;
    rexW = false;
    rexR = 0;
    rexX = 0;
    rexB = 0;
    vexRegister = 0;
    modRm = 0;
    hasModRm = false;
    valid = true;
  }

  private void invalid() {
    valid = false;
  }

  // Bytes.

  private int next() {
    if (position == MAX_LENGTH) {
      tooLong = true;
      return 0;
    }
    return source.byteAt(position++);
  }

  private int next16() {
    int low = next();
    return low | next() << 8;
  }

  private int next32() {
    int low = next16();
    return low | next16() << 16;
  }

  private long next64() {
    long low = next32() & 0xffff_ffffL;
    return low | (long) next32() << 32;
  }

  // Prefixes and opcode.

  /** Reads the prefixes; returns the first opcode byte. */
  private int prefixes() {
    while (true) {
      int b = next();
      switch (b) {
        case 0x26 -> overrideSegment(0);
        case 0x2e -> overrideSegment(1);
        case 0x36 -> overrideSegment(2);
        case 0x3e -> overrideSegment(3);
        case 0x64 -> segmentOverride = 4;
        case 0x65 -> segmentOverride = 5;
        case 0x66 -> operandSizePrefix = true;
        case 0x67 -> addressSizePrefix = true;
        case 0xf0 -> lockPrefix = true;
        case 0xf2 -> repeatPrefix = Insn.REPEAT_NOT_EQUAL;
        case 0xf3 -> repeatPrefix = Insn.REPEAT_EQUAL;
        default -> {
          if (!in64 || (b & 0xf0) != 0x40) {
            return b;
          }
          rex(b);
          continue;
        }
      }
      if (rex) {
        rex(0);
        rex = false;
      }
    }
  }

  private void overrideSegment(int segment) {
    if (!in64) {
      segmentOverride = segment;
    }
  }

  private void rex(int b) {
    rex = true;
    rexW = (b & 8) != 0;
    rexR = b << 1 & 8;
    rexX = b << 2 & 8;
    rexB = b << 3 & 8;
  }

  private void opcodeBytes(int first) {
    out.rex = rex;
    if (first == 0x0f) {
      int second = next();
      if (second == 0x38) {
        opcode = next();
        form(THREE_BYTE_38.get(mandatoryPrefix(), opcode), 2);
      } else if (second == 0x3a) {
        opcode = next();
        form(THREE_BYTE_3A.get(mandatoryPrefix(), opcode), 3);
      } else {
        opcode = second;
        form(TWO_BYTE.get(mandatoryPrefix(), opcode), 1);
      }
      return;
    }
    opcode = first;
    if (first == 0xc4 || first == 0xc5) {
      modRm = next();
      hasModRm = true;
      if (in64 || modRm >= 0xc0) {
        hasModRm = false;
        vex(first, modRm);
        return;
      }
    }
    Form form = ONE_BYTE.get(mandatoryPrefix(), first);
    if (first == 0x90 && rexB != 0) {
      // The no-operation is XCHG of the accumulator with itself: not so with R8.
      form = ONE_BYTE.get(mandatoryPrefix(), 0x91);
    }
    form(form, 0);
  }

  private int mandatoryPrefix() {
    return switch (repeatPrefix) {
      case Insn.REPEAT_EQUAL -> OpcodeTable.PREFIX_F3;
      case Insn.REPEAT_NOT_EQUAL -> OpcodeTable.PREFIX_F2;
      default -> operandSizePrefix ? OpcodeTable.PREFIX_66 : OpcodeTable.PREFIX_NONE;
    };
  }

  /** Reads the rest of a VEX prefix (SDM volume 2, 2.3.5) and what follows. */
  private void vex(int first, int second) {
    if (operandSizePrefix
        || lockPrefix
        || repeatPrefix != Insn.REPEAT_NONE
        || rex
        || (mode & CodeMode.REAL_ADDRESSING) != 0) {
      // The rest is read all the same: a fault of the fetch comes first.
      invalid();
    }
    boolean endsEarly = rex;
    int map = 1;
    int last = second;
    int inverted = second | 0x60;
    if (first == 0xc4) {
      map = second & 0x1f;
      inverted = second;
      last = next();
    }
    if (in64) {
      rexR = ~inverted >> 4 & 8;
      rexX = ~inverted >> 3 & 8;
      rexB = ~inverted >> 2 & 8;
      rexW = first == 0xc4 && (last & 0x80) != 0;
    }
    vexRegister = ~last >> 3 & (in64 ? 15 : 7);
    int prefix =
        switch (last & 3) {
          case 0 -> OpcodeTable.PREFIX_NONE;
          case 1 -> OpcodeTable.PREFIX_66;
          case 2 -> OpcodeTable.PREFIX_F3;
          default -> OpcodeTable.PREFIX_F2;
        };
    opcode = next();
    if (endsEarly) {
      return;
    }
    Form form =
        switch (map) {
          case 2 -> VEX_38.get(prefix, opcode);
          case 3 -> VEX_3A.get(prefix, opcode);
          default -> null;
        };
    form(form, map);
    boolean usesRegister = map == 2;
    if ((last & 4) != 0 || !usesRegister && vexRegister != 0) {
      invalid();
    }
  }

  // Forms.

  private void form(@Nullable Form start, int map) {
    Form form = start;
    if (form == null) {
      invalid();
      return;
    }
    if (form.has(Form.MODRM) && !hasModRm) {
      modRm = next();
      hasModRm = true;
    }
    if (form.byModRm != null) {
      form = form.byModRm[modRm >= 0xc0 ? 8 + (modRm & 0x3f) : modRm >> 3 & 7];
      if (form == null) {
        undefinedInGroup(map);
        return;
      }
    }
    if (in64 && form.in64 != null) {
      form = form.in64;
    }
    if (rexW && form.wide != null) {
      form = form.wide;
    }
    if (form.has(in64 ? Form.NOT_64 : Form.ONLY_64)
        || form.has(Form.PROTECTED) && (mode & CodeMode.REAL_ADDRESSING) != 0) {
      // The rest is read all the same: a fault of the fetch comes first.
      invalid();
    }
    out.operation = form.operation;
    out.opcode = opcode | map << 8;
    out.modrm = modRm;
    sizes(form);
    if (hasModRm && modRm < 0xc0 && !form.has(Form.MOD_IGNORED)) {
      modRmMemory();
    }
    operand(0, form.operand0);
    if (form.operand1 != OperandCode.NONE) {
      operand(1, form.operand1);
      if (form.operand2 != OperandCode.NONE) {
        operand(2, form.operand2);
        if (form.operand3 != OperandCode.NONE) {
          operand(3, form.operand3);
        }
      }
    }
    rest(form);
  }

  /** Reads the operands of a group's undefined member: a fault of the fetch comes first. */
  private void undefinedInGroup(int map) {
    invalid();
    addressSize();
    if (modRm < 0xc0) {
      modRmMemory();
    }
    if (map == 1 && (opcode == 0xba || opcode >= 0x71 && opcode <= 0x73)) {
      out.immediate = next();
    }
  }

  private void sizes(Form form) {
    if (rexW) {
      generalSize = 8;
    } else if (in64 && form.has(Form.DEFAULT_64)) {
      generalSize = operandSizePrefix ? 2 : 8;
    } else {
      int size = CodeMode.defaultOperandSize(mode);
      generalSize = operandSizePrefix ? 6 - size : size;
    }
    out.operandSize = form.size == 0 ? 0 : size(form.size);
    addressSize();
  }

  private void addressSize() {
    int address = CodeMode.defaultAddressSize(mode);
    if (addressSizePrefix) {
      address = address == 4 ? 2 : 4;
    }
    out.addressSize = address;
  }

  private int size(int letter) {
    return switch (letter) {
      case 'b', 's' -> 1;
      case 'w' -> 2;
      case 'd' -> 4;
      case 'q' -> 8;
      case 'o' -> 16;
      case 'v' -> generalSize;
      case 'z' -> Math.min(4, generalSize);
      case 'y' -> rexW ? 8 : 4;
      case 'm' -> in64 ? 8 : 4;
      case 'p' -> in64 ? 8 : generalSize;
      default -> 0;
    };
  }

  /** Everything that depends on flags of the form rather than on operands. */
  private void rest(Form form) {
    int flags = form.flags;
    if (flags == 0 && !lockPrefix) {
      return;
    }
    if ((flags & Form.CONDITION) != 0) {
      out.condition = opcode & 15;
    }
    if ((flags & Form.REPEATABLE) != 0) {
      out.repeat = repeatPrefix;
    }
    if ((flags & Form.IMPLIED_SEGMENT) != 0) {
      out.segment = segmentOr(3);
    }
    if ((flags & Form.IMPLIED_ES) != 0) {
      out.segment = 0;
    }
    if ((flags & Form.SOURCE_SIZE) != 0) {
      out.sourceSize = size(OperandCode.size(form.operand1));
    }
    boolean toMemory = out.kinds[0] == OperandKind.MEMORY;
    if ((flags & Form.MEMORY_WORD) != 0 && toMemory) {
      out.operandSize = 2;
    }
    out.x87Pops = flags >> Form.POP_SHIFT;
    if (lockPrefix) {
      if ((flags & Form.LOCKABLE) == 0 || !toMemory) {
        invalid();
      }
      out.lock = true;
    } else if ((flags & Form.ALWAYS_LOCKED) != 0) {
      out.lock = toMemory;
    }
  }

  private int segmentOr(int segment) {
    return segmentOverride == Insn.NO_SEGMENT ? segment : segmentOverride;
  }

  // Operands.

  private void operand(int n, int code) {
    int size = OperandCode.size(code);
    switch (OperandCode.method(code)) {
      case 'E' -> registerOrMemory(n, OperandKind.GPR, modRm & 7 | rexB, size);
      case 'G' -> general(n, modRm >> 3 & 7 | rexR, size);
      case 'I' -> immediate(n, size);
      case 'J' -> {
        set(n, OperandKind.RELATIVE, 0);
        out.immediate = size == 'b' ? (byte) next() : signed();
      }
      case 'W' -> registerOrMemory(n, OperandKind.XMM, modRm & 7 | rexB, size);
      case 'V' -> set(n, OperandKind.XMM, modRm >> 3 & 7 | rexR);
      case 'Z' -> general(n, opcode & 7 | rexB, size);
      case 'a' -> set(n, OperandKind.GPR, 0);
      case 'M' -> memoryOnly(n);
      case 'f' -> {
        memoryOnly(n);
        out.x87Format = X87_FORMATS[size - '0'];
      }
      case 'c' -> set(n, OperandKind.GPR, 1);
      case '0', '1' -> {
        set(n, OperandKind.IMMEDIATE, 0);
        out.immediate = OperandCode.method(code) - '0';
      }
      case OperandCode.NONE -> {}
      default -> rareOperand(n, code);
    }
  }

  private void rareOperand(int n, int code) {
    switch (OperandCode.method(code)) {
      case 'R' -> registerOnly(n, OperandKind.GPR, modRm & 7 | rexB);
      case 'U' -> registerOnly(n, OperandKind.XMM, modRm & 7 | rexB);
      case 'N' -> registerOnly(n, OperandKind.MMX, modRm & 7);
      case 'Q' -> registerOrMemory(n, OperandKind.MMX, modRm & 7, 'x');
      case 'P' -> set(n, OperandKind.MMX, modRm >> 3 & 7);
      case 'B' -> set(n, OperandKind.GPR, vexRegister);
      case 'd' -> set(n, OperandKind.GPR, 2);
      case 't' -> set(n, OperandKind.X87, 0);
      case 'i' -> set(n, OperandKind.X87, modRm & 7);
      case 'x' -> set(n, OperandKind.XMM, 0);
      case 's' -> set(n, OperandKind.SEGMENT, OperandCode.size(code) - '0');
      case 'r' -> set(n, OperandKind.GPR, modRm & 7 | rexB);
      case 'A' -> {
        set(n, OperandKind.FAR_POINTER, 0);
        out.immediate = generalSize == 2 ? next16() : next32() & 0xffff_ffffL;
        out.immediate2 = next16();
      }
      case 'O' -> absolute(n);
      case 'S' -> segment(n);
      case 'C' -> control(n);
      case 'D' -> {
        if (rexR != 0) {
          invalid();
        }
        set(n, OperandKind.DEBUG, modRm >> 3 & 7);
      }
      default -> throw new IllegalStateException("no such addressing method: " + code);
    }
  }

  private void set(int n, OperandKind kind, int register) {
    out.kinds[n] = kind;
    out.registers[n] = register;
  }

  private void general(int n, int register, int size) {
    if (size == 'b' && !rex && register >= 4 && register < 8) {
      set(n, OperandKind.HIGH_BYTE, register - 4);
    } else {
      set(n, OperandKind.GPR, register);
    }
  }

  private void registerOrMemory(int n, OperandKind kind, int register, int size) {
    if (modRm < 0xc0) {
      set(n, OperandKind.MEMORY, 0);
    } else if (kind == OperandKind.GPR) {
      general(n, register, size);
    } else {
      set(n, kind, register);
    }
  }

  private void memoryOnly(int n) {
    if (modRm >= 0xc0) {
      invalid();
    }
    set(n, OperandKind.MEMORY, 0);
  }

  private void registerOnly(int n, OperandKind kind, int register) {
    if (modRm < 0xc0) {
      invalid();
    }
    set(n, kind, register);
  }

  private void segment(int n) {
    int register = modRm >> 3 & 7;
    if (register > 5 || register == 1 && out.operation == Operation.MOV_TO_SEG) {
      invalid();
    }
    set(n, OperandKind.SEGMENT, register);
  }

  private void control(int n) {
    int register = modRm >> 3 & 7 | rexR;
    if (lockPrefix && register == 0) {
      // AMD's encoding of CR8 outside 64-bit code (AltMovCr8).
      register = 8;
      lockPrefix = false;
    }
    if (register != 0 && (register < 2 || register > 4) && register != 8) {
      invalid();
    }
    set(n, OperandKind.CONTROL, register);
  }

  private void immediate(int n, int size) {
    switch (size) {
      case 'b' -> out.immediate = next();
      case 's' -> out.immediate = (byte) next();
      case 'w' -> out.immediate = next16();
      case 'z' -> out.immediate = signed();
      case 'v' -> out.immediate = generalSize == 8 ? next64() : signed();
      default -> {
        out.immediate2 = next();
        return;
      }
    }
    set(n, OperandKind.IMMEDIATE, 0);
  }

  /** A sign-extended immediate or displacement of the size z. */
  private long signed() {
    return generalSize == 2 ? (short) next16() : next32();
  }

  // Memory.

  private void absolute(int n) {
    set(n, OperandKind.MEMORY, 0);
    out.segment = segmentOr(3);
    out.displacement =
        switch (out.addressSize) {
          case 2 -> next16();
          case 4 -> next32() & 0xffff_ffffL;
          default -> next64();
        };
  }

  private void modRmMemory() {
    int defaultSegment = out.addressSize == 2 ? memory16() : memory32();
    out.segment = segmentOr(defaultSegment);
  }

  /** 16-bit forms (SDM volume 2, table 2-1); returns the default segment. */
  private int memory16() {
    int mod = modRm >> 6;
    int rm = modRm & 7;
    if (mod == 0 && rm == 6) {
      out.displacement = (short) next16();
      return 3;
    }
    int segment = 3;
    switch (rm) {
      case 0, 1, 7 -> out.base = 3;
      case 2, 3, 6 -> {
        out.base = 5;
        segment = 2;
      }
      case 4 -> out.base = 6;
      default -> out.base = 7;
    }
    if (rm < 4) {
      out.index = 6 + (rm & 1);
    }
    if (mod == 1) {
      out.displacement = (byte) next();
    } else if (mod == 2) {
      out.displacement = (short) next16();
    }
    return segment;
  }

  /** 32- and 64-bit forms (SDM volume 2, tables 2-2 and 2-3); returns the default segment. */
  private int memory32() {
    int mod = modRm >> 6;
    int rm = modRm & 7;
    if (rm == 4) {
      int sib = next();
      int index = sib >> 3 & 7 | rexX;
      if (index != 4) {
        out.index = index;
        out.scale = sib >> 6;
      }
      rm = sib & 7;
      if (rm == 5 && mod == 0) {
        out.displacement = next32();
        return 3;
      }
    } else if (rm == 5 && mod == 0) {
      out.ripRelative = in64;
      out.displacement = next32();
      return 3;
    }
    out.base = rm | rexB;
    if (mod == 1) {
      out.displacement = (byte) next();
    } else if (mod == 2) {
      out.displacement = next32();
    }
    return out.base == 4 || out.base == 5 ? 2 : 3;
  }
}
