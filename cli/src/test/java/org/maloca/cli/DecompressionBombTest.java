package org.maloca.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.maloca.block.disk.CreateRequest;
import org.maloca.block.disk.DiskImages;
import org.maloca.block.disk.ImageCreation;
import org.maloca.block.disk.OpenOptions;
import org.maloca.block.disk.OpenedDisk;
import org.maloca.block.image.ImageFormat;

/** Small images of large disks, in a JVM that has no room for what is in them. */
@Timeout(300)
class DecompressionBombTest {
  private static final int MIB = 1 << 20;
  private static final int DISK_BYTES = 512 * MIB;

  @TempDir Path folder;

  private record Result(int exitCode, String output) {}

  private Result disk(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx64m",
            "-XX:MaxDirectMemorySize=16m",
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.add("disk");
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    builder.environment().remove("JDK_JAVA_OPTIONS");
    Path output = folder.resolve("output");
    Process process = builder.redirectOutput(output.toFile()).start();
    try {
      return new Result(process.waitFor(), Files.readString(output));
    } finally {
      process.destroyForcibly();
    }
  }

  private static byte[] deflate(byte[] plain, boolean isRaw) {
    Deflater deflater = new Deflater(9, isRaw);
    deflater.setInput(plain);
    deflater.finish();
    byte[] packed = new byte[plain.length];
    int length = deflater.deflate(packed);
    deflater.end();
    return Arrays.copyOf(packed, length);
  }

  private static byte[] filled(int length, int value) {
    byte[] plain = new byte[length];
    Arrays.fill(plain, (byte) value);
    return plain;
  }

  /** An image of 512 MiB all of whose clusters of 2 MiB are one stream. */
  private Path qcow2(byte[] stream, String compression) throws IOException {
    Path path = folder.resolve("bomb.qcow2");
    int clusterBits = 21;
    ImageCreation.create(
        path,
        new CreateRequest(
            ImageFormat.QCOW2,
            DISK_BYTES,
            java.util.Map.of("cluster_size", "2M", "compression_type", compression),
            null),
        true);
    ByteBuffer image = ByteBuffer.wrap(Files.readAllBytes(path));
    int l1 = (int) image.getLong(40);
    long l2 = image.capacity();
    long data = l2 + (1L << clusterBits);
    ByteBuffer table = ByteBuffer.allocate(1 << clusterBits);
    long sectors = (stream.length + 511) / 512;
    for (int cluster = 0; cluster < DISK_BYTES >> clusterBits; cluster++) {
      table.putLong(1L << 62 | sectors - 1 << 62 - (clusterBits - 8) | data);
    }
    image.putLong(l1, l2);
    try (var file = Files.newByteChannel(path, StandardOpenOption.WRITE)) {
      file.write(image.rewind());
      file.write(table.rewind());
      file.write(ByteBuffer.wrap(stream));
    }
    return path;
  }

  /** An image of 512 MiB in compressed grains of 1 MiB. */
  private Path vmdk(byte[] stream) throws IOException {
    int grains = DISK_BYTES / MIB;
    byte[] descriptor =
        """
        # Disk DescriptorFile
        version=1
        CID=12345678
        parentCID=ffffffff
        createType="streamOptimized"
        RW %d SPARSE "bomb.vmdk"
        """
            .formatted(DISK_BYTES / 512)
            .getBytes(StandardCharsets.US_ASCII);
    int grainSectors = (12 + stream.length + 511) / 512;
    ByteBuffer image =
        ByteBuffer.allocate((8 + grains * grainSectors) * 512).order(ByteOrder.LITTLE_ENDIAN);
    image.putInt(0x564d444b).putInt(3).putInt(1 | 1 << 16 | 1 << 17);
    image.putLong(DISK_BYTES / 512).putLong(MIB / 512).putLong(1).putLong(1);
    image.putInt(512).putLong(0).putLong(2).putLong(8);
    image.putInt(73, 0x0a0d200a).putShort(77, (short) 1);
    image.position(512).put(descriptor);
    image.putInt(2 * 512, 3);
    for (int grain = 0; grain < grains; grain++) {
      int sector = 8 + grain * grainSectors;
      image.putInt(3 * 512 + grain * 4, sector);
      image.position(sector * 512).putLong((long) grain * (MIB / 512)).putInt(stream.length);
      image.put(stream);
    }
    Path path = folder.resolve("bomb.vmdk");
    Files.write(path, image.array());
    return path;
  }

