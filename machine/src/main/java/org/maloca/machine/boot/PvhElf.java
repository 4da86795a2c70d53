package org.maloca.machine.boot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.core.cpu.CpuState;
import org.maloca.core.memory.GuestMemory;

/**
 * An ELF kernel entered by the PVH protocol (Xen, docs/misc/pvh.pandoc and
 * xen/include/public/arch-x86/hvm/start_info.h, version 1 of {@code hvm_start_info}). The initrds
 * are given as one module, which is what Linux takes.
 */
public final class PvhElf implements KernelImage {
  private static final int XEN_ELFNOTE_PHYS32_ENTRY = 18;
  private static final int XEN_HVM_START_MAGIC_VALUE = 0x336ec578;
  private static final int START_INFO_VERSION = 1;
  private static final int START_INFO_SIZE = 56;
  private static final int MODULE_SIZE = 32;
  private static final int MEMMAP_ENTRY_SIZE = 24;
  private static final int MAX_NOTES_BYTES = 1 << 20;
  private static final long MODULE_LIMIT = 1L << 32;

  private final ElfImage elf;
  private final long entry;

  PvhElf(ElfImage elf, long entry) {
    this.elf = elf;
    this.entry = entry;
  }

  /** The entry address from the Xen note, or null when there is no such note. */
  static @Nullable Long findEntry(ElfImage elf) throws BootException {
    for (ElfImage.Segment segment : elf.segments()) {
      if (segment.type() == ElfImage.PT_NOTE && segment.fileSize() <= MAX_NOTES_BYTES) {
        Long entry = findEntry(elf.file().read(segment.offset(), (int) segment.fileSize()));
        if (entry != null) {
          return entry;
        }
      }
    }
    return null;
  }

  private static @Nullable Long findEntry(ByteBuffer notes) {
    long at = 0;
    while (at + 12 <= notes.limit()) {
      int header = (int) at;
      long nameSize = notes.getInt(header) & 0xffff_ffffL;
      long descriptorSize = notes.getInt(header + 4) & 0xffff_ffffL;
      int type = notes.getInt(header + 8);
      long descriptor = at + 12 + (nameSize + 3 & ~3L);
      long next = descriptor + (descriptorSize + 3 & ~3L);
      if (descriptor + descriptorSize > notes.limit()) {
        return null;
      }
      if (type == XEN_ELFNOTE_PHYS32_ENTRY && isXen(notes, header + 12, nameSize)) {
        if (descriptorSize == 4) {
          return notes.getInt((int) descriptor) & 0xffff_ffffL;
        }
        if (descriptorSize == 8) {
          return notes.getLong((int) descriptor);
        }
      }
      at = next;
    }
    return null;
  }

  private static boolean isXen(ByteBuffer notes, int at, long nameSize) {
    byte[] xen = "Xen\0".getBytes(StandardCharsets.US_ASCII);
    return nameSize == xen.length && notes.slice(at, xen.length).equals(ByteBuffer.wrap(xen));
  }

  @Override
  public String description() {
    return "ELF%d kernel with PVH entry".formatted(elf.is64Bit() ? 64 : 32);
  }

  @Override
  public CpuState load(BootEnvironment environment, Initrds initrds) throws BootException {
    if (entry < 0 || entry >= MODULE_LIMIT) {
      throw elf.file().problem("damaged: PVH entry at %#x".formatted(entry));
    }
    GuestMemory memory = environment.memory();
    BootSpace space = new BootSpace(environment);
    elf.load(space, memory);
    List<E820Entry> map = environment.memoryMap();
    long initrdSize = initrds.concatenatedSize();
    int modules = initrdSize > 0 ? 1 : 0;
    int size = START_INFO_SIZE + modules * MODULE_SIZE + map.size() * MEMMAP_ENTRY_SIZE;
    long startInfoGpa = space.placeStructure("start info", size, 16);
    long modulesGpa = startInfoGpa + START_INFO_SIZE;
    long memmapGpa = modulesGpa + (long) modules * MODULE_SIZE;

    ByteBuffer info = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    info.putInt(XEN_HVM_START_MAGIC_VALUE).putInt(START_INFO_VERSION).putInt(0).putInt(modules);
    info.putLong(modules > 0 ? modulesGpa : 0);
    info.putLong(space.placeString("command line", environment.commandLine()));
    info.putLong(environment.rsdpGpa());
    info.putLong(memmapGpa).putInt(map.size()).putInt(0);
    if (modules > 0) {
      long gpa = space.placeHigh(initrdSize, MODULE_LIMIT);
      if (gpa < 0) {
        throw initrds.tooBig();
      }
      initrds.copyConcatenated(memory, gpa);
      info.putLong(gpa).putLong(initrdSize).putLong(0).putLong(0);
    }
    for (E820Entry range : map) {
      info.putLong(range.gpa()).putLong(range.size()).putInt(range.type()).putInt(0);
    }
    memory.write(startInfoGpa, info.array(), 0, size);

    CpuState state = ProtectedModeEntry.flat32(0x8, 0x10, entry);
    state.gpr[CpuState.RBX] = startInfoGpa;
    return state;
  }

  @Override
  public void close() {
    elf.file().close();
  }
}
