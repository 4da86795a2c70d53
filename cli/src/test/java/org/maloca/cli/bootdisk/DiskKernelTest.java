package org.maloca.cli.bootdisk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.maloca.cli.cloud.SeedDisk;
import org.maloca.machine.config.BootConfig;

/** File systems that {@code mke2fs} made, by themselves and on partitions. */
@Timeout(120)
final class DiskKernelTest {
  private static final int MIB = 1 << 20;

  @TempDir Path folder;

  private Path tree;
  private final byte[] kernel = new byte[3 * MIB + 77];
  private final byte[] initrd = new byte[5 * MIB + 1];

  @BeforeEach
  void makeTree() throws IOException {
    tree = Files.createDirectories(folder.resolve("tree"));
    new Random(1).nextBytes(kernel);
    // With a hole in it.
    Arrays.fill(initrd, MIB, 2 * MIB, (byte) 1);
    Files.createDirectories(tree.resolve("boot/grub"));
    Files.write(tree.resolve("boot/vmlinuz-6.1.0-10"), kernel);
    Files.write(tree.resolve("boot/initrd.img-6.1.0-10"), initrd);
    Files.write(tree.resolve("boot/vmlinuz-6.1.0-9"), new byte[] {9});
  }

  private void grub(String linux, String initrds) throws IOException {
    Files.writeString(
        tree.resolve("boot/grub/grub.cfg"), "linux %s ro\ninitrd %s\n".formatted(linux, initrds));
  }

