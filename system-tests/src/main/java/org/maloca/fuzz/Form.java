package org.maloca.fuzz;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * One instruction form: an opcode with its mandatory prefix and, for groups, its extension.
 *
 * @param map the opcode map
 * @param opcode the last opcode byte
 * @param extension ModRM.reg of a group, or -1
 * @param prefix the mandatory prefix, 0 for "none of them", or {@link #ANY_PREFIX}
 * @param modrm which ModRM forms exist
 * @param immediate what follows
 * @param data how operands in XMM, x87 and memory look
 * @param traits what the generator and the comparison must know
 */
record Form(
    Map map,
    int opcode,
    int extension,
    int prefix,
    Modrm modrm,
    Immediate immediate,
    CaseKind kind,
    Data data,
    Set<Trait> traits) {
  /** 66, F2 and F3 do not select another instruction. */
  static final int ANY_PREFIX = -1;

  enum Map {
    ONE_BYTE(""),
    TWO_BYTE("0f"),
    MAP_0F38("0f 38"),
    MAP_0F3A("0f 3a"),
    VEX_0F38("vex 0f 38"),
    VEX_0F3A("vex 0f 3a"),
    /** Not a map: several instructions of {@link SequenceForms}. */
    SEQUENCE("sequence");

    final String text;

    Map(String text) {
      this.text = text;
    }

    boolean vex() {
      return this == VEX_0F38 || this == VEX_0F3A;
    }
  }

  enum Modrm {
    NONE,
    ANY,
    MEMORY,
    REGISTER
  }

  enum Immediate {
    NONE,
    BYTE,
    WORD,
    /** 2 or 4 bytes by operand size. */
    SIZED,
    /** 2, 4 or 8 bytes by operand size (MOV r, imm). */
    FULL,
    /** An address of 4 or 8 bytes by address size. */
    MOFFS,
    /** ENTER's 3 bytes. */
    ENTER,
    REL8,
    REL32
  }

  enum Data {
    INT,
    F32,
    F64,
    F80,
    BCD
  }

  enum Trait {
    // What the operands must be, so that the case is worth running.
    LOCK,
    STACK,
    POPF,
    STRING,
    INDIRECT,
    NO66,
    XLAT,
    LEAVE,
    MASKMOV,
    BITBASE,
    CMPXCHG,
    CMPXCHG8,
    LOOP,
    DIV,
    SHIFT,
    LENGTHS,
    FXRSTOR,
    FXSAVE,
    ENVIRONMENT,
    LDMXCSR,
    FLDCW,
    FSBASE,
    RARE,
    /** Intel's CPUs do something else. */
    AMD,
    // What the manual leaves undefined.
    LOGIC,
    SHIFT_FLAGS,
    ROTATE_FLAGS,
    DOUBLE_SHIFT,
    MUL,
    SCAN,
    COUNT,
    BIT_TEST,
    BEXTR,
    BLS,
    APPROXIMATE,
    EXACT_CODES
  }

  boolean has(Trait trait) {
    return traits.contains(trait);
  }

  /** This form without those of its ModRM bytes that name memory. */
  Form onRegisters() {
    return modrm == Modrm.ANY
        ? new Form(map, opcode, extension, prefix, Modrm.REGISTER, immediate, kind, data, traits)
        : this;
  }

  /** This form without those of its ModRM bytes that name registers. */
  Form onMemory() {
    return modrm == Modrm.ANY
        ? new Form(map, opcode, extension, prefix, Modrm.MEMORY, immediate, kind, data, traits)
        : this;
  }

  /** For example {@code 66 0f 71 /2}. */
  String label() {
    String prefixText = prefix > 0 ? String.format("%02x ", prefix) : "";
    String mapText = map.text.isEmpty() ? "" : map.text + " ";
    String extensionText =
        extension < 0
            ? ""
            : extension < 8 ? " /" + extension : String.format(" %02x", extension & 0xff);
    return prefixText + mapText + String.format("%02x", opcode) + extensionText;
  }

  /**
   * Reads a table with lines of {@code opcodes[/extensions] prefixes modrm immediate traits...}.
   *
   * <p>A form that always faults has the trait {@code rare}: the generator seldom makes it.
   *
   * <p>Prefixes: {@code *} any, or letters out of N (none), 6, 3, 2. ModRM: {@code -}, {@code m},
   * {@code M} (memory), {@code R} (register). Immediate: 0 1 2 z v o e b r. Traits: names of {@link
   * Trait} and {@link Data}, {@code sse}, {@code x87}, and {@code mmx}, which is x87 without a
   * mandatory prefix and SSE with one.
   */
  static List<Form> parse(Map map, String table) {
    var forms = new ArrayList<Form>();
    table
        .lines()
        .map(line -> line.replaceAll("#.*", "").trim())
        .filter(line -> !line.isEmpty())
        .forEach(line -> parseLine(map, line.split(" +"), forms));
    return List.copyOf(forms);
  }

  private static void parseLine(Map map, String[] fields, List<Form> out) {
    String[] target = fields[0].split("/");
    int[] opcodes = range(target[0]);
    int[] extensions = target.length > 1 ? range(target[1]) : new int[] {-1, -1};
    for (int opcode = opcodes[0]; opcode <= opcodes[1]; opcode++) {
      for (int extension = extensions[0]; extension <= extensions[1]; extension++) {
        for (char prefix : fields[1].toCharArray()) {
          out.add(parseForm(map, opcode, extension, prefix, fields));
        }
      }
    }
  }

  private static Form parseForm(Map map, int opcode, int extension, char prefix, String[] fields) {
    var traits = EnumSet.noneOf(Trait.class);
    var kind = CaseKind.GPR;
    var data = Data.INT;
    for (int i = 4; i < fields.length; i++) {
      switch (fields[i]) {
        case "sse" -> kind = CaseKind.SSE;
        case "x87" -> kind = CaseKind.X87;
        case "mmx" -> kind = prefix == 'N' ? CaseKind.X87 : CaseKind.SSE;
        case "fp" -> data = prefix == 'N' || prefix == '3' ? Data.F32 : Data.F64;
        case "f32" -> data = Data.F32;
        case "f64" -> data = Data.F64;
        case "f80" -> data = Data.F80;
        case "bcd" -> data = Data.BCD;
        default -> traits.add(Trait.valueOf(fields[i].toUpperCase(Locale.ROOT)));
      }
    }
    return new Form(
        map,
        opcode,
        extension,
        prefixOf(prefix),
        modrmOf(fields[2]),
        immediateOf(fields[3]),
        kind,
        data,
        Set.copyOf(traits));
  }

  private static int[] range(String text) {
    String[] ends = text.split("-");
    int first = Integer.parseInt(ends[0], 16);
    return new int[] {first, ends.length > 1 ? Integer.parseInt(ends[1], 16) : first};
  }

  private static int prefixOf(char letter) {
    return switch (letter) {
      case '*' -> ANY_PREFIX;
      case 'N' -> 0;
      case '6' -> 0x66;
      case '3' -> 0xf3;
      case '2' -> 0xf2;
      default -> throw new IllegalArgumentException("prefix " + letter);
    };
  }

  private static Modrm modrmOf(String text) {
    return switch (text) {
      case "-" -> Modrm.NONE;
      case "m" -> Modrm.ANY;
      case "M" -> Modrm.MEMORY;
      case "R" -> Modrm.REGISTER;
      default -> throw new IllegalArgumentException("modrm " + text);
    };
  }

  private static Immediate immediateOf(String text) {
    return switch (text) {
      case "0" -> Immediate.NONE;
      case "1" -> Immediate.BYTE;
      case "2" -> Immediate.WORD;
      case "z" -> Immediate.SIZED;
      case "v" -> Immediate.FULL;
      case "o" -> Immediate.MOFFS;
      case "e" -> Immediate.ENTER;
      case "b" -> Immediate.REL8;
      case "r" -> Immediate.REL32;
      default -> throw new IllegalArgumentException("immediate " + text);
    };
  }
}
