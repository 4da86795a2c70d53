package org.maloca.block.vhdx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.maloca.block.file.HostFile;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.CorruptImageException;
import org.maloca.block.image.DiskImage;
import org.maloca.block.table.Disks;
import org.maloca.block.table.Qemu;

/** An image that was not closed, whose table was damaged behind the log: the log has it right. */
class VhdxLogTest {
  private static final int DISK_BYTES = 8 << 20;
  private static final int LOG_OFFSET = 1 << 20;
  private static final int TABLE_OFFSET = 3 << 20;

  @TempDir Path folder;
  private Path path;
  private final byte[] shadow = new byte[DISK_BYTES];

  @BeforeEach
  void leaveAnImageUnclosedAndLoseItsTable() throws IOException {
    path = folder.resolve("disk.vhdx");
    Arrays.fill(shadow, 3 << 20, 5 << 20, (byte) 7);
    ImageFile file = HostFile.open(path, HostFile.Option.CREATE);
    VhdxCreation.create(file, new VhdxOptions(DISK_BYTES, 1 << 20, 1 << 20, false, null));
    VhdxImage image = VhdxImage.open(file, null);
    Disks.write(image, 3 << 20, Arrays.copyOfRange(shadow, 3 << 20, 5 << 20));
    image.flush();
    file.write(TABLE_OFFSET, ByteBuffer.allocate(4096));
    file.close();
  }

  @Test
  void isReplayedWhenTheImageIsOpened() throws IOException {
    try (DiskImage image = VhdxImage.open(HostFile.open(path), null)) {
      Disks.assertSame(image, shadow);
    }
    try (DiskImage image = VhdxImage.open(HostFile.open(path, HostFile.Option.READ_ONLY), null)) {
      Disks.assertSame(image, shadow);
    }
  }

  @Test
  void isReplayedByQemu() throws Exception {
    Qemu.assume();
    Path raw = folder.resolve("disk.raw");
    Qemu.img("check", "-r", "all", "-f", "vhdx", path);

    Qemu.img("convert", "-f", "vhdx", "-O", "raw", path, raw);

    assertArrayEquals(shadow, Files.readAllBytes(raw));
  }

  /** Else the file would be no VHDX any more. */
  @ParameterizedTest
  @ValueSource(longs = {0, 64 << 10, 188 << 10})
  void doesNotReachWhatTheFileIsKnownBy(long position) throws IOException {
    try (ImageFile file = HostFile.open(path)) {
      ByteBuffer entry = ByteBuffer.allocate(1 << 20).order(ByteOrder.LITTLE_ENDIAN);
      file.read(LOG_OFFSET, entry);
      assertEquals(VhdxLog.SIGNATURE, entry.getInt(0));
      entry.putLong(VhdxLog.HEADER_BYTES + 16, position);
      int length = entry.getInt(8);
      entry.putInt(4, VhdxHeaders.checksum(entry, length));
      file.write(LOG_OFFSET, entry.slice(0, length));
    }
    byte[] before = Files.readAllBytes(path);

    ImageFile file = HostFile.open(path);
    assertThrows(CorruptImageException.class, () -> VhdxImage.open(file, null));
    file.close();

    byte[] after = Files.readAllBytes(path);
    assertEquals(-1, Arrays.mismatch(before, 0, 192 << 10, after, 0, 192 << 10));
  }

  @Test
  void isNotReplayedInAFileThatMustNotChange() throws IOException {
    byte[] before = Files.readAllBytes(path);

    try (ImageFile file = HostFile.open(path, HostFile.Option.READ_ONLY)) {
      assertThrows(IOException.class, () -> VhdxImage.open(file, null));
    }

    assertEquals(-1, Arrays.mismatch(before, Files.readAllBytes(path)));
  }
}
