package org.maloca.fuzz;

import java.util.SplittableRandom;
import org.maloca.fuzz.Form.Immediate;
import org.maloca.fuzz.Form.Modrm;
import org.maloca.fuzz.Form.Trait;

/**
 * Encodes instruction forms: walks systematically through the ModRM bytes of a form from visit to
 * visit, and chooses prefixes, SIB, displacement and immediate at random.
 */
final class Encoder {
  private static final int OPERAND_SIZE = 0x66;
  private static final int ADDRESS_SIZE = 0x67;
  private static final int LOCK = 0xf0;
  private static final int REPNE = 0xf2;
  private static final int REPE = 0xf3;
  private static final int[] SEGMENTS = {0x64, 0x65, 0x64, 0x65, 0x26, 0x2e, 0x36, 0x3e};
  private static final int FWAIT = 0x9b;
  private static final int RSP = 4;
  private static final int[] IMMEDIATES = {
    0, 1, 2, 7, 8, 15, 16, 31, 32, 33, 63, 64, 127, 128, 255
  };

  private final SplittableRandom random;
  private final byte[] prefixes = new byte[24];
  private int prefixCount;

  Encoder(SplittableRandom random) {
    this.random = random;
  }

  Encoding encode(Form form, int visit) {
    return form.map() == Form.Map.SEQUENCE ? encodeSequence(form) : encodeOne(form, visit);
  }

  /** Two to five instructions, the last of which may branch. */
  private Encoding encodeSequence(Form sequence) {
    var kind = sequence.kind();
    var e = encodeOne(SequenceForms.steps(kind).get(0), 0);
    e.form = sequence;
    e.length = 0;
    e.instructions = random.nextInt(2, kind == CaseKind.GPR ? 6 : 5);
    e.codeOffset = 300 + random.nextInt(3400);
    int longest = kind == CaseKind.GPR ? 6 : 8;
    for (int i = 1; i <= e.instructions; i++) {
      var steps = i < e.instructions ? SequenceForms.steps(kind) : SequenceForms.lastSteps(kind);
      Encoding step;
      if (chance(35)) {
        step =
            memoryStep(kind, CaseBatch.CODE_CAPACITY - e.length - longest * (e.instructions - i));
        place(step, e);
      } else {
        do {
          step = encodeOne(steps.get(random.nextInt(steps.size())), random.nextInt());
        } while (step.length > longest);
      }
      System.arraycopy(step.bytes, 0, e.bytes, e.length, step.length);
      e.length += step.length;
    }
    return e;
  }

  /**
   * An instruction for a sequence that accesses memory, relative to RIP or to one register: what a
   * fault finds in the registers that steps before it have changed is the point.
   */
  private Encoding memoryStep(CaseKind kind, int room) {
    var steps = SequenceForms.memorySteps(kind);
    while (true) {
      var form = steps.get(random.nextInt(steps.size()));
      int reg = form.extension() >= 0 ? form.extension() : random.nextInt(8);
      int rm = chance(40) ? 5 : random.nextInt(8);
      int mod = rm == 5 ? 0 : random.nextInt(2);
      var step = encodeWith(form, mod << 6 | reg << 3 | rm);
      boolean simple = step.index == Encoding.NONE && (step.segment == Encoding.NONE || chance(20));
      if (simple && step.instructions == 1 && step.length <= room) {
        return step;
      }
    }
  }

  /** Makes a step's address right for where it comes to lie, and its base known. */
  private static void place(Encoding step, Encoding sequence) {
    if (step.ripRelative) {
      long moved = sequence.codeGva() + sequence.length - step.codeGva();
      patchInt(step, step.displacementAt, (int) (step.displacement - moved));
    } else if (step.base != Encoding.NONE) {
      sequence.pointers |= 1 << step.base;
    }
    if (step.form.has(Trait.STACK)) {
      sequence.pointers |= 1 << RSP;
    }
  }

  private Encoding encodeOne(Form form, int visit) {
    return encodeWith(form, modrm(form, visit));
  }

  private Encoding encodeWith(Form form, int modrm) {
    var e = new Encoding(form);
    e.memory = form.modrm() != Modrm.NONE && modrm < 0xc0;
    e.segment = Encoding.NONE;
    e.base = Encoding.NONE;
    e.index = Encoding.NONE;
    e.fixedOffset = Encoding.NONE;
    e.instructions = 1;
    int rex = chance(50) ? 0 : 0x40 | random.nextInt(16);
    if (form.map().vex()) {
      rex = chance(1) ? rex : 0;
    }
    boolean operand16 = choosePrefixes(e);
    // A REX that another prefix follows is ignored.
    boolean ignored = rex != 0 && prefixCount > 0 && chance(2);
    if (ignored) {
      put(e, rex);
    }
    for (int i = 0; i < prefixCount; i++) {
      put(e, prefixes[i]);
    }
    if (rex != 0 && !ignored) {
      put(e, rex);
    }
    int effectiveRex = ignored ? 0 : rex;
    if (form.map().vex()) {
      effectiveRex = putVex(e);
    } else {
      putEscape(e);
    }
    put(e, form.opcode());
    e.rexW = (effectiveRex & 8) != 0;
    e.operandBits = e.rexW ? 64 : operand16 ? 16 : 32;
    if (form.modrm() != Modrm.NONE) {
      putModrm(e, modrm, effectiveRex);
    } else {
      e.rm = form.opcode() & 7 | (effectiveRex & 1) << 3;
    }
    e.codeOffset = chance(3) ? 4096 - random.nextInt(1, 20) : 300 + random.nextInt(3400);
    int immediateBytes = immediateBytes(e);
    if (e.ripRelative) {
      long next = e.codeGva() + e.length + immediateBytes;
      int target = (int) (CaseSpace.WINDOW_GVA + e.fixedOffset);
      e.displacement = (int) (target - next);
      patchInt(e, e.displacementAt, e.displacement);
    }
    putImmediate(e, immediateBytes);
    if (form.kind() == CaseKind.X87 && form.opcode() != FWAIT && chance(25)) {
      put(e, FWAIT);
      e.instructions = 2;
    }
    return e;
  }

