package org.maloca.block.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.maloca.block.file.HostFile;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.Extent;
import org.maloca.block.image.ImageFormat;
import org.maloca.block.table.Disks;
import org.maloca.block.table.Qemu;

/** Images whose files have room for all of the disk tell what of it was written, as QEMU does. */
class FileHolesTest {
  private static final int UNIT = 1 << 16;
  private static final int UNITS = 400;
  private static final long SIZE = (long) UNITS * UNIT;
  private static final int[] WRITTEN = {0, 1, 17, 130, 131, 132, 133, 250, UNITS - 1};

  private static final String KINDS =
      """
      RAW,  preallocation=off,                raw
      VMDK, subformat=monolithicFlat,         vmdk
      VMDK, subformat=twoGbMaxExtentFlat,     vmdk
      VDI,  static=on,                        vdi
      VHD,  subformat=fixed,                  vpc
      VHDX, subformat=fixed,                  vhdx
      QCOW2, preallocation=metadata,          qcow2
      """;

  private static final Pattern PIECE =
      Pattern.compile("\"start\": (\\d+), \"length\": (\\d+).*?\"zero\": (true|false)");

  @TempDir Path folder;

  private Path create(ImageFormat format, String option) throws IOException {
    Path path = folder.resolve("disk");
    String[] word = option.split("=", 2);
    ImageCreation.create(
        path, new CreateRequest(format, SIZE, Map.of(word[0], word[1]), null), false);
    return path;
  }

  private static void fill(Path path, ImageFormat format) throws IOException {
    byte[] bytes = new byte[UNIT];
    Arrays.fill(bytes, (byte) 0x5a);
    try (OpenedDisk disk = DiskImages.open(path, OpenOptions.writable().withFormat(format))) {
      for (int unit : WRITTEN) {
        Disks.write(disk.image(), (long) unit * UNIT, bytes);
      }
    }
  }

  private void assumeThatFilesHaveHoles() throws IOException {
    try (ImageFile file = HostFile.open(folder.resolve("probe"), HostFile.Option.CREATE)) {
      file.setSize(SIZE);
      Assumptions.assumeTrue(file.nextData(0) == SIZE, "the host's files have no holes");
    }
  }

  private static BitSet written() {
    BitSet units = new BitSet();
    Arrays.stream(WRITTEN).forEach(units::set);
    return units;
  }

  private static BitSet dataOf(Path path, ImageFormat format) throws IOException {
    BitSet data = new BitSet();
    try (OpenedDisk disk = DiskImages.open(path, OpenOptions.readOnly().withFormat(format))) {
      for (long at = 0; at < SIZE; ) {
        Extent piece = disk.image().extentAt(at, SIZE - at);
        if (piece.kind() == Extent.Kind.DATA) {
          addUnits(data, at, at + piece.length());
        }
        at += piece.length();
      }
    }
    return data;
  }

  /** Units count by their middles: data may lie askew to the pages of the file. */
  private static void addUnits(BitSet units, long start, long end) {
    int half = UNIT / 2;
    units.set((int) ((start + half - 1) / UNIT), (int) ((end + half - 1) / UNIT));
  }

  private static BitSet dataByQemu(Path path, String format) throws Exception {
    String json = Qemu.img("map", "--output=json", "-f", format, path);
    List<MatchResult> pieces = PIECE.matcher(json).results().toList();
    BitSet data = new BitSet();
    for (MatchResult piece : pieces) {
      if (piece.group(3).equals("false")) {
        long start = Long.parseLong(piece.group(1));
        long end = start + Long.parseLong(piece.group(2));
        addUnits(data, start, end);
      }
    }
    return data;
  }

  @ParameterizedTest
  @CsvSource(textBlock = KINDS)
  void what_was_never_written_is_told_as_zeros(ImageFormat format, String option, String qemuName)
      throws Exception {
    assumeThatFilesHaveHoles();
    Path path = create(format, option);
    assertEquals(new BitSet(), dataOf(path, format));

    fill(path, format);

    assertEquals(written(), dataOf(path, format));
  }

  /** Of VHDX, QEMU says that all of it is data. */
  @ParameterizedTest
  @CsvSource(textBlock = KINDS)
  void qemu_says_the_same(ImageFormat format, String option, String qemuName) throws Exception {
    Assumptions.assumeTrue(format != ImageFormat.VHDX);
    Qemu.assume();
    assumeThatFilesHaveHoles();
    Path path = create(format, option);

    fill(path, format);

    assertEquals(dataByQemu(path, qemuName), dataOf(path, format));
  }

  @ParameterizedTest
  @CsvSource(textBlock = KINDS)
  void so_does_maloca_of_what_qemu_made(ImageFormat format, String option, String qemuName)
      throws Exception {
    Assumptions.assumeTrue(format != ImageFormat.VHDX);
    Qemu.assume();
    assumeThatFilesHaveHoles();
    Path path = folder.resolve("disk");
    String size = format == ImageFormat.VHD ? option + ",force_size=on" : option;
    Qemu.img("create", "-f", qemuName, "-o", size, path, SIZE);

    fill(path, format);

    assertEquals(written(), dataOf(path, format));
    assertEquals(dataByQemu(path, qemuName), dataOf(path, format));
  }

  @ParameterizedTest
  @CsvSource(textBlock = KINDS)
  void what_is_written_while_it_is_asked_for_is_told(
      ImageFormat format, String option, String qemuName) throws Exception {
    Path path = create(format, option);
    Random random = new Random(4);
    byte[] bytes = new byte[UNIT];
    Arrays.fill(bytes, (byte) 0x5a);
    try (OpenedDisk disk = DiskImages.open(path, OpenOptions.writable().withFormat(format))) {
      for (int i = 0; i < 300; i++) {
        long at = (long) random.nextInt(UNITS) * UNIT;
        if (random.nextInt(3) == 0) {
          disk.image().discard(at, UNIT);
        } else {
          Disks.write(disk.image(), at, bytes);
          Extent told = disk.image().extentAt(at, SIZE - at);
          assertEquals(Extent.Kind.DATA, told.kind());
        }
      }
    }
  }

  @Test
  void a_raw_disk_of_half_a_sector_is_told_in_whole_ones() throws IOException {
    Path path = folder.resolve("disk");
    Files.write(path, new byte[] {1, 2, 3});
    try (OpenedDisk disk =
        DiskImages.open(path, OpenOptions.readOnly().withFormat(ImageFormat.RAW))) {
      assertEquals(512, disk.image().sizeBytes());
      assertEquals(new Extent(0, 512, Extent.Kind.DATA, 0, false), disk.image().extentAt(0, 512));
    }
  }
}
