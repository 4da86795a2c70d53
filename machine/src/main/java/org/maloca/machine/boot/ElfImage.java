package org.maloca.machine.boot;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.maloca.core.memory.GuestMemory;

/**
 * An x86 ELF executable, 32 or 64 bits: what a loader needs of it (System V ABI, chapters 4 and 5).
 */
final class ElfImage {
  static final int PT_LOAD = 1;
  static final int PT_NOTE = 4;

  private static final int ELF_MAGIC = 0x464c457f;
  private static final int ELFCLASS32 = 1;
  private static final int ELFCLASS64 = 2;
  private static final int ELFDATA2LSB = 1;
  private static final int EM_386 = 3;
  private static final int EM_X86_64 = 62;
  private static final int MAX_PROGRAM_HEADERS = 1024;

  /** A program header; all values in bytes, checked to be not negative. */
  record Segment(int type, long offset, long vaddr, long paddr, long fileSize, long memorySize) {}

  private final ImageFile file;
  private final boolean is64Bit;
  private final long entry;
  private final List<Segment> segments;

  private ElfImage(ImageFile file, boolean is64Bit, long entry, List<Segment> segments) {
    this.file = file;
    this.is64Bit = is64Bit;
    this.entry = entry;
    this.segments = segments;
  }

  static boolean looksLikeElf(ByteBuffer head) {
    return head.limit() >= 4 && head.getInt(0) == ELF_MAGIC;
  }

  static ElfImage parse(ImageFile file) throws BootException {
    if (!file.holds(0, 52)) {
      throw file.problem("truncated: the ELF header is cut off");
    }
    ByteBuffer head = file.readHead(64);
    int elfClass = head.get(4);
    if (elfClass != ELFCLASS32 && elfClass != ELFCLASS64 || head.get(5) != ELFDATA2LSB) {
      throw file.problem("an ELF file, but not a little-endian one of 32 or 64 bits");
    }
    int machine = head.getShort(18) & 0xffff;
    if (machine != EM_386 && machine != EM_X86_64) {
      throw file.problem(
          "an ELF file for another CPU (machine %d), not for x86".formatted(machine));
    }
    boolean is64Bit = elfClass == ELFCLASS64;
    if (is64Bit && head.limit() < 64) {
      throw file.problem("truncated: the ELF header is cut off");
    }
    long entry = is64Bit ? head.getLong(24) : head.getInt(24) & 0xffff_ffffL;
    long tableOffset = is64Bit ? head.getLong(32) : head.getInt(28) & 0xffff_ffffL;
    int entrySize = head.getShort(is64Bit ? 54 : 42) & 0xffff;
    int count = head.getShort(is64Bit ? 56 : 44) & 0xffff;
    if (entrySize < (is64Bit ? 56 : 32) || count > MAX_PROGRAM_HEADERS) {
      throw file.problem(
          "damaged: ELF program headers (%d of %d bytes)".formatted(count, entrySize));
    }
    ByteBuffer table = file.read(tableOffset, entrySize * count);
    List<Segment> segments = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Segment segment = is64Bit ? segment64(table, i * entrySize) : segment32(table, i * entrySize);
      check(file, segment);
      segments.add(segment);
    }
    return new ElfImage(file, is64Bit, entry, List.copyOf(segments));
  }

  private static Segment segment64(ByteBuffer table, int at) {
    return new Segment(
        table.getInt(at),
        table.getLong(at + 8),
        table.getLong(at + 16),
        table.getLong(at + 24),
        table.getLong(at + 32),
        table.getLong(at + 40));
  }

  private static Segment segment32(ByteBuffer table, int at) {
    return new Segment(
        table.getInt(at),
        table.getInt(at + 4) & 0xffff_ffffL,
        table.getInt(at + 8) & 0xffff_ffffL,
        table.getInt(at + 12) & 0xffff_ffffL,
        table.getInt(at + 16) & 0xffff_ffffL,
        table.getInt(at + 20) & 0xffff_ffffL);
  }

  private static void check(ImageFile file, Segment segment) throws BootException {
    if (segment.type != PT_LOAD && segment.type != PT_NOTE) {
      return;
    }
    if (!file.holds(segment.offset, segment.fileSize)) {
      throw file.problem("truncated: an ELF segment lies past the end of the file");
    }
    if (segment.type == PT_LOAD && Long.compareUnsigned(segment.memorySize, segment.fileSize) < 0) {
      throw file.problem("damaged: an ELF segment is larger in the file than in memory");
    }
  }

  ImageFile file() {
    return file;
  }

  boolean is64Bit() {
    return is64Bit;
  }

  List<Segment> segments() {
    return segments;
  }

  /** The entry's physical address: the ELF one, moved as its segment's addresses are. */
  long physicalEntry() {
    for (Segment segment : segments) {
      if (segment.type == PT_LOAD
          && entry >= segment.vaddr
          && entry - segment.vaddr < segment.memorySize) {
        return entry - segment.vaddr + segment.paddr;
      }
    }
    return entry;
  }

  /** Takes memory for the loadable segments, at their physical addresses, and fills it. */
  void load(BootSpace space, GuestMemory memory) throws BootException {
    boolean any = false;
    for (Segment segment : segments) {
      if (segment.type == PT_LOAD && segment.memorySize != 0) {
        space.reserve(file, "a segment", segment.paddr, segment.memorySize);
        any = true;
      }
    }
    if (!any) {
      throw file.problem("an ELF file with nothing to load");
    }
    for (Segment segment : segments) {
      if (segment.type == PT_LOAD) {
        file.copyTo(memory, segment.paddr, segment.offset, segment.fileSize);
        space.clear(segment.paddr + segment.fileSize, segment.memorySize - segment.fileSize);
      }
    }
  }
}
