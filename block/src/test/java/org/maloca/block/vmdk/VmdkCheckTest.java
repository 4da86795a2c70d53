package org.maloca.block.vmdk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.maloca.block.file.FaultyFile;
import org.maloca.block.image.CheckReport;
import org.maloca.block.image.CorruptImageException;
import org.maloca.block.image.DiskImage;
import org.maloca.block.image.Extent;
import org.maloca.block.table.Disks;

class VmdkCheckTest {
  private static final int DISK_BYTES = 4 << 20;
  private static final int GRAIN_BYTES = 1 << 16;
  private static final int DESCRIPTOR = 28;
  private static final int REDUNDANT_DIRECTORY = 48;
  private static final int DIRECTORY = 56;
  private static final int OVERHEAD = 64;

  private final FaultyFile file = new FaultyFile("disk");

  private void create(VmdkKind kind) throws IOException {
    VmdkCreation.create(file, ExtentFiles.none(), VmdkOptions.of(DISK_BYTES, kind));
  }

  private int intAt(long position) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
    file.read(position, bytes);
    return bytes.getInt(0);
  }

  private void putInt(long position, int value) throws IOException {
    file.write(position, ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(0, value));
  }

  @ParameterizedTest
  @ValueSource(ints = {REDUNDANT_DIRECTORY, DIRECTORY})
  void aGrainTableOfOneDirectoryAloneIsFound(int headerField) throws IOException {
    create(VmdkKind.MONOLITHIC_SPARSE);
    putInt(intAt(headerField) * 512L, 0);

    try (DiskImage image = VmdkImage.open(file, ExtentFiles.none(), null)) {
      assertEquals(1, image.check(DiskImage.Repair.NOTHING).corruptions());
    }
  }

  /** Millions of entries may lead to one table of many grains. */
  @Test
  void aTableThatTwoEntriesLeadToIsLookedAtOnce() throws IOException {
    VmdkCreation.create(
        file, ExtentFiles.none(), VmdkOptions.of(64 << 20, VmdkKind.MONOLITHIC_SPARSE));
    try (DiskImage image = VmdkImage.open(file, ExtentFiles.none(), null)) {
      Disks.write(image, 0, new byte[3 * GRAIN_BYTES]);
    }
    for (int headerField : new int[] {REDUNDANT_DIRECTORY, DIRECTORY}) {
      long directory = intAt(headerField) * 512L;
      putInt(directory + 4, intAt(directory));
    }

    try (DiskImage image = VmdkImage.open(file, ExtentFiles.none(), null)) {
      CheckReport report = image.check(DiskImage.Repair.NOTHING);
      assertEquals(2, report.corruptions(), report.messages().toString());
      assertTrue(
          report.messages().stream().allMatch(message -> message.contains("two grain tables")),
          report.messages().toString());
    }
  }

  /** Of 2 TiB, nearly all of which is a hole. */
  @Test
  void grainsFarOutInAHugeFileAreLookedAt() throws IOException {
    create(VmdkKind.STREAM_OPTIMIZED);
    int table = intAt(intAt(DIRECTORY) * 512L);
    putInt(table * 512L, 0xffff_fff0);
    putInt(table * 512L + 4, 0xffff_fff0);
    file.setSize(1L << 41);

    try (DiskImage image = VmdkImage.open(file, ExtentFiles.none(), null)) {
      CheckReport report = image.check(DiskImage.Repair.NOTHING);
      assertTrue(
          report.messages().stream().anyMatch(message -> message.contains("two grains")),
          report.messages().toString());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {REDUNDANT_DIRECTORY, DIRECTORY})
  void aDirectoryInTheDescriptorIsFoundAndNotOpenedToWrite(int headerField) throws IOException {
    create(VmdkKind.MONOLITHIC_SPARSE);
    ByteBuffer sector = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    file.write(headerField, sector.putLong(0, 2));

    assertThrows(CorruptImageException.class, () -> VmdkImage.open(file, ExtentFiles.none(), null));
    file.setReadOnly(true);
    try (DiskImage image = VmdkImage.open(file, ExtentFiles.none(), null)) {
      assertTrue(image.check(DiskImage.Repair.NOTHING).corruptions() > 0);
    }
  }

  /** The entry leads to its own grain directory. */
  @Test
  void aGrainOverTheMetadataIsFoundAndNotWritten() throws IOException {
    create(VmdkKind.MONOLITHIC_SPARSE);
    int directory = intAt(DIRECTORY);
    int table = intAt(directory * 512L);
    putInt(table * 512L, directory);
    file.write(OVERHEAD, ByteBuffer.allocate(8));

    try (DiskImage image = VmdkImage.open(file, ExtentFiles.none(), null)) {
      assertTrue(image.check(DiskImage.Repair.NOTHING).corruptions() > 0);
      assertThrows(IOException.class, () -> Disks.write(image, 0, new byte[512]));
    }
  }

  /** Of the second grain the first sector is the redundant table. */
  @Test
  void aGrainOverATableIsFound() throws IOException {
    create(VmdkKind.MONOLITHIC_SPARSE);
    int table = intAt(intAt(DIRECTORY) * 512L);
    putInt(table * 512L, table);
    file.write(OVERHEAD, ByteBuffer.allocate(8));

    try (DiskImage image = VmdkImage.open(file, ExtentFiles.none(), null)) {
      assertTrue(image.check(DiskImage.Repair.NOTHING).corruptions() > 0);
    }
  }

  /** The descriptor's place is zeros, as those of pieces of a disk are, and not in the file yet. */
  @Test
  void grainsComeBehindADescriptorThatEndsPastTheFile() throws IOException {
    create(VmdkKind.MONOLITHIC_SPARSE);
    long place = file.size() / 512;
    file.write(DESCRIPTOR, ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, place));
    byte[] bytes = new byte[1 << 16];
    java.util.Arrays.fill(bytes, (byte) 'x');
    try (DiskImage image = VmdkImage.open(file, ExtentFiles.none(), null)) {
      Disks.write(image, 0, bytes);
      assertTrue(image.check(DiskImage.Repair.ALL).isClean());

      try (DiskImage again = VmdkImage.open(file.copy(), ExtentFiles.none(), null)) {
        assertArrayEquals(bytes, Disks.read(again, 0, bytes.length));
      }
    }
  }

  @Test
  void aGrainThatIsNotPackedYetIsToldWhereThereIsNoTable() throws IOException {
    create(VmdkKind.STREAM_OPTIMIZED);
    putInt(intAt(DIRECTORY) * 512L, 0);
    putInt(intAt(REDUNDANT_DIRECTORY) * 512L, 0);

    try (DiskImage image = VmdkImage.open(file, ExtentFiles.none(), null)) {
      assertEquals(
          new Extent(0, DISK_BYTES, Extent.Kind.UNALLOCATED, -1, false),
          image.extentAt(0, DISK_BYTES));
      Disks.write(image, 70_000 / 512 * 512, new byte[] {1, 2, 3});

      assertEquals(
          new Extent(0, GRAIN_BYTES, Extent.Kind.UNALLOCATED, -1, false),
          image.extentAt(0, DISK_BYTES));
      assertEquals(
          new Extent(GRAIN_BYTES, GRAIN_BYTES, Extent.Kind.DATA, -1, true),
          image.extentAt(GRAIN_BYTES, DISK_BYTES - GRAIN_BYTES));
    }
  }
}
