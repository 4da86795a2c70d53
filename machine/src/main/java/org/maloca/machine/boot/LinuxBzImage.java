package org.maloca.machine.boot;

import static org.maloca.machine.boot.LinuxSetupHeader.*;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.maloca.core.cpu.CpuState;
import org.maloca.core.memory.GuestMemory;

/**
 * A Linux bzImage (Linux x86 boot protocol 2.06 and later), entered by the 64-bit protocol where
 * the kernel offers it and by the 32-bit protocol otherwise.
 */
public final class LinuxBzImage implements KernelImage {
  private static final int SECTOR = 512;
  private static final int OLDEST_VERSION = 0x206;
  private static final int VERSION_WITH_PREF_ADDRESS = 0x20a;
  private static final int VERSION_WITH_XLOADFLAGS = 0x20c;
  private static final long DEFAULT_LOAD_ADDRESS = 0x100000;
  private static final int BOOT_PARAMS_SIZE = 4096;
  private static final int ENTRY64_OFFSET = 0x200;
  private static final long FOUR_GIB = 1L << 32;

  /** Selectors that the protocol prescribes. */
  private static final int BOOT_CS = 0x10;

  private static final int BOOT_DS = 0x18;

  private final ImageFile file;
  private final ByteBuffer header;
  private final int version;
  private final long kernelOffset;
  private final long kernelSize;
  private final boolean entersIn64Bit;

  private LinuxBzImage(ImageFile file, ByteBuffer header, long kernelOffset, long kernelSize) {
    this.file = file;
    this.header = header;
    this.version = header.getShort(VERSION) & 0xffff;
    this.kernelOffset = kernelOffset;
    this.kernelSize = kernelSize;
    this.entersIn64Bit =
        version >= VERSION_WITH_XLOADFLAGS && (header.getShort(XLOADFLAGS) & XLF_KERNEL_64) != 0;
  }

  static boolean looksLikeLinux(ByteBuffer head) {
    return head.limit() >= HEADER + 4
        && (head.getShort(BOOT_FLAG) & 0xffff) == BOOT_FLAG_MAGIC
        && head.getInt(HEADER) == HDRS_MAGIC;
  }

  static LinuxBzImage parse(ImageFile file) throws BootException {
    if (!file.holds(0, KNOWN_END)) {
      throw file.problem("truncated: the Linux setup header is cut off");
    }
    // Bytes past the header's end are code, not fields: they must read as absent.
    ByteBuffer header = ByteBuffer.allocate(KNOWN_END).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer head = file.readHead(KNOWN_END);
    header.put(0, head, 0, Math.min(LinuxSetupHeader.end(head), KNOWN_END));
    int version = header.getShort(VERSION) & 0xffff;
    if (version < OLDEST_VERSION) {
      throw file.problem(
          "Linux boot protocol %d.%02d is too old (2.06 is needed)"
              .formatted(version >> 8, version & 0xff));
    }
    if ((header.get(LOADFLAGS) & LOADED_HIGH) == 0) {
      throw file.problem("a zImage that loads below 640 KiB; a bzImage is needed");
    }
    int setupSectors = header.get(SETUP_SECTS) & 0xff;
    long kernelOffset = (setupSectors == 0 ? 5L : setupSectors + 1L) * SECTOR;
    long announced = (header.getInt(SYSSIZE) & 0xffff_ffffL) * 16;
    // The count is in paragraphs, rounded up.
    if (announced == 0 || !file.holds(kernelOffset, announced - 15)) {
      throw file.problem(
          "truncated: the kernel announces %d bytes, the file has %d"
              .formatted(kernelOffset + announced, file.size()));
    }
    long kernelSize = Math.min(announced, file.size() - kernelOffset);
    return new LinuxBzImage(file, header, kernelOffset, kernelSize);
  }

  @Override
  public String description() {
    return "Linux bzImage, boot protocol %d.%02d, %s entry"
        .formatted(version >> 8, version & 0xff, entersIn64Bit ? "64-bit" : "32-bit");
  }

