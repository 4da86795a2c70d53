package org.maloca.cli.cloud;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.maloca.block.disk.AllowedPaths;
import org.maloca.block.disk.CreateRequest;
import org.maloca.block.disk.DiskImages;
import org.maloca.block.disk.ImageCreation;
import org.maloca.block.disk.OpenOptions;
import org.maloca.block.disk.OpenedDisk;
import org.maloca.block.image.ImageFormat;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.IoVector;

/** An image that was taken in is whole, whatever becomes of the files that it was taken from. */
final class ImageImportTest {
  private static final int SIZE = 4 << 20;

  @TempDir Path home;

  private Path folder;
  private ImageStore store;

  @BeforeEach
  void prepare() throws IOException {
    folder = Files.createDirectory(home.resolve("own"));
    store = new ImageStore(home.resolve("images"), image -> List.of());
  }

  private void create(Path path, ImageFormat format, Map<String, String> options)
      throws IOException {
    ImageCreation.create(path, new CreateRequest(format, SIZE, options, null), false);
    write(path, format, 1 << 20, 5);
  }

  private void createChild(Path path, Path base, String name) throws IOException {
    ImageFormat format;
    try (OpenedDisk below = DiskImages.open(base, OpenOptions.readOnly())) {
      format = below.image().format();
      CreateRequest.Base to = new CreateRequest.Base(name, format, below.image());
      ImageCreation.create(path, new CreateRequest(format, SIZE, Map.of(), to), false);
    }
    write(path, format, 2 << 20, 7);
  }

  private void write(Path path, ImageFormat format, long offset, int value) throws IOException {
    AllowedPaths allowed = new AllowedPaths(List.of(), List.of(home));
    OpenOptions options = OpenOptions.writable().withFormat(format).withAllowed(allowed);
    try (OpenedDisk disk = DiskImages.open(path, options);
        Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(1 << 16, 4096).fill((byte) value);
      IoVector vector = new IoVector();
      vector.add(memory.address(), 1 << 16);
      disk.image().write(offset, vector);
    }
  }

  private static byte[] read(Path path, AllowedPaths allowed) throws IOException {
    try (OpenedDisk disk = DiskImages.open(path, OpenOptions.readOnly().withAllowed(allowed));
        Arena arena = Arena.ofConfined()) {
      BlockBackend image = disk.image();
      MemorySegment memory = arena.allocate(image.sizeBytes(), 4096);
      IoVector vector = new IoVector();
      vector.add(memory.address(), image.sizeBytes());
      image.read(0, vector);
      return memory.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  private static byte[] expected() {
    byte[] bytes = new byte[SIZE];
    java.util.Arrays.fill(bytes, 1 << 20, (1 << 20) + (1 << 16), (byte) 5);
    java.util.Arrays.fill(bytes, 2 << 20, (2 << 20) + (1 << 16), (byte) 7);
    return bytes;
  }

  /** Takes an image in, and has all that it was taken from go away. */
  private byte[] imported(Path source, AllowedPaths allowed) throws Exception {
    Path file = store.importFile(source, "mine", allowed).file();
    Files.move(folder, home.resolve("elsewhere"));
    try (Stream<Path> files = Files.list(home.resolve("images"))) {
      assertEquals(List.of(file), files.toList());
    }
    return read(file, AllowedPaths.OWN_FOLDER);
  }

  @ParameterizedTest
  @EnumSource(names = {"QCOW2", "VMDK", "VDI", "VHD", "VHDX"})
  void aDifferenceIsTakenInWithWhatIsBelow(ImageFormat format) throws Exception {
    Path base = folder.resolve("base." + format.optionName());
    Path child = folder.resolve("child." + format.optionName());
    create(base, format, Map.of());
    createChild(child, base, base.getFileName().toString());

    assertArrayEquals(expected(), imported(child, AllowedPaths.OWN_FOLDER));
  }

  @ParameterizedTest
  @CsvSource({
    "QCOW2, data_file, data.raw",
    "VMDK, subformat, monolithicFlat",
    "VMDK, subformat, twoGbMaxExtentSparse",
    "VMDK, subformat, twoGbMaxExtentFlat"
  })
  void anImageOfSeveralFilesIsTakenInWhole(ImageFormat format, String option, String value)
      throws Exception {
    Path image = folder.resolve("image." + format.optionName());
    create(image, format, Map.of(option, value));
    write(image, format, 2 << 20, 7);

    assertArrayEquals(expected(), imported(image, AllowedPaths.OWN_FOLDER));
  }

  @Test
  void whatIsBelowElsewhereIsTakenInWhenItsFolderIsAllowed() throws Exception {
    Path base = home.resolve("base.qcow2");
    Path child = folder.resolve("child.qcow2");
    create(base, ImageFormat.QCOW2, Map.of());
    createChild(child, base, base.toString());

    ImageException refusal =
        assertThrows(
            ImageException.class, () -> store.importFile(child, "mine", AllowedPaths.OWN_FOLDER));
    assertTrue(refusal.getMessage().contains("--allow-path"), refusal.getMessage());
    assertTrue(store.list().isEmpty());
    AllowedPaths allowed = new AllowedPaths(List.of(), List.of(home));
    assertArrayEquals(expected(), imported(child, allowed));
  }

  @Test
  void anImageThatLacksAFileIsRefusedAndLeavesNothing() throws Exception {
    Path base = folder.resolve("base.qcow2");
    Path child = folder.resolve("child.qcow2");
    create(base, ImageFormat.QCOW2, Map.of());
    createChild(child, base, "base.qcow2");
    Files.delete(base);

    ImageException refusal =
        assertThrows(
            ImageException.class, () -> store.importFile(child, "mine", AllowedPaths.OWN_FOLDER));
    assertEquals(ImageException.Kind.DAMAGED, refusal.kind());
    assertTrue(refusal.getMessage().contains("base.qcow2"), refusal.getMessage());
    assertTrue(store.list().isEmpty());
  }

  /** Whatever its guest has written, to lead whoever starts it from the store to another file. */
  @Test
  void aRawDiskStaysOneThoughItLooksLikeADifference() throws Exception {
    Path secret = Files.write(home.resolve("secret"), new byte[SIZE]);
    Path child = folder.resolve("child.qcow2");
    try (OpenedDisk below = DiskImages.open(secret, OpenOptions.readOnly())) {
      CreateRequest.Base to =
          new CreateRequest.Base(secret.toString(), ImageFormat.RAW, below.image());
      ImageCreation.create(child, new CreateRequest(ImageFormat.QCOW2, SIZE, Map.of(), to), false);
    }
    byte[] disk = Files.readAllBytes(child);
    DiskImages.open(child, OpenOptions.writable().withFormat(ImageFormat.RAW)).close();
    assumeTrue(DiskImages.detect(child) == ImageFormat.RAW, "the file system keeps no marks");

    assertArrayEquals(disk, imported(child, AllowedPaths.OWN_FOLDER));
  }
}
