package org.maloca.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.maloca.block.disk.DiskImages;
import org.maloca.block.disk.OpenOptions;
import org.maloca.block.disk.OpenedDisk;
import org.maloca.block.image.ImageFormat;

final class DiskCommandsTest {
  private static final int MIB = 1 << 20;

  private final PrintStream realOut = System.out;
  private final PrintStream realErr = System.err;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir Path folder;

  @BeforeEach
  void capture() throws IOException {
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    byte[] disk = new byte[8 * MIB];
    byte[] some = new byte[MIB + 512];
    new Random(7).nextBytes(some);
    System.arraycopy(some, 0, disk, 3 * MIB - 4096, some.length);
    Files.write(folder.resolve("disk.raw"), disk);
  }

  @AfterEach
  void release() {
    System.setOut(realOut);
    System.setErr(realErr);
  }

  /** Runs a command; words with a dot in them are files of the folder. */
  private int disk(String line) {
    out.reset();
    err.reset();
    List<String> words = new ArrayList<>(List.of("disk"));
    for (String word : line.split(" ")) {
      words.add(word.contains(".") ? folder.resolve(word).toString() : word);
    }
    return Main.run(words.toArray(String[]::new));
  }

  private int qemuImg(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("qemu-img"));
    for (String word : words) {
      command.add(word.contains(".") ? folder.resolve(word).toString() : word);
    }
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor();
    } catch (IOException missing) {
      Assumptions.abort("qemu-img is not installed");
      return -1;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"raw", "qcow2", "vmdk", "vdi", "vpc", "vhdx"})
  void what_is_converted_is_what_qemu_reads(String format) throws Exception {
    assertEquals(0, disk("convert -O " + format + " disk.raw new.img"), err::toString);

    assertEquals(0, qemuImg("compare", "-f", "raw", "-F", format, "disk.raw", "new.img"));
    assertEquals(0, disk("compare -f raw disk.raw new.img"), err::toString);
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("identical"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"qcow2", "vmdk"})
  void compressed_images_are_what_qemu_reads(String format) throws Exception {
    assertEquals(0, disk("convert -c -O " + format + " disk.raw new.img"), err::toString);

    assertEquals(0, qemuImg("compare", "-f", "raw", "-F", format, "disk.raw", "new.img"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"qcow2", "vmdk"})
  void data_that_begin_and_end_inside_a_cluster_are_compressed(String format) throws IOException {
    try (FileChannel sparse =
        FileChannel.open(
            folder.resolve("sparse.raw"),
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE,
            StandardOpenOption.SPARSE)) {
      for (int page : new int[] {3, 93, 94, 500, 1023, 2046}) {
        sparse.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}), page * 4096L);
      }
      sparse.write(ByteBuffer.allocate(1), 8 * MIB - 1);
    }

    assertEquals(0, disk("convert -c -O " + format + " sparse.raw new.img"), err::toString);

    assertEquals(0, disk("compare sparse.raw new.img"), err::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"qcow2", "vmdk", "vdi", "vhd", "vhdx"})
  void a_difference_has_what_differs(String format) throws IOException {
    byte[] changed = Files.readAllBytes(folder.resolve("disk.raw"));
    changed[3 * MIB + 5000] ^= 1;
    changed[6 * MIB] = 1;
    Files.write(folder.resolve("changed.raw"), changed);
    assertEquals(0, disk("convert disk.raw base." + format), err::toString);

    assertEquals(
        0,
        disk("convert -O %1$s -B base.%1$s changed.raw top.%1$s".formatted(format)),
        err::toString);

    assertEquals(0, disk("compare changed.raw top." + format), err::toString);
    assertEquals(0, disk("compare disk.raw base." + format), err::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"qcow2", "vmdk", "vdi", "vhd", "vhdx"})
  void a_difference_can_be_looked_at_alone(String format) throws IOException {
    assertEquals(0, disk("create -q base.%s 8M".formatted(format)), err::toString);
    assertEquals(0, disk("create -q -b base.%1$s top.%1$s".formatted(format)), err::toString);
    Files.delete(folder.resolve("base." + format));

    assertEquals(0, disk("info --json top." + format), err::toString);
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("\"virtual-size\": 8388608"));
    assertEquals(0, disk("check top." + format), err::toString);
    assertEquals(0, disk("repair top." + format), err::toString);
    assertEquals(1, disk("map top." + format));
  }

  @Test
  void a_rebased_image_shows_what_it_showed_and_commits_it() throws Exception {
    Files.copy(folder.resolve("disk.raw"), folder.resolve("want.raw"));
    Files.write(folder.resolve("other.raw"), new byte[8 * MIB]);
    assertEquals(0, disk("create -q -F raw -b disk.raw top.qcow2"), err::toString);

    assertEquals(0, disk("rebase -F raw -b other.raw top.qcow2"), err::toString);
    assertEquals(0, disk("compare top.qcow2 want.raw"), err::toString);
    assertEquals(0, disk("commit -q -d top.qcow2"), err::toString);
    assertTrue(isMapped("top.qcow2"));
    assertEquals(0, disk("commit -q top.qcow2"), err::toString);

    assertEquals(-1, Files.mismatch(folder.resolve("want.raw"), folder.resolve("other.raw")));
    assertFalse(isMapped("top.qcow2"));
    assertEquals(0, disk("compare top.qcow2 want.raw"), err::toString);
  }

  /** Whether an image has something of its own. */
  private boolean isMapped(String image) {
    assertEquals(0, disk("map --json " + image), err::toString);
    return out.toString(StandardCharsets.UTF_8)
        .replace(" ", "")
        .contains("\"depth\":0,\"present\":true");
  }

  @Test
  void a_snapshot_brings_back_what_was_there() {
    assertEquals(0, disk("convert disk.raw top.qcow2"), err::toString);
    assertEquals(0, disk("snapshot -c first top.qcow2"), err::toString);
    assertEquals(0, disk("bench -w -c 100 top.qcow2"), err::toString);
    assertEquals(1, disk("compare disk.raw top.qcow2"));

    assertEquals(0, disk("snapshot -a first top.qcow2"), err::toString);

    assertEquals(0, disk("compare disk.raw top.qcow2"), err::toString);
  }

  @Test
  void nothing_that_is_there_is_replaced_unasked() throws IOException {
    Files.writeString(folder.resolve("there.img"), "precious");

    assertEquals(1, disk("convert disk.raw there.img"));
    assertEquals(1, disk("create there.img 1M"));

    assertEquals("precious", Files.readString(folder.resolve("there.img")));
    assertEquals(0, disk("convert --force disk.raw there.img"), err::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"raw", "qcow2", "vhdx"})
  void an_image_that_is_there_can_be_filled(String format) throws Exception {
    assertEquals(0, disk("create -q -f " + format + " there.img 9M"), err::toString);
    assertEquals(0, disk("bench -w -f " + format + " -c 100 there.img"), err::toString);

    assertEquals(0, disk("convert -n -O " + format + " disk.raw there.img"), err::toString);

    assertEquals(0, qemuImg("compare", "-f", "raw", "-F", format, "disk.raw", "there.img"));
    assertEquals(0, disk("compare -F " + format + " disk.raw there.img"), err::toString);
    assertEquals(1, disk("convert -n -O " + format + " there.img disk.raw"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "vmdk adapter_type=lsilogic,hwversion=13",
        "vmdk subformat=monolithicFlat,compat6",
        "vpc subformat=fixed,force_size",
        "vpc force_size=off",
        "vdi preallocation=metadata",
        "vhdx log_size=3M,block_size=2M"
      })
  void qemu_s_options_give_what_qemu_reads(String line) throws Exception {
    String format = line.split(" ")[0];
    String options = line.split(" ")[1];

    assertEquals(
        0, disk("convert -O " + format + " -o " + options + " disk.raw new.img"), err::toString);

    assertEquals(0, qemuImg("compare", "-f", "raw", "-F", format, "disk.raw", "new.img"));
    assertEquals(0, disk("compare -F " + format + " disk.raw new.img"), err::toString);
  }

  @Test
  void a_disk_may_be_as_large_as_its_geometry_says() {
    assertEquals(0, disk("create -q -f vhd -o force_size=off new.img 8M"), err::toString);
    assertEquals(0, disk("info --json new.img"), err::toString);

    // 241 cylinders of 4 heads with 17 sectors, as the first that are enough.
    String json = out.toString(StandardCharsets.UTF_8);
    assertTrue(json.contains("\"virtual-size\": " + 241 * 4 * 17 * 512), json);
  }

  @Test
  void a_virtual_disk_of_any_size_grows() throws IOException {
    Files.write(folder.resolve("odd.raw"), new byte[MIB + 512]);
    assertEquals(0, disk("convert odd.raw odd.vhdx"), err::toString);

    assertEquals(0, disk("resize odd.vhdx +512"), err::toString);

    Files.write(folder.resolve("odd.raw"), new byte[MIB + 1024]);
    assertEquals(0, disk("compare -s odd.raw odd.vhdx"), err::toString);
  }

  @Test
  void a_disk_is_not_made_smaller_unasked() {
    assertEquals(64, disk("resize disk.raw 4M"));
    assertEquals(0, disk("resize --shrink disk.raw 4M"), err::toString);
    assertEquals(4L * MIB, folder.resolve("disk.raw").toFile().length());
    assertEquals(0, disk("resize disk.raw +1M"), err::toString);
    assertEquals(5L * MIB, folder.resolve("disk.raw").toFile().length());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fly",
        "create new.img",
        "create new.img lots",
        "create -f floppy new.img 1M",
        "convert -c -O vdi disk.raw new.img",
        "rebase disk.raw",
        "bench -s 100 disk.raw",
        "convert -n -o compat6 disk.raw disk.raw"
      })
  void wrong_usage_is_told_in_one_line(String line) {
    assertEquals(64, disk(line));
    assertEquals(1, err.toString(StandardCharsets.UTF_8).lines().count());
  }

  @Test
  void an_image_that_leads_elsewhere_is_refused() {
    assertEquals(0, disk("create -q -u -F raw -b /etc/passwd top.qcow2 1M"), err::toString);

    assertEquals(1, disk("convert top.qcow2 new.raw"));
    assertTrue(err.toString(StandardCharsets.UTF_8).contains("--allow-path"));
  }

  @Test
  void information_is_one_json_document() {
    assertEquals(0, disk("create -q top.qcow2 1M"), err::toString);
    assertEquals(0, disk("info --json top.qcow2"), err::toString);

    String json = out.toString(StandardCharsets.UTF_8);
    assertTrue(json.startsWith("{") && json.contains("\"virtual-size\": 1048576"), json);
  }

  @Test
  void what_is_in_use_is_looked_at_when_that_is_asked_for() throws IOException {
    OpenOptions writing = OpenOptions.writable().withFormat(ImageFormat.RAW);
    try (OpenedDisk machines = DiskImages.open(folder.resolve("disk.raw"), writing)) {
      assertEquals(1, disk("map -f raw disk.raw"));
      assertTrue(err.toString().contains("--force-share"), err::toString);
      assertEquals(0, disk("map -f raw --force-share disk.raw"), err::toString);

      assertEquals(1, disk("resize -f raw disk.raw 16M"));
      assertTrue(err.toString().contains("in use"), err::toString);
      assertFalse(err.toString().contains("--force-share"), err::toString);
      assertEquals(8 * MIB, machines.image().sizeBytes());

      Files.write(folder.resolve("other.raw"), new byte[512]);
      assertEquals(1, disk("convert --force -f raw -O raw other.raw disk.raw"));
      assertTrue(err.toString().contains("in use"), err::toString);
      assertFalse(err.toString().contains("--force-share"), err::toString);
    }
  }
}