  @Override
  public CpuState load(BootEnvironment environment, Initrds initrds) throws BootException {
    GuestMemory memory = environment.memory();
    BootSpace space = new BootSpace(environment);
    checkCommandLine(environment.commandLine());
    long loadGpa = placeKernel(space);
    file.copyTo(memory, loadGpa, kernelOffset, kernelSize);

    ByteBuffer params = ByteBuffer.allocate(BOOT_PARAMS_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    int headerLength = Math.min(LinuxSetupHeader.end(header), KNOWN_END) - SETUP_SECTS;
    params.put(SETUP_SECTS, header, SETUP_SECTS, headerLength);
    params.put(TYPE_OF_LOADER, (byte) LOADER_UNDEFINED);
    params.putShort(VID_MODE, (short) VID_MODE_NORMAL);
    params.putInt(CODE32_START, (int) loadGpa);
    params.putLong(ACPI_RSDP_ADDR, environment.rsdpGpa());
    putMemoryMap(params, environment.memoryMap());
    long commandLineGpa = space.placeString("command line", environment.commandLine());
    params.putInt(CMD_LINE_PTR, (int) commandLineGpa);
    params.putInt(EXT_CMD_LINE_PTR, (int) (commandLineGpa >>> 32));
    if (initrds.concatenatedSize() > 0) {
      placeInitrd(space, memory, initrds, params);
    }

    long paramsGpa = space.placeStructure("boot parameters", BOOT_PARAMS_SIZE, 4096);
    memory.write(paramsGpa, params.array(), 0, BOOT_PARAMS_SIZE);
    return entryState(space, memory, loadGpa, paramsGpa);
  }

  private void checkCommandLine(String commandLine) throws BootException {
    long limit = header.getInt(CMDLINE_SIZE) & 0xffff_ffffL;
    int length = commandLine.getBytes(StandardCharsets.UTF_8).length;
    if (length > limit) {
      throw file.problem(
          "command line too long: %d bytes, the kernel takes %d".formatted(length, limit));
    }
  }

  /**
   * Takes memory for the kernel, which unpacks itself into {@code init_size} bytes at its preferred
   * address or, when it was loaded above that and can be moved, at its load address.
   */
  private long placeKernel(BootSpace space) throws BootException {
    if (version < VERSION_WITH_PREF_ADDRESS) {
      space.reserve(file, "the kernel", DEFAULT_LOAD_ADDRESS, kernelSize);
      return DEFAULT_LOAD_ADDRESS;
    }
    long preferred = header.getLong(PREF_ADDRESS);
    long initSize = Math.max(header.getInt(INIT_SIZE) & 0xffff_ffffL, kernelSize);
    boolean aligned = (preferred & 0xfff) == 0;
    if (preferred < DEFAULT_LOAD_ADDRESS || preferred + initSize > FOUR_GIB || !aligned) {
      throw file.problem("damaged: preferred load address %#x".formatted(preferred));
    }
    if (space.isFree(preferred, initSize)) {
      space.reserve(file, "the kernel", preferred, initSize);
      return preferred;
    }
    long alignment = Integer.toUnsignedLong(header.getInt(KERNEL_ALIGNMENT));
    boolean movable = header.get(RELOCATABLE_KERNEL) != 0 && Long.bitCount(alignment) == 1;
    long lowest = DEFAULT_LOAD_ADDRESS + alignment - 1 & -alignment;
    if (movable && lowest < preferred && space.isFree(lowest, initSize)) {
      space.reserve(file, "the kernel", lowest, initSize);
      return lowest;
    }
    throw file.problem(
        "too big for the memory: the kernel needs %d MiB, below 4 GiB there are %d MiB"
            .formatted((preferred + initSize + 0xfffff) >> 20, space.lowRamEnd() >> 20));
  }

  private void putMemoryMap(ByteBuffer params, List<E820Entry> map) throws BootException {
    if (map.size() > E820_MAX_ENTRIES) {
      throw file.problem("the memory map has %d entries, too many for Linux".formatted(map.size()));
    }
    params.put(E820_ENTRIES, (byte) map.size());
    params.position(E820_TABLE);
    for (E820Entry entry : map) {
      params.putLong(entry.gpa()).putLong(entry.size()).putInt(entry.type());
    }
  }

  private void placeInitrd(BootSpace space, GuestMemory memory, Initrds initrds, ByteBuffer params)
      throws BootException {
    long size = initrds.concatenatedSize();
    long limit = (header.getInt(INITRD_ADDR_MAX) & 0xffff_ffffL) + 1;
    long gpa = space.placeHigh(size, limit);
    boolean takesAnyAddress =
        entersIn64Bit && (header.getShort(XLOADFLAGS) & XLF_CAN_BE_LOADED_ABOVE_4G) != 0;
    if (gpa < 0 && takesAnyAddress) {
      gpa = space.placeHigh(size, Long.MAX_VALUE);
    }
    if (gpa < 0) {
      throw initrds.tooBig();
    }
    initrds.copyConcatenated(memory, gpa);
    params.putInt(RAMDISK_IMAGE, (int) gpa);
    params.putInt(EXT_RAMDISK_IMAGE, (int) (gpa >>> 32));
    params.putInt(RAMDISK_SIZE, (int) size);
    params.putInt(EXT_RAMDISK_SIZE, (int) (size >>> 32));
  }

  private CpuState entryState(BootSpace space, GuestMemory memory, long loadGpa, long paramsGpa)
      throws BootException {
    int codeAttributes = entersIn64Bit ? ProtectedModeEntry.CODE64 : ProtectedModeEntry.CODE32;
    long gdtGpa = space.placeStructure("GDT", 32, 16);
    memory.write(gdtGpa, 8, 0);
    memory.write(gdtGpa + 8, 8, 0);
    memory.write(gdtGpa + BOOT_CS, 8, ProtectedModeEntry.flatDescriptor(codeAttributes));
    memory.write(gdtGpa + BOOT_DS, 8, ProtectedModeEntry.flatDescriptor(ProtectedModeEntry.DATA));
    CpuState state;
    if (entersIn64Bit) {
      long cr3 = IdentityPageTables.write(space, memory);
      state = ProtectedModeEntry.flat64(BOOT_CS, BOOT_DS, loadGpa + ENTRY64_OFFSET, cr3);
    } else {
      state = ProtectedModeEntry.flat32(BOOT_CS, BOOT_DS, loadGpa);
    }
    state.gdtrBase = gdtGpa;
    state.gdtrLimit = 31;
    state.gpr[CpuState.RSI] = paramsGpa;
    return state;
  }

  @Override
  public void close() {
    file.close();
  }
}