  /** A file system with the tree on it, as bytes. */
  private byte[] fileSystem(String... options) throws Exception {
    Path image = folder.resolve("fs");
    Files.deleteIfExists(image);
    List<String> command = new java.util.ArrayList<>(List.of("mke2fs", "-q", "-F"));
    command.addAll(List.of(options));
    command.addAll(List.of("-d", tree.toString(), image.toString(), "24M"));
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.environment().merge("PATH", ":/usr/sbin:/sbin", String::concat);
    Process process;
    try {
      process = builder.start();
    } catch (IOException missing) {
      return Assumptions.abort("no mke2fs: " + missing.getMessage());
    }
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue());
    return Files.readAllBytes(image);
  }

  private BootConfig extract(byte[] disk) throws Exception {
    return found(disk).boot();
  }

  private DiskKernel.Found found(byte[] disk) throws Exception {
    Path target = Files.createTempDirectory(folder, "out");
    return DiskKernel.extract(new SeedDisk(disk), target);
  }

  private void assertFound(String commandLine, byte[] disk) throws Exception {
    BootConfig found = extract(disk);
    assertEquals(commandLine, found.commandLine());
    assertArrayEquals(kernel, Files.readAllBytes(found.kernel()));
    assertEquals(1, found.initrds().size());
    assertArrayEquals(initrd, Files.readAllBytes(found.initrds().getFirst()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-t ext4",
        "-t ext4 -b 1024 -O 64bit,metadata_csum",
        "-t ext4 -O ^64bit,^flex_bg -I 128",
        "-t ext3 -b 1024",
        "-t ext2 -b 1024 -O ^resize_inode -r 1",
        "-t ext2 -b 4096"
      })
  void readsEveryKindOfExtFileSystem(String options) throws Exception {
    grub("/boot/vmlinuz-6.1.0-10 root=UUID=7", "/boot/initrd.img-6.1.0-10");
    assertFound("root=UUID=7 ro", fileSystem(options.split(" ")));
  }

  @Test
  void followsLinksButOnlyWithinTheVolume() throws Exception {
    Files.createSymbolicLink(tree.resolve("vmlinuz"), Path.of("boot/../boot/vmlinuz-6.1.0-10"));
    Files.createSymbolicLink(tree.resolve("initrd"), Path.of("/boot/initrd.img-6.1.0-10"));
    Files.createSymbolicLink(tree.resolve("loop"), Path.of("loop"));
    grub("/vmlinuz", "/initrd");
    assertFound("ro", fileSystem("-t", "ext4"));
    grub("/vmlinuz", "/loop");
    assertThrows(BootDiskException.class, () -> extract(fileSystem("-t", "ext4")));
  }

  private NinepSupport sharesWith(String config) throws Exception {
    Files.writeString(tree.resolve("boot/config-6.1.0-10"), config);
    DiskKernel.Found found = found(fileSystem("-t", "ext4"));
    assertEquals("vmlinuz-6.1.0-10", found.name());
    return found.shares();
  }

  @Test
  void tellsByTheKernelsConfigurationWhetherItMountsSharedFolders() throws Exception {
    assertEquals(NinepSupport.UNKNOWN, found(fileSystem("-t", "ext4")).shares());
    assertEquals(NinepSupport.UNKNOWN, sharesWith("nothing of the kind\n"));
    String any = "CONFIG_64BIT=y\n";
    assertEquals(NinepSupport.MISSING, sharesWith(any + "# CONFIG_NET_9P is not set\n"));
    assertEquals(NinepSupport.MISSING, sharesWith(any + "CONFIG_9P_FS=m\n"));
    String builtIn = any + "CONFIG_9P_FS=y\nCONFIG_NET_9P_VIRTIO=y\n";
    assertEquals(NinepSupport.PRESENT, sharesWith(builtIn));
  }

  @Test
  void tellsByTheDriversOnTheVolumeWhetherThoseForSharedFoldersAreThere() throws Exception {
    String drivers = "CONFIG_64BIT=y\nCONFIG_9P_FS=m\nCONFIG_NET_9P_VIRTIO=m\n";
    assertEquals(NinepSupport.PRESENT, sharesWith(drivers));
    Path modules = Files.createDirectories(tree.resolve("usr/lib/modules/6.1.0-10"));
    Files.createSymbolicLink(tree.resolve("lib"), Path.of("usr/lib"));
    Files.writeString(modules.resolve("modules.dep"), "kernel/fs/ext4/ext4.ko:\n");
    assertEquals(NinepSupport.NOT_INSTALLED, sharesWith(drivers));
    Files.writeString(
        modules.resolve("modules.dep"),
        "kernel/net/9p/9pnet_virtio.ko.xz: kernel/net/9p/9pnet.ko.xz\n");
    assertEquals(NinepSupport.PRESENT, sharesWith(drivers));
  }

  @Test
  void withoutABootLoaderTheNewestKernelIsTaken() throws Exception {
    assertFound("root=/dev/vda ro", fileSystem("-t", "ext4"));
  }

  @Test
  void findsTheVolumeWithTheKernelAmongThePartitionsOfAGpt() throws Exception {
    byte[] disk = gpt(15, new byte[MIB], 1, fileSystem("-t", "ext4"));
    assertFound("root=/dev/vda1 ro", disk);
  }

  @Test
  void findsTheVolumeWithTheKernelAmongThePartitionsOfAnMbr() throws Exception {
    byte[] volume = fileSystem("-t", "ext4");
    byte[] disk = new byte[MIB + volume.length];
    System.arraycopy(volume, 0, disk, MIB, volume.length);
    ByteBuffer entries = ByteBuffer.wrap(disk).order(ByteOrder.LITTLE_ENDIAN);
    entries.put(446 + 16 + 4, (byte) 0x83);
    entries.putInt(446 + 16 + 8, MIB / 512).putInt(446 + 16 + 12, volume.length / 512);
    entries.putShort(510, (short) 0xaa55);
    assertFound("root=/dev/vda2 ro", disk);
  }

  /** A disk with two partitions, by their numbers. */
  private static byte[] gpt(int firstNumber, byte[] first, int secondNumber, byte[] second) {
    byte[] disk = new byte[MIB + first.length + second.length];
    ByteBuffer bytes = ByteBuffer.wrap(disk).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(446 + 4, (byte) 0xee).putShort(510, (short) 0xaa55);
    bytes.putLong(512, 0x5452415020494645L);
    bytes.putLong(512 + 72, 2).putInt(512 + 80, 128).putInt(512 + 84, 128);
    long start = MIB / 512;
    for (int i = 0; i < 2; i++) {
      byte[] content = i == 0 ? first : second;
      int entry = 1024 + 128 * ((i == 0 ? firstNumber : secondNumber) - 1);
      long sectors = content.length / 512;
      bytes.putLong(entry, 1).putLong(entry + 32, start).putLong(entry + 40, start + sectors - 1);
      System.arraycopy(content, 0, disk, (int) start * 512, content.length);
      start += sectors;
    }
    return disk;
  }

  @Test
  void saysWhatThereIsInsteadOfAKernel() throws Exception {
    for (String name : List.of("vmlinuz-6.1.0-9", "vmlinuz-6.1.0-10")) {
      Files.delete(tree.resolve("boot").resolve(name));
    }
    byte[] xfs = new byte[MIB];
    System.arraycopy("XFSB".getBytes(), 0, xfs, 0, 4);
    byte[] disk = gpt(1, fileSystem("-t", "ext4"), 2, xfs);
    String words = assertThrows(BootDiskException.class, () -> extract(disk)).getMessage();
    assertTrue(words.contains("/dev/vda1: ext, without a kernel; /dev/vda2: XFS"), words);
    for (int size : new int[] {0, 512, 4096, MIB}) {
      assertThrows(BootDiskException.class, () -> extract(new byte[size]));
    }
  }

  /** Whatever is damaged, there is a kernel, or an exception of the kinds that are declared. */
  @Test
  void damageIsNoMoreThanAnError() throws Exception {
    grub("/boot/vmlinuz-6.1.0-10 root=UUID=7", "/boot/initrd.img-6.1.0-10");
    byte[] whole = gpt(15, new byte[MIB], 1, fileSystem("-t", "ext4", "-b", "1024", "-O", "64bit"));
    Random random = new Random(7);
    int refused = 0;
    for (int round = 0; round < 40; round++) {
      byte[] disk = whole.clone();
      for (int i = 0; i < 400; i++) {
        // Mostly among the tables at the beginning of the disk and of the volume.
        int at = random.nextBoolean() ? random.nextInt(4096) : 2 * MIB + random.nextInt(300_000);
        disk[at] = (byte) random.nextInt();
      }
      try {
        extract(disk);
      } catch (BootDiskException | IOException expected) {
        refused++;
      }
    }
    assertTrue(refused > 0);
  }
}
