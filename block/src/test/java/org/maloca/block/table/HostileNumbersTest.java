package org.maloca.block.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.maloca.block.file.FaultyFile;
import org.maloca.block.image.CorruptImageException;
import org.maloca.block.image.DiskImage;
import org.maloca.core.backend.DiskFullException;

/** Numbers that no image has, a full host and growing disks. */
class HostileNumbersTest {
  private static final int DISK_BYTES = 8 << 20;

  @ParameterizedTest
  @CsvSource({
    "VMDK, 12, 0x4000000000000", // capacity
    "VMDK, 20, 0x4000000000000", // grain
    "VMDK, 20, 100",
    "VMDK, 36, 0x7fffffffffffffff", // descriptor
    "VMDK, 56, 0x7fffffffffffff", // grain directory
    "VMDK, 56, -1",
    "VDI, 0x170, 0x4000000000000", // size
    "VDI, 0x178, 0x800000000", // block size
    "VDI, 0x154, 0x7ffffe00", // map
    "VDI, 0x180, 0x8ffffffff", // blocks
    "VDI, 1024, 0x77777777", // an entry
  })
  void areRefused(AnyFormat format, String field, String value) throws IOException {
    FaultyFile file = new FaultyFile("disk");
    format.create(file, DISK_BYTES);
    ByteBuffer number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    number.putLong(0, Long.decode(value));
    file.write(Long.decode(field), number);

    CorruptImageException refusal =
        assertThrows(CorruptImageException.class, () -> format.openWith(file, null));

    assertEquals("disk: at byte ", refusal.getMessage().substring(0, 14));
  }

  @ParameterizedTest
  @CsvSource({"VHDX, 0x300000", "VHD, 1536"})
  void blocksOverHeadersAreRefused(AnyFormat format, String entry) throws IOException {
    FaultyFile file = new FaultyFile("disk");
    format.create(file, DISK_BYTES);
    // Block 0 where the log, or the dynamic header, lies.
    ByteBuffer number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    number.putLong(0, format == AnyFormat.VHDX ? 0x10_0006 : 0xffff_ffff_0100_0000L);
    file.write(Long.decode(entry), number);

    assertThrows(
        CorruptImageException.class,
        () -> {
          try (DiskImage image = format.openWith(file, null)) {
            Disks.write(image, 0, new byte[512]);
          }
        });
  }

  @ParameterizedTest
  @EnumSource
  void aFullHostLosesNothingAndTheDiskGoesOn(AnyFormat format) throws IOException {
    FaultyFile file = new FaultyFile("disk");
    format.create(file, DISK_BYTES);
    byte[] bytes = new byte[DISK_BYTES];
    new java.util.Random(1).nextBytes(bytes);
    try (DiskImage image = format.open(file, DISK_BYTES)) {
      file.setRoom(file.usedBytes() + (2 << 20));
      assertThrows(
          DiskFullException.class,
          () -> {
            Disks.write(image, 0, bytes);
            image.flush();
          });

      file.setRoom(Long.MAX_VALUE);
      Disks.write(image, 0, bytes);

      Disks.assertSame(image, bytes);
    }
    try (DiskImage image = format.open(file, DISK_BYTES)) {
      Disks.assertSame(image, bytes);
      assertEquals(0, image.check(DiskImage.Repair.NOTHING).corruptions());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"VHDX", "VDI", "VHD"})
  void disksGrow(AnyFormat format) throws IOException {
    FaultyFile file = new FaultyFile("disk");
    format.create(file, DISK_BYTES);
    byte[] shadow = new byte[DISK_BYTES];
    long larger = 3L << 30;
    try (DiskImage image = format.openWith(file, null)) {
      Disks.work(image, shadow, 2, 20);
      image.resize(larger);
      Disks.write(image, larger - 512, new byte[512]);
      Disks.assertSame(image, shadow);
    }
    try (DiskImage image = format.openWith(file, null)) {
      assertEquals(larger, image.sizeBytes());
      Disks.assertSame(image, shadow);
      assertEquals(java.util.List.of(), image.check(DiskImage.Repair.NOTHING).messages());
    }
  }
}
