package org.maloca.machine.boot;

import java.nio.ByteBuffer;

/**
 * The setup header of a bzImage: offsets of its fields, which are the same in the file and in
 * {@code boot_params} (Linux, Documentation/arch/x86/boot.rst and zero-page.rst).
 */
final class LinuxSetupHeader {
  static final int ACPI_RSDP_ADDR = 0x70;
  static final int EXT_RAMDISK_IMAGE = 0xc0;
  static final int EXT_RAMDISK_SIZE = 0xc4;
  static final int EXT_CMD_LINE_PTR = 0xc8;
  static final int E820_ENTRIES = 0x1e8;
  static final int SETUP_SECTS = 0x1f1;
  static final int SYSSIZE = 0x1f4;
  static final int VID_MODE = 0x1fa;
  static final int BOOT_FLAG = 0x1fe;
  static final int JUMP_LENGTH = 0x201;
  static final int HEADER = 0x202;
  static final int VERSION = 0x206;
  static final int TYPE_OF_LOADER = 0x210;
  static final int LOADFLAGS = 0x211;
  static final int CODE32_START = 0x214;
  static final int RAMDISK_IMAGE = 0x218;
  static final int RAMDISK_SIZE = 0x21c;
  static final int CMD_LINE_PTR = 0x228;
  static final int INITRD_ADDR_MAX = 0x22c;
  static final int KERNEL_ALIGNMENT = 0x230;
  static final int RELOCATABLE_KERNEL = 0x234;
  static final int XLOADFLAGS = 0x236;
  static final int CMDLINE_SIZE = 0x238;
  static final int PREF_ADDRESS = 0x258;
  static final int INIT_SIZE = 0x260;
  static final int E820_TABLE = 0x2d0;

  static final int BOOT_FLAG_MAGIC = 0xaa55;
  static final int HDRS_MAGIC = 0x53726448;
  static final int LOADER_UNDEFINED = 0xff;
  static final int VID_MODE_NORMAL = 0xffff;
  static final int LOADED_HIGH = 1;
  static final int XLF_KERNEL_64 = 1;
  static final int XLF_CAN_BE_LOADED_ABOVE_4G = 2;
  static final int E820_MAX_ENTRIES = 128;

  /** Where the fields end that this loader knows; older kernels have fewer. */
  static final int KNOWN_END = 0x268;

  private LinuxSetupHeader() {}

  /** Where this kernel's header ends: the target of the jump at 0x200. */
  static int end(ByteBuffer header) {
    return HEADER + (header.get(JUMP_LENGTH) & 0xff);
  }
}
