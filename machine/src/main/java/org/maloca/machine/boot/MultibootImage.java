package org.maloca.machine.boot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.core.cpu.CpuState;
import org.maloca.core.memory.GuestMemory;

/**
 * A kernel with a multiboot 1 header (Multiboot Specification 0.6.96), loaded as the header's
 * address fields say or else as an ELF. Each initrd is a module whose string is its path.
 */
public final class MultibootImage implements KernelImage {
  private static final int BOOTLOADER_MAGIC = 0x2badb002;
  private static final int INFO_SIZE = 88;
  private static final int INFO_MEMORY = 1;
  private static final int INFO_CMDLINE = 1 << 2;
  private static final int INFO_MODS = 1 << 3;
  private static final int INFO_MEM_MAP = 1 << 6;
  private static final int INFO_BOOT_LOADER_NAME = 1 << 9;
  private static final int MODULE_SIZE = 16;
  private static final int MMAP_ENTRY_SIZE = 24;
  private static final long FOUR_GIB = 1L << 32;
  private static final long MAX_LOWER_KIB = 640;

  private final ImageFile file;
  private final MultibootHeader header;
  private final @Nullable ElfImage elf;

  MultibootImage(ImageFile file, MultibootHeader header, @Nullable ElfImage elf)
      throws BootException {
    if (elf == null && !header.hasAddresses()) {
      throw file.problem("a multiboot header without addresses in a file that is not ELF");
    }
    this.file = file;
    this.header = header;
    this.elf = elf;
  }

  @Override
  public String description() {
    return header.hasAddresses() ? "multiboot image" : "multiboot ELF";
  }

  @Override
  public CpuState load(BootEnvironment environment, Initrds initrds) throws BootException {
    GuestMemory memory = environment.memory();
    BootSpace space = new BootSpace(environment);
    long entry = loadKernel(space, memory);
    if (entry < 0 || entry >= FOUR_GIB) {
      throw file.problem("damaged: entry at %#x".formatted(entry));
    }

    List<ImageFile> modules = initrds.files();
    List<E820Entry> map = environment.memoryMap();
    int modulesSize = modules.size() * MODULE_SIZE;
    int mapSize = map.size() * MMAP_ENTRY_SIZE;
    int size = INFO_SIZE + modulesSize + mapSize;
    long infoGpa = space.placeStructure("multiboot information", size, 16);
    ByteBuffer info = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    info.putInt(0, INFO_MEMORY | INFO_CMDLINE | INFO_MODS | INFO_MEM_MAP | INFO_BOOT_LOADER_NAME);
    info.putInt(4, (int) lowerKib(map));
    info.putInt(8, (int) (Math.max(space.lowRamEnd() - 0x100000, 0) >> 10));
    String commandLine = (file.path() + " " + environment.commandLine()).strip();
    info.putInt(16, (int) space.placeString("command line", commandLine));
    info.putInt(20, modules.size());
    info.putInt(24, (int) infoGpa + INFO_SIZE);
    info.putInt(44, mapSize);
    info.putInt(48, (int) infoGpa + INFO_SIZE + modulesSize);
    info.putInt(64, (int) space.placeString("boot loader name", "Maloca"));
    info.position(INFO_SIZE);
    for (ImageFile module : modules) {
      putModule(info, module, space, memory);
    }
    for (E820Entry range : map) {
      info.putInt(MMAP_ENTRY_SIZE - 4);
      info.putLong(range.gpa()).putLong(range.size()).putInt(range.type());
    }
    memory.write(infoGpa, info.array(), 0, size);

    CpuState state = ProtectedModeEntry.flat32(0x8, 0x10, entry);
    state.gpr[CpuState.RAX] = BOOTLOADER_MAGIC;
    state.gpr[CpuState.RBX] = infoGpa;
    return state;
  }

  private long loadKernel(BootSpace space, GuestMemory memory) throws BootException {
    if (elf != null && !header.hasAddresses()) {
      elf.load(space, memory);
      return elf.physicalEntry();
    }
    long offset = header.offset() - (header.headerAddress() - header.loadAddress());
    boolean wholeFile = header.loadEndAddress() == 0;
    long length = wholeFile ? file.size() - offset : header.loadEndAddress() - header.loadAddress();
    if (offset < 0 || header.headerAddress() < header.loadAddress() || length <= 0) {
      throw file.problem("damaged: load addresses in the multiboot header");
    }
    if (!file.holds(offset, length)) {
      throw file.problem("truncated: the multiboot header announces more than the file has");
    }
    long end = header.loadAddress() + length;
    long memoryEnd = Math.max(end, header.bssEndAddress());
    space.reserve(file, "the kernel", header.loadAddress(), memoryEnd - header.loadAddress());
    file.copyTo(memory, header.loadAddress(), offset, length);
    space.clear(end, memoryEnd - end);
    return header.entryAddress();
  }

  private static void putModule(
      ByteBuffer info, ImageFile module, BootSpace space, GuestMemory memory) throws BootException {
    long gpa = space.placeHigh(module.size(), FOUR_GIB);
    if (gpa < 0) {
      throw module.problem("too big for the memory (%d KiB)".formatted(module.size() + 1023 >> 10));
    }
    module.copyTo(memory, gpa, 0, module.size());
    long name = space.placeString("module name", module.path().toString());
    info.putInt((int) gpa).putInt((int) (gpa + module.size())).putInt((int) name).putInt(0);
  }

  private static long lowerKib(List<E820Entry> map) {
    return map.stream()
        .filter(range -> range.type() == E820Entry.RAM && range.gpa() == 0)
        .mapToLong(range -> Math.min(range.size() >> 10, MAX_LOWER_KIB))
        .findFirst()
        .orElse(0);
  }

  @Override
  public void close() {
    file.close();
  }
}