  private boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  private static void put(Encoding e, int value) {
    e.bytes[e.length++] = (byte) value;
  }

  private static void putInt(Encoding e, int value) {
    e.length += 4;
    patchInt(e, e.length - 4, value);
  }

  private static void patchInt(Encoding e, int at, int value) {
    for (int i = 0; i < 4; i++) {
      e.bytes[at + i] = (byte) (value >> 8 * i);
    }
  }

  private static int modrm(Form form, int visit) {
    // 151 is odd, so 256 visits meet every byte, and consecutive ones differ in mod.
    int byteOfVisit = visit * 151 & 0xff;
    if (form.extension() >= 0x100) {
      return form.extension() - 0x100;
    }
    if (form.extension() >= 0) {
      byteOfVisit = byteOfVisit & 0xc7 | form.extension() << 3;
    }
    return switch (form.modrm()) {
      case NONE, ANY -> byteOfVisit;
      case MEMORY -> byteOfVisit >= 0xc0 ? byteOfVisit ^ (visit & 0x100) / 4 + 0x80 : byteOfVisit;
      case REGISTER -> byteOfVisit | 0xc0;
    };
  }

  /** Returns whether the operand size is 16 bits as far as the prefixes go. */
  private boolean choosePrefixes(Encoding e) {
    var form = e.form;
    prefixCount = 0;
    boolean operand16 = form.prefix() == OPERAND_SIZE;
    if (form.map().vex()) {
      chooseVexPrefixes(e);
      return false;
    }
    boolean memory = e.memory || form.has(Trait.STRING) || form.immediate() == Immediate.MOFFS;
    if (form.prefix() > 0) {
      prefix(form.prefix());
      if (form.prefix() != OPERAND_SIZE && chance(10)) {
        prefix(OPERAND_SIZE);
        operand16 = true;
      }
    } else if (form.prefix() == Form.ANY_PREFIX) {
      if (!form.has(Trait.NO66) && chance(25)) {
        prefix(OPERAND_SIZE);
        operand16 = true;
      }
      if (chance(form.has(Trait.STRING) ? 60 : 4)) {
        prefix(random.nextBoolean() ? REPE : REPNE);
        e.repeat = true;
      }
    }
    if (chance(memory ? 12 : 2)) {
      prefix(ADDRESS_SIZE);
      e.address32 = true;
    }
    if (chance(memory ? 15 : 2)) {
      chooseSegment(e);
    }
    if (e.memory && form.has(Trait.LOCK) ? chance(30) : chance(2)) {
      prefix(LOCK);
    }
    shuffle();
    if (chance(1)) {
      // Up to and over the limit of 15 bytes.
      for (int extra = random.nextInt(13); extra > 0; extra--) {
        prefixes[prefixCount++] = 0x3e;
      }
      e.segment = Encoding.NONE;
      lastSegmentWins(e);
    }
    return operand16;
  }

  private void lastSegmentWins(Encoding e) {
    for (int i = 0; i < prefixCount; i++) {
      int value = prefixes[i] & 0xff;
      if (value == 0x64 || value == 0x65) {
        e.segment = value - 0x60;
      }
    }
  }

  private void chooseVexPrefixes(Encoding e) {
    if (chance(10) && e.memory) {
      prefix(ADDRESS_SIZE);
      e.address32 = true;
    }
    if (chance(10) && e.memory) {
      chooseSegment(e);
    }
    if (chance(1)) {
      prefix(new int[] {OPERAND_SIZE, LOCK, REPE, REPNE}[random.nextInt(4)]);
    }
  }

  private void chooseSegment(Encoding e) {
    int segment = SEGMENTS[random.nextInt(SEGMENTS.length)];
    prefix(segment);
    e.segment = segment == 0x64 || segment == 0x65 ? segment - 0x60 : Encoding.NONE;
  }

  private void prefix(int value) {
    prefixes[prefixCount++] = (byte) value;
  }

  private void shuffle() {
    for (int i = prefixCount - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      byte moved = prefixes[i];
      prefixes[i] = prefixes[other];
      prefixes[other] = moved;
    }
  }

