package org.maloca.block.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.maloca.block.image.DiskImage;
import org.maloca.block.image.ImageFormat;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.IoVector;

/** Differences by file: how they find the image below, and know whether it is still the same. */
final class DifferencesTest {
  private static final int SIZE = 4 << 20;

  @TempDir Path folder;

  private void createBase(ImageFormat format, Path path) throws IOException {
    ImageCreation.create(path, new CreateRequest(format, SIZE, Map.of(), null), false);
    try (OpenedDisk disk = DiskImages.open(path, OpenOptions.writable())) {
      write(disk.image(), 0, 1 << 20, 5);
    }
  }

  private void createChild(Path path, Path base, String name) throws IOException {
    try (OpenedDisk below = DiskImages.open(base, OpenOptions.readOnly())) {
      CreateRequest.Base to = new CreateRequest.Base(name, below.image().format(), below.image());
      ImageCreation.create(
          path, new CreateRequest(below.image().format(), SIZE, Map.of(), to), false);
    }
  }

  private static void write(BlockBackend disk, long offset, int length, int value)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(length, 4096).fill((byte) value);
      IoVector vector = new IoVector();
      vector.add(memory.address(), length);
      disk.write(offset, vector);
    }
  }

  private static byte[] read(BlockBackend disk) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(SIZE, 4096);
      IoVector vector = new IoVector();
      vector.add(memory.address(), SIZE);
      disk.read(0, vector);
      return memory.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"QCOW2", "VMDK", "VDI", "VHD", "VHDX"})
  void a_difference_beside_its_base_is_opened_with_it(ImageFormat format) throws IOException {
    Path base = folder.resolve("base." + format.optionName());
    Path child = folder.resolve("child." + format.optionName());
    createBase(format, base);
    createChild(child, base, base.getFileName().toString());
    byte[] expected = new byte[SIZE];
    Arrays.fill(expected, 0, 1 << 20, (byte) 5);
    Arrays.fill(expected, 4096, 8192, (byte) 6);

    try (OpenedDisk disk = DiskImages.open(child, OpenOptions.writable())) {
      write(disk.image(), 4096, 4096, 6);
      assertArrayEquals(expected, read(disk.image()));
      assertEquals(2, disk.layers().size());
    }

    try (OpenedDisk disk = DiskImages.open(child, OpenOptions.readOnly())) {
      assertArrayEquals(expected, read(disk.image()));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"VMDK", "VDI", "VHDX"})
  void a_base_that_was_changed_is_refused_until_it_is_adopted(ImageFormat format)
      throws IOException {
    Path base = folder.resolve("base." + format.optionName());
    Path child = folder.resolve("child." + format.optionName());
    createBase(format, base);
    createChild(child, base, base.getFileName().toString());

    try (OpenedDisk disk = DiskImages.open(child, OpenOptions.writable().withWritableBacking(1))) {
      DiskImage below = disk.layers().get(1);
      write(below, 0, 4096, 8);
      below.flush();
      disk.image().adoptParent();
    }

    DiskImages.open(child, OpenOptions.readOnly()).close();
    try (OpenedDisk disk = DiskImages.open(base, OpenOptions.writable())) {
      write(disk.image(), 0, 4096, 9);
    }
    assertThrows(IOException.class, () -> DiskImages.open(child, OpenOptions.readOnly()));
  }

  @ParameterizedTest
  @EnumSource(names = {"VMDK", "VDI", "VHDX"})
  void who_adopts_a_base_stays_the_same_for_its_own_differences(ImageFormat format)
      throws IOException {
    String suffix = "." + format.optionName();
    Path base = folder.resolve("base" + suffix);
    Path middle = folder.resolve("middle" + suffix);
    Path top = folder.resolve("top" + suffix);
    createBase(format, base);
    createChild(middle, base, base.getFileName().toString());
    createChild(top, middle, middle.getFileName().toString());

    try (OpenedDisk disk = DiskImages.open(middle, OpenOptions.writable().withWritableBacking(1))) {
      write(disk.layers().get(1), 0, 4096, 8);
      disk.layers().get(1).flush();
      disk.image().adoptParent();
    }

    DiskImages.open(top, OpenOptions.readOnly()).close();
  }

  @Test
  void a_vdi_finds_its_base_in_the_folder_above_where_that_is_allowed() throws IOException {
    Path base = folder.resolve("base.vdi");
    Path child = Files.createDirectory(folder.resolve("Snapshots")).resolve("child.vdi");
    createBase(ImageFormat.VDI, base);
    createChild(child, base, "../base.vdi");

    assertThrows(IOException.class, () -> DiskImages.open(child, OpenOptions.readOnly()));
    AllowedPaths allowed = AllowedPaths.OWN_FOLDER.withFile(base);
    try (OpenedDisk disk = DiskImages.open(child, OpenOptions.readOnly().withAllowed(allowed))) {
      assertEquals(2, disk.layers().size());
    }
  }

  @Test
  void a_vdi_without_its_base_is_refused_by_its_number() throws IOException {
    Path base = folder.resolve("base.vdi");
    Path child = folder.resolve("child.vdi");
    createBase(ImageFormat.VDI, base);
    createChild(child, base, "base.vdi");
    Files.delete(base);

    IOException refused =
        assertThrows(IOException.class, () -> DiskImages.open(child, OpenOptions.readOnly()));

    assertTrue(refused.getMessage().contains("is a difference to the disk"));
  }
}
