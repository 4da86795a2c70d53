package org.maloca.machine.boot;

import java.nio.ByteBuffer;

/** Tells people what a file is that is no kernel for this machine, from its first bytes. */
final class ForeignFormat {
  private static final int ARM64_IMAGE_MAGIC = 0x644d5241;
  private static final int RISCV_IMAGE_MAGIC = 0x05435352;
  private static final int GZIP_MAGIC = 0x8b1f;
  private static final int XZ_MAGIC = 0x587a37fd;
  private static final int ZSTD_MAGIC = 0xfd2fb528;
  private static final int LZ4_LEGACY_MAGIC = 0x184c2102;
  private static final int NEWC_MAGIC = 0x37303730;
  private static final int QCOW2_MAGIC = 0xfb494651;
  private static final int MZ_MAGIC = 0x5a4d;
  private static final int PARTITION_MAGIC = 0xaa55;

  private ForeignFormat() {}

  static String describe(ByteBuffer head) {
    int magic = head.limit() >= 4 ? head.getInt(0) : 0;
    if (head.limit() >= 0x3c) {
      switch (head.getInt(0x38)) {
        case ARM64_IMAGE_MAGIC -> {
          return "a kernel for ARM64, not for x86";
        }
        case RISCV_IMAGE_MAGIC -> {
          return "a kernel for RISC-V, not for x86";
        }
        default -> {}
      }
    }
    if ((magic & 0xffff) == GZIP_MAGIC
        || magic == XZ_MAGIC
        || magic == ZSTD_MAGIC
        || magic == LZ4_LEGACY_MAGIC) {
      return "a compressed file, not a kernel (unpack it, or is it an initrd?)";
    }
    if (magic == NEWC_MAGIC) {
      return "a cpio archive, not a kernel (is it an initrd?)";
    }
    if (magic == QCOW2_MAGIC) {
      return "a disk image, not a kernel";
    }
    if ((magic & 0xffff) == MZ_MAGIC) {
      return head.limit() < 0x268
          ? "truncated: too short for a kernel"
          : "a DOS or EFI program, not a kernel";
    }
    if (head.limit() >= 0x200 && (head.getShort(0x1fe) & 0xffff) == PARTITION_MAGIC) {
      return "a disk image or boot sector, not a kernel";
    }
    return "not a kernel (wanted: Linux bzImage, ELF with PVH note, or multiboot)";
  }
}
