package org.maloca.block.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.maloca.block.file.FaultyFile;
import org.maloca.block.image.DiskImage;
import org.maloca.block.image.DiskImage.Repair;
import org.maloca.block.image.Extent;

/** Tables of disks as large as a format has them, of which the file has next to nothing. */
class VastDisksTest {
  private static final long VMDK_BYTES = (1L << 41) - (1L << 32);
  private static final long VHDX_BYTES = 1L << 46;
  private static final int CAPACITY = 12;
  private static final int REDUNDANT_DIRECTORY = 48;
  private static final int DIRECTORY = 56;

  /** Looks for holes are no reads; whole tables are 100,000 pages and more. */
  private static final long FEW_READS = 3000;

  private final FaultyFile file = new FaultyFile("disk");

  @ParameterizedTest
  @EnumSource(names = {"VMDK", "VMDK_STREAM", "VHDX", "VHDX_CHILD"})
  void areLookedAtByWhatTheFileHas(AnyFormat format) throws IOException {
    boolean isVmdk = format == AnyFormat.VMDK || format == AnyFormat.VMDK_STREAM;
    long size = isVmdk ? VMDK_BYTES : VHDX_BYTES;
    format.create(file, size);
    try (DiskImage image = format.open(file, 1 << 20)) {
      lookAt(image);
    }
  }

  /** A header of VMware's that claims 16 million grain tables. */
  @ParameterizedTest
  @EnumSource(names = {"VMDK", "VMDK_STREAM"})
  void directoriesThatAreHolesAreLookedAtByWhatTheFileHas(AnyFormat format) throws IOException {
    format.create(file, 1 << 20);
    put(CAPACITY, 1L << 40);
    put(REDUNDANT_DIRECTORY, 1 << 20);
    put(DIRECTORY, 2 << 20);
    file.setSize(2L << 30);
    try (DiskImage image = format.openWith(file, null)) {
      lookAt(image);
    }
  }

  private void put(long position, long value) throws IOException {
    ByteBuffer number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    file.write(position, number.putLong(0, value));
  }

  private void lookAt(DiskImage image) throws IOException {
    long size = image.sizeBytes();
    long before = file.reads();
    assertEquals(0, image.check(Repair.ALL).corruptions());
    assertEquals(new Extent(0, size, Extent.Kind.UNALLOCATED, -1, false), image.extentAt(0, size));

    long middle = size / 2;
    Disks.write(image, middle, new byte[512]);
    assertEquals(middle, image.extentAt(0, size).length());
    assertEquals(Extent.Kind.DATA, image.extentAt(middle, size - middle).kind());
    assertEquals(0, image.check(Repair.ALL).corruptions());
    assertEquals(middle, image.extentAt(0, size).length());

    long reads = file.reads() - before;
    assertTrue(reads < FEW_READS, () -> "reads: " + reads);
  }
}
