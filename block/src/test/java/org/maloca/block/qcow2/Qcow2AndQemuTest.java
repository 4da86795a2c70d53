package org.maloca.block.qcow2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.maloca.block.file.FaultyFile;
import org.maloca.block.file.HostFile;
import org.maloca.block.file.ImageInUseException;
import org.maloca.block.image.DiskImage.Repair;
import org.maloca.block.raw.RawImage;

/** Images go back and forth between QEMU's tools and Maloca. */
final class Qcow2AndQemuTest {
  private static final int DISK_BYTES = 4 << 20;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "compat=0.10",
        "compat=1.1,cluster_size=512",
        "lazy_refcounts=on",
        "extended_l2=on,cluster_size=16k",
        "refcount_bits=1",
        "refcount_bits=64,cluster_size=2M",
        "preallocation=metadata",
        "preallocation=falloc",
        "preallocation=full,extended_l2=on",
      })
  void writes_and_resizes_what_qemu_made(String options) throws Exception {
    Path image = folder.resolve("qemu.qcow2");
    QemuImg.expectSuccess(
        "qemu-img", "create", "-f", "qcow2", "-o", options, image.toString(), "4M");
    QemuImg.expectSuccess(
        "qemu-io",
        "-f",
        "qcow2",
        "-c",
        "write -P 7 64k 1M",
        "-c",
        "write -z 300k 64k",
        image.toString());
    byte[] expected = new byte[6 << 20];
    java.util.Arrays.fill(expected, 64 << 10, (64 << 10) + (1 << 20), (byte) 7);
    java.util.Arrays.fill(expected, 300 << 10, 364 << 10, (byte) 0);
    byte[] bytes = new byte[700_416];
    new Random(1).nextBytes(bytes);
    try (Qcow2Image opened = Qcow2Image.open(HostFile.open(image), null)) {
      Disk.write(opened, 512, bytes);
      opened.resize(6 << 20);
      Disk.write(opened, 5 << 20, bytes);
      assertTrue(opened.check(Repair.NOTHING).isClean());
    }
    System.arraycopy(bytes, 0, expected, 512, bytes.length);
    System.arraycopy(bytes, 0, expected, 5 << 20, bytes.length);
    expectContent(image, expected);
    try (Qcow2Image opened = Qcow2Image.open(HostFile.open(image), null)) {
      opened.resize(1 << 20);
      opened.resize(2 << 20);
    }
    byte[] smaller = java.util.Arrays.copyOf(java.util.Arrays.copyOf(expected, 1 << 20), 2 << 20);
    expectContent(image, smaller);
  }

  private void expectContent(Path image, byte[] expected) throws Exception {
    QemuImg.check(image);
    Path raw = folder.resolve("expected.raw");
    Files.write(raw, expected);
    QemuImg.expectSuccess(
        "qemu-img", "compare", "-f", "raw", "-F", "qcow2", raw.toString(), image.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"zlib", "zstd"})
  void reads_what_qemu_compressed(String method) throws Exception {
    byte[] text = compressible();
    Path raw = folder.resolve("text.raw");
    Files.write(raw, text);
    Path image = folder.resolve("compressed.qcow2");
    QemuImg.expectSuccess(
        "qemu-img",
        "convert",
        "-c",
        "-f",
        "raw",
        "-O",
        "qcow2",
        "-o",
        "compression_type=" + method,
        raw.toString(),
        image.toString());
    try (Qcow2Image opened = Qcow2Image.open(HostFile.open(image), null)) {
      assertArrayEquals(text, Disk.read(opened, 0, text.length));
      assertTrue(opened.extentAt(0, 512).isCompressed());
    }
  }

  @ParameterizedTest
  @EnumSource(Qcow2Options.Compression.class)
  void compresses_so_that_qemu_reads_it(Qcow2Options.Compression method) throws Exception {
    byte[] text = compressible();
    Path path = folder.resolve("ours.qcow2");
    try (Qcow2Image image =
        Qcow2Image.create(
            HostFile.open(path, HostFile.Option.CREATE_NEW),
            text.length,
            Qcow2Options.DEFAULTS.withCompression(method),
            null,
            null)) {
      for (int at = 0; at < text.length; at += 65536) {
        image.writeCompressed(at, java.util.Arrays.copyOfRange(text, at, at + 65536));
      }
    }
    assertTrue(Files.size(path) < text.length / 2);
    expectContent(path, text);
  }

  private static byte[] compressible() {
    Random random = new Random(3);
    byte[] text = new byte[DISK_BYTES];
    for (int i = 0; i < text.length; i++) {
      text[i] = (byte) (i > 100 && random.nextInt(5) > 0 ? text[i - 97] : 'a' + random.nextInt(8));
    }
    return text;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shares_data_files_with_qemu(boolean isRaw) throws Exception {
    Path image = folder.resolve("split.qcow2");
    Path data = folder.resolve("split.data");
    try (Qcow2Image ours =
        Qcow2Image.create(
            HostFile.open(image, HostFile.Option.CREATE_NEW),
            DISK_BYTES,
            Qcow2Options.DEFAULTS.withDataFile(data.toString(), isRaw),
            null,
            HostFile.open(data, HostFile.Option.CREATE_NEW))) {
      Disk.write(ours, 4096, java.util.Arrays.copyOf(compressible(), 8192));
    }
    QemuImg.expectSuccess("qemu-io", "-f", "qcow2", "-c", "write -P 9 1M 100k", image.toString());
    byte[] expected = new byte[DISK_BYTES];
    System.arraycopy(compressible(), 0, expected, 4096, 8192);
    java.util.Arrays.fill(expected, 1 << 20, (1 << 20) + (100 << 10), (byte) 9);
    try (Qcow2Image ours = Qcow2Image.open(HostFile.open(image), null, HostFile.open(data))) {
      assertArrayEquals(expected, Disk.read(ours, 0, DISK_BYTES));
      ours.writeZeroes(1 << 20, 65536, true);
      java.util.Arrays.fill(expected, 1 << 20, (1 << 20) + 65536, (byte) 0);
    }
    expectContent(image, expected);
    if (isRaw) {
      assertArrayEquals(expected, Files.readAllBytes(data));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void what_is_written_to_a_raw_data_file_is_on_the_disk(boolean isExtended) throws Exception {
    Path image = folder.resolve("split.qcow2");
    Path data = folder.resolve("split.data");
    Qcow2Options options =
        Qcow2Options.DEFAULTS.withDataFile(data.toString(), true).withExtendedL2(isExtended);
    int odd = DISK_BYTES - 512;
    try (Qcow2Image ours =
        Qcow2Image.create(
            HostFile.open(image, HostFile.Option.CREATE_NEW),
            odd,
            options,
            null,
            HostFile.open(data, HostFile.Option.CREATE_NEW))) {
      assertEquals(odd, Files.size(data), "no more than the disk has");
      ours.writeZeroes(0, 1 << 20, true);
      ours.discard(1 << 20, 1 << 20);
      ours.resize(2 * DISK_BYTES);
    }
    byte[] expected = new byte[2 * DISK_BYTES];
    new Random(5).nextBytes(expected);
    Files.write(data, expected);

    try (Qcow2Image ours = Qcow2Image.open(HostFile.open(image), null, HostFile.open(data))) {
      assertArrayEquals(expected, Disk.read(ours, 0, expected.length));
      assertTrue(ours.check(Repair.NOTHING).isClean());
    }
    expectContent(image, expected);
  }

  @Test
  void snapshots_are_the_same_to_qemu() throws Exception {
    Path path = folder.resolve("snapshots.qcow2");
    byte[] first = new byte[DISK_BYTES];
    new Random(4).nextBytes(first);
    try (Qcow2Image image =
        Qcow2Image.create(
            HostFile.open(path, HostFile.Option.CREATE_NEW),
            DISK_BYTES,
            Qcow2Options.DEFAULTS,
            null,
            null)) {
      Disk.write(image, 0, first);
      image.createSnapshot("ours", Clock.systemUTC());
      Disk.write(image, 0, new byte[DISK_BYTES]);
    }
    QemuImg.check(path);
    QemuImg.expectSuccess("qemu-img", "snapshot", "-c", "theirs", path.toString());
    QemuImg.expectSuccess("qemu-img", "snapshot", "-a", "ours", path.toString());
    try (Qcow2Image image = Qcow2Image.open(HostFile.open(path), null)) {
      assertEquals(2, image.snapshots().size());
      assertArrayEquals(first, Disk.read(image, 0, DISK_BYTES));
      image.applySnapshot("theirs");
      assertArrayEquals(new byte[DISK_BYTES], Disk.read(image, 0, DISK_BYTES));
      image.deleteSnapshot("ours");
    }
    expectContent(path, new byte[DISK_BYTES]);
    QemuImg.expectSuccess("qemu-img", "snapshot", "-d", "theirs", path.toString());
    QemuImg.check(path);
  }

  @Test
  void repairs_leaks_and_lost_counts() throws Exception {
    Path path = folder.resolve("broken.qcow2");
    byte[] content = new byte[DISK_BYTES];
    new Random(5).nextBytes(content);
    try (Qcow2Image image =
        Qcow2Image.create(
            HostFile.open(path, HostFile.Option.CREATE_NEW),
            DISK_BYTES,
            Qcow2Options.DEFAULTS,
            null,
            null)) {
      Disk.write(image, 0, content);
    }
    try (java.io.RandomAccessFile file = new java.io.RandomAccessFile(path.toFile(), "rw")) {
      // Counts of 16 bits in the first block, which is the third cluster.
      file.seek(2 * 65536 + 2 * 10);
      file.writeShort(0);
      file.seek(2 * 65536 + 2 * 500);
      file.writeShort(1);
    }
    try (Qcow2Image image = Qcow2Image.open(HostFile.open(path), null)) {
      assertEquals(1, image.check(Repair.LEAKS).repairedLeaks());
      assertTrue(image.check(Repair.NOTHING).corruptions() > 0);
      assertEquals(0, image.check(Repair.ALL).corruptions());
      assertTrue(image.check(Repair.NOTHING).isClean());
    }
    expectContent(path, content);
  }

  @Test
  void refuses_what_is_encrypted() throws Exception {
    FaultyFile file = new FaultyFile("luks.qcow2");
    Qcow2Image.create(file, 1 << 20, Qcow2Options.DEFAULTS, null, null).close();
    file.write(32, ByteBuffer.allocate(4).putInt(0, 2));
    UnsupportedImageException refusal =
        assertThrows(UnsupportedImageException.class, () -> Qcow2Image.open(file, null));
    assertTrue(String.valueOf(refusal.getMessage()).contains("LUKS"));
  }

  @Test
  void two_machines_cannot_have_one_image() throws Exception {
    Path path = folder.resolve("locked.raw");
    try (RawImage first =
        RawImage.create(HostFile.open(path, HostFile.Option.CREATE_NEW), 1 << 20)) {
      assertThrows(ImageInUseException.class, () -> HostFile.open(path));
      assertThrows(ImageInUseException.class, () -> HostFile.open(path, HostFile.Option.READ_ONLY));
      HostFile.open(path, HostFile.Option.READ_ONLY, HostFile.Option.UNLOCKED).close();
      QemuImg.Result theirs =
          QemuImg.run("qemu-io", "-f", "raw", "-c", "write 0 512", path.toString());
      assertTrue(theirs.output().contains("lock"), theirs.output());
      assertEquals(1 << 20, first.sizeBytes());
    }
    HostFile.open(path, HostFile.Option.READ_ONLY).close();
  }

  @Test
  void an_image_that_qemu_has_is_refused() throws Exception {
    Path path = folder.resolve("theirs.raw");
    Files.write(path, new byte[1 << 20]);
    Process process;
    try {
      process = new ProcessBuilder("qemu-io", "-f", "raw", path.toString()).start();
    } catch (IOException missing) {
      org.junit.jupiter.api.Assumptions.abort("qemu-io is not installed");
      return;
    }
    try {
      process
          .getOutputStream()
          .write("read 0 512\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      process.getOutputStream().flush();
      // Once it answers, the image is open.
      assertNotNull(process.inputReader().readLine());
      assertThrows(ImageInUseException.class, () -> HostFile.open(path));
    } finally {
      process.getOutputStream().close();
      process.waitFor();
    }
    HostFile.open(path).close();
  }
}
