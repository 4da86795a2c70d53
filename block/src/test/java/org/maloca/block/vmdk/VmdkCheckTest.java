package org.maloca.block.vmdk;

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
import org.maloca.block.table.Disks;

class VmdkCheckTest {
  private static final int DISK_BYTES = 4 << 20;
  private static final int REDUNDANT_DIRECTORY = 48;
  private static final int DIRECTORY = 56;
  private static final int OVERHEAD = 64;

  @ParameterizedTest
  @ValueSource(ints = {REDUNDANT_DIRECTORY, DIRECTORY})
  void aGrainTableOfOneDirectoryAloneIsFound(int headerField) throws IOException {
    FaultyFile file = new FaultyFile("disk");
    VmdkCreation.create(
        file, ExtentFiles.none(), VmdkOptions.of(DISK_BYTES, VmdkKind.MONOLITHIC_SPARSE));
    ByteBuffer directory = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    file.read(headerField, directory);
    file.write(directory.getLong(0) * 512, ByteBuffer.allocate(4));

    try (DiskImage image = VmdkImage.open(file, ExtentFiles.none(), null)) {
      assertEquals(1, image.check(DiskImage.Repair.NOTHING).corruptions());
    }
  }

  /** Of 2 TiB, nearly all of which is a hole. */
  @Test
  void grainsFarOutInAHugeFileAreLookedAt() throws IOException {
    FaultyFile file = new FaultyFile("disk");
    VmdkCreation.create(
        file, ExtentFiles.none(), VmdkOptions.of(DISK_BYTES, VmdkKind.STREAM_OPTIMIZED));
    ByteBuffer number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    file.read(DIRECTORY, number);
    ByteBuffer table = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
    file.read(number.getLong(0) * 512, table);
    ByteBuffer entries = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    entries.putInt(0xffff_fff0).putInt(0xffff_fff0).flip();
    file.write(table.getInt(0) * 512L, entries);
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
    FaultyFile file = new FaultyFile("disk");
    VmdkCreation.create(
        file, ExtentFiles.none(), VmdkOptions.of(DISK_BYTES, VmdkKind.MONOLITHIC_SPARSE));
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
    FaultyFile file = new FaultyFile("disk");
    VmdkCreation.create(
        file, ExtentFiles.none(), VmdkOptions.of(DISK_BYTES, VmdkKind.MONOLITHIC_SPARSE));
    ByteBuffer number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    file.read(DIRECTORY, number);
    ByteBuffer table = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
    file.read(number.getLong(0) * 512, table);
    ByteBuffer entry = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
    file.write(table.getInt(0) * 512L, entry.putInt(0, (int) number.getLong(0)));
    file.write(OVERHEAD, ByteBuffer.allocate(8));

    try (DiskImage image = VmdkImage.open(file, ExtentFiles.none(), null)) {
      assertTrue(image.check(DiskImage.Repair.NOTHING).corruptions() > 0);
      assertThrows(IOException.class, () -> Disks.write(image, 0, new byte[512]));
    }
  }

  /** Of the second grain the first sector is the redundant table. */
  @Test
  void aGrainOverATableIsFound() throws IOException {
    FaultyFile file = new FaultyFile("disk");
    VmdkCreation.create(
        file, ExtentFiles.none(), VmdkOptions.of(DISK_BYTES, VmdkKind.MONOLITHIC_SPARSE));
    ByteBuffer number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    file.read(DIRECTORY, number);
    ByteBuffer table = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
    file.read(number.getLong(0) * 512, table);
    ByteBuffer entry = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
    file.write(table.getInt(0) * 512L, entry.putInt(0, table.getInt(0)));
    file.write(OVERHEAD, ByteBuffer.allocate(8));

    try (DiskImage image = VmdkImage.open(file, ExtentFiles.none(), null)) {
      assertTrue(image.check(DiskImage.Repair.NOTHING).corruptions() > 0);
    }
  }
}
