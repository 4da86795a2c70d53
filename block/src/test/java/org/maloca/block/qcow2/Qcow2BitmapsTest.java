package org.maloca.block.qcow2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.block.file.HostFile;

/** Bitmaps that QEMU made follow what Maloca writes. */
final class Qcow2BitmapsTest {
  @TempDir Path folder;
  private Path image;

  @BeforeEach
  void makeImage() throws Exception {
    image = folder.resolve("disk.qcow2");
    QemuImg.expectSuccess("qemu-img", "create", "-f", "qcow2", image.toString(), "64M");
    QemuImg.expectSuccess("qemu-img", "bitmap", "--add", image.toString(), "follows");
    QemuImg.expectSuccess("qemu-img", "bitmap", "--add", image.toString(), "fine", "-g", "512");
    QemuImg.expectSuccess("qemu-img", "bitmap", "--add", "--disable", image.toString(), "rests");
    QemuImg.expectSuccess("qemu-io", "-f", "qcow2", "-c", "write -P 1 1M 64k", image.toString());
  }

  private Qcow2Image open() throws IOException {
    return Qcow2Image.open(HostFile.open(image), null);
  }

  /** Dirty pieces of the disk as QEMU's server tells of them, as start+length. */
  private String dirty(String bitmap) throws Exception {
    String socket = folder.resolve("nbd").toString();
    Process server =
        new ProcessBuilder(
                "qemu-nbd", "-r", "-f", "qcow2", "-B", bitmap, "-k", socket, image.toString())
            .start();
    try {
      QemuImg.Result map =
          QemuImg.run(
              "qemu-img",
              "map",
              "--output=json",
              "--image-opts",
              // The server may not listen yet.
              ("driver=nbd,open-timeout=60,server.type=unix,server.path=%s,"
                      + "x-dirty-bitmap=qemu:dirty-bitmap:%s")
                  .formatted(socket, bitmap));
      assertEquals(0, map.exitCode(), map.output());
      StringBuilder pieces = new StringBuilder();
      java.util.regex.Matcher matcher =
          java.util.regex.Pattern.compile(
                  "\"start\": (\\d+), \"length\": (\\d+)[^}]*\"data\": false")
              .matcher(map.output());
      while (matcher.find()) {
        pieces.append(matcher.group(1)).append('+').append(matcher.group(2)).append(' ');
      }
      return pieces.toString().strip();
    } finally {
      server.destroy();
      server.waitFor();
    }
  }

  @Test
  void bitsFollowWritesAndDiscards() throws Exception {
    try (Qcow2Image disk = open()) {
      Disk.write(disk, (8 << 20) + 512, new byte[512]);
      disk.flush();
      disk.discard(16 << 20, 128 << 10);
      disk.writeZeroes(32 << 20, 64 << 10, true);
    }
    QemuImg.check(image);
    assertEquals("1048576+65536 8388608+65536 16777216+131072 33554432+65536", dirty("follows"));
    assertEquals("1048576+65536 8389120+512 16777216+131072 33554432+65536", dirty("fine"));
    assertEquals("", dirty("rests"));
  }

  @Test
  void anImageThatWasOnlyOpenedKeepsItsBitmaps() throws Exception {
    open().close();
    QemuImg.check(image);
    assertEquals("1048576+65536", dirty("follows"));
  }

  @Test
  void aKilledWriterLeavesThemInUse() throws Exception {
    Path left = folder.resolve("left.qcow2");
    try (Qcow2Image disk = open()) {
      Disk.write(disk, 0, new byte[512]);
      disk.flush();
      java.nio.file.Files.copy(image, left);
    }
    QemuImg.check(left);
    String info = QemuImg.run("qemu-img", "info", left.toString()).output();
    assertTrue(info.contains("in-use"), info);
    try (Qcow2Image disk = Qcow2Image.open(HostFile.open(left), null)) {
      Disk.write(disk, 0, new byte[512]);
      assertTrue(disk.info().details().get("bitmaps").toString().contains("in use"));
    }
    QemuImg.check(left);
  }

  @Test
  void aSizeThatTheyDoNotFitIsRefused() throws Exception {
    try (Qcow2Image disk = open()) {
      disk.resize(65 << 20);
      Disk.write(disk, 64 << 20, new byte[512]);
      assertThrows(UnsupportedOperationException.class, () -> disk.resize(1L << 40));
      assertThrows(UnsupportedOperationException.class, () -> disk.resize(1 << 20));
      assertFalse(disk.info().details().get("bitmaps").toString().isEmpty());
    }
    QemuImg.check(image);
    assertEquals("1048576+65536 67108864+65536", dirty("follows"));
  }
}