  /** A frame of blocks of one byte each that stands for 128 KiB. */
  private static byte[] zstd(int blocks, int value) {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    // No content size, and a window of 2 MiB.
    frame.writeBytes(new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, 11 << 3});
    for (int i = 1; i <= blocks; i++) {
      int header = 0x20000 << 3 | 1 << 1 | (i == blocks ? 1 : 0);
      frame.writeBytes(new byte[] {(byte) header, (byte) (header >> 8), (byte) (header >> 16)});
      frame.write(value);
    }
    return frame.toByteArray();
  }

  private void assertIsWholeAndSmall(Path bomb) throws Exception {
    assertTrue(Files.size(bomb) < 16 * MIB, () -> bomb + " is not small");
    Path target = folder.resolve("target");

    Result converted = disk("convert", "-O", "qcow2", bomb.toString(), target.toString());

    assertEquals("", converted.output());
    assertEquals(0, converted.exitCode());
    try (OpenedDisk disk = DiskImages.open(target, OpenOptions.readOnly())) {
      assertEquals(DISK_BYTES, disk.image().sizeBytes());
    }
    Result compared = disk("compare", bomb.toString(), target.toString());
    assertEquals(0, compared.exitCode(), compared.output());
  }

  @Test
  void clustersOfOneStreamOfZerosTakeNoRoom() throws Exception {
    Path bomb = qcow2(deflate(new byte[2 * MIB], true), "zlib");

    assertIsWholeAndSmall(bomb);

    assertTrue(Files.size(folder.resolve("target")) < MIB, "zeros were written");
  }

  @ParameterizedTest
  @ValueSource(strings = {"zlib", "zstd"})
  void clustersOfOneStreamAreUnpackedOneByOne(String compression) throws Exception {
    byte[] stream =
        compression.equals("zlib") ? deflate(filled(2 * MIB, 'x'), true) : zstd(16, 'x');
    Path bomb = qcow2(stream, compression);

    Result compared = disk("compare", bomb.toString(), bomb.toString());

    assertEquals(0, compared.exitCode(), compared.output());
    // Of 256 references to one stream, one is counted.
    Result checked = disk("check", bomb.toString());
    assertTrue(checked.output().contains("refcount"), checked.output());
  }

  @ParameterizedTest
  @ValueSource(ints = {15, 17, 40_000})
  void aFrameThatIsNoClusterIsRefused(int blocks) throws Exception {
    Path bomb = qcow2(zstd(blocks, 0), "zstd");

    Result converted =
        disk("convert", "-O", "raw", bomb.toString(), folder.resolve("target").toString());

    assertEquals(1, converted.exitCode(), converted.output());
    assertTrue(converted.output().contains("compressed cluster"), converted.output());
  }

  @Test
  void grainsAreUnpackedOneByOne() throws Exception {
    Path bomb = vmdk(deflate(new byte[MIB], false));

    assertIsWholeAndSmall(bomb);

    Result checked = disk("check", bomb.toString());
    assertEquals(0, checked.exitCode(), checked.output());
  }

  @Test
  void aGrainThatUnpacksToMoreThanItIsIsRefused() throws Exception {
    Path bomb = vmdk(deflate(new byte[4 * MIB], false));

    Result converted =
        disk("convert", "-O", "raw", bomb.toString(), folder.resolve("target").toString());

    assertEquals(1, converted.exitCode(), converted.output());
    assertTrue(converted.output().contains("more than 1048576 bytes"), converted.output());
  }
}