  private static void putEscape(Encoding e) {
    switch (e.form.map()) {
      case TWO_BYTE -> put(e, 0x0f);
      case MAP_0F38 -> {
        put(e, 0x0f);
        put(e, 0x38);
      }
      case MAP_0F3A -> {
        put(e, 0x0f);
        put(e, 0x3a);
      }
      default -> {}
    }
  }

  /** Three-byte VEX with L=0 (mostly); returns the bits as a REX prefix. */
  private int putVex(Encoding e) {
    int pp =
        switch (e.form.prefix()) {
          case OPERAND_SIZE -> 1;
          case REPE -> 2;
          case REPNE -> 3;
          default -> 0;
        };
    int rex = random.nextInt(16);
    int vvvv = random.nextInt(16);
    if (e.form.map() == Form.Map.VEX_0F3A && !chance(5)) {
      vvvv = 15;
    }
    int map = e.form.map() == Form.Map.VEX_0F38 ? 2 : 3;
    put(e, 0xc4);
    put(e, (~rex & 7) << 5 | map);
    put(e, (rex & 8) << 4 | vvvv << 3 | (chance(2) ? 4 : 0) | pp);
    return rex;
  }

  private void putModrm(Encoding e, int modrm, int rex) {
    int mod = modrm >> 6;
    put(e, modrm);
    e.reg = modrm >> 3 & 7 | (rex & 4) << 1;
    e.rm = modrm & 7 | (rex & 1) << 3;
    if (mod == 3) {
      return;
    }
    int displacementBytes = mod == 1 ? 1 : mod == 2 ? 4 : 0;
    e.base = e.rm;
    if ((modrm & 7) == 4) {
      int sib = random.nextInt(256);
      put(e, sib);
      e.scale = sib >> 6;
      e.index = sib >> 3 & 7 | (rex & 2) << 2;
      e.base = sib & 7 | (rex & 1) << 3;
      if (e.index == 4) {
        e.index = Encoding.NONE;
      }
      if ((sib & 7) == 5 && mod == 0) {
        e.base = Encoding.NONE;
        displacementBytes = 4;
      }
    } else if ((modrm & 7) == 5 && mod == 0) {
      e.base = Encoding.NONE;
      e.ripRelative = true;
      displacementBytes = 4;
    }
    if (displacementBytes == 1) {
      e.displacement = (byte) random.nextInt();
      put(e, e.displacement);
    } else if (displacementBytes == 4) {
      e.displacementAt = e.length;
      e.displacement = displacement32(e);
      putInt(e, e.displacement);
    }
  }

  private int displacement32(Encoding e) {
    if (e.base == Encoding.NONE && e.index == Encoding.NONE) {
      e.fixedOffset = Targets.offset(random, 64);
      return (int) CaseSpace.WINDOW_GVA + e.fixedOffset;
    }
    return chance(50) ? random.nextInt() : random.nextInt(-4096, 4096);
  }

  private static int immediateBytes(Encoding e) {
    int sized = e.operandBits == 16 ? 2 : 4;
    return switch (e.form.immediate()) {
      case NONE -> 0;
      case BYTE, REL8 -> 1;
      case WORD -> 2;
      case SIZED -> sized;
      case FULL -> e.operandBits / 8;
      case MOFFS -> e.address32 ? 4 : 8;
      case ENTER -> 3;
      case REL32 -> sized;
    };
  }

  private void putImmediate(Encoding e, int bytes) {
    int end = e.length + bytes;
    long value =
        switch (e.form.immediate()) {
          case NONE -> 0;
          case BYTE ->
              chance(40) ? IMMEDIATES[random.nextInt(IMMEDIATES.length)] : random.nextInt(256);
          case WORD -> random.nextInt(chance(80) ? 128 : 65536);
          case SIZED, FULL -> Values.integer(random);
          case MOFFS -> {
            e.fixedOffset = Targets.offset(random, 8);
            yield CaseSpace.WINDOW_GVA + e.fixedOffset;
          }
          case ENTER -> random.nextInt(chance(80) ? 64 : 65536) | random.nextInt(40) << 16;
          case REL8 -> rel8(bytes + e.length);
          case REL32 -> rel32(e, end);
        };
    if (e.form.has(Trait.DOUBLE_SHIFT) && e.operandBits == 16) {
      // More than 16 leaves the destination undefined.
      value &= 15;
    }
    e.immediate = (int) value;
    for (int i = 0; i < bytes; i++) {
      put(e, (int) (value >> 8 * i));
    }
  }

  /** Not back into the code, not into the exit behind it. */
  private int rel8(int length) {
    int distance = random.nextInt(-128, 128);
    return distance >= -length - 2 * CaseBatch.CODE_CAPACITY && distance < 16 ? 0 : distance;
  }

  private long rel32(Encoding e, int end) {
    long target;
    if (chance(80)) {
      int length = e.length;
      e.length = end;
      target = CaseSpace.CODE_GVA + Targets.codeOffset(random, e);
      e.length = length;
    } else {
      target = 0x1000_0000L + random.nextInt(0x0fff_0000);
    }
    return target - (e.codeGva() + end);
  }
}
