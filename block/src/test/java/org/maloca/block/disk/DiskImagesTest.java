package org.maloca.block.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.maloca.block.file.ImageInUseException;
import org.maloca.block.image.ImageFormat;
import org.maloca.block.limit.CacheMode;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.IoVector;

final class DiskImagesTest {
  private static final long SIZE = 1 << 20;

  @TempDir Path root;
  private Path images;
  private Path elsewhere;

  @BeforeEach
  void folders() throws IOException {
    images = Files.createDirectory(root.resolve("images"));
    elsewhere = Files.createDirectory(root.resolve("elsewhere"));
  }

  private static void create(Path path, ImageFormat format) throws IOException {
    ImageCreation.create(path, new CreateRequest(format, SIZE, Map.of(), null), false);
  }

  /** Makes a difference without looking at what it is one to. */
  private static void createOver(Path path, String name, ImageFormat format) throws IOException {
    CreateRequest.Base base = new CreateRequest.Base(name, format, null);
    ImageCreation.create(path, new CreateRequest(ImageFormat.QCOW2, SIZE, Map.of(), base), false);
  }

  private String refusal(Path path) {
    return refusal(path, OpenOptions.readOnly());
  }

  private static String refusal(Path path, OpenOptions options) {
    return assertThrows(IOException.class, () -> DiskImages.open(path, options).close())
        .getMessage();
  }

  @ParameterizedTest
  @EnumSource(ImageFormat.class)
  void tells_every_format_by_its_content(ImageFormat format) throws IOException {
    Path path = images.resolve("disk");
    create(path, format);

    try (OpenedDisk disk = DiskImages.open(path, OpenOptions.writable())) {
      assertEquals(format, disk.image().format());
      assertTrue(disk.wasDetected());
      assertTrue(disk.image().sizeBytes() >= SIZE);
    }
  }

  @Test
  void follows_a_backing_file_in_the_image_s_folder() throws IOException {
    create(images.resolve("base.qcow2"), ImageFormat.QCOW2);
    createOver(images.resolve("top.qcow2"), "base.qcow2", ImageFormat.QCOW2);

    try (OpenedDisk disk = DiskImages.open(images.resolve("top.qcow2"), OpenOptions.writable())) {
      assertEquals(2, disk.layers().size());
      assertFalse(disk.image().isReadOnly());
      assertTrue(disk.layers().get(1).isReadOnly());
    }
  }

  @Test
  void refuses_backing_files_elsewhere_by_any_way() throws IOException {
    Path secret = elsewhere.resolve("secret.raw");
    create(secret, ImageFormat.RAW);
    Files.createSymbolicLink(images.resolve("link"), secret);
    Files.createSymbolicLink(images.resolve("folder"), elsewhere);
    List<String> names =
        List.of(
            secret.toString(),
            "../elsewhere/secret.raw",
            "link",
            "folder/secret.raw",
            "/etc/passwd",
            "/nonexistent/file");
    for (String name : names) {
      Path top = images.resolve("top" + names.indexOf(name));
      createOver(top, name, ImageFormat.RAW);

      String message = refusal(top);

      assertTrue(message.contains("--allow-path"), message);
    }
  }

  @Test
  void follows_what_the_user_allowed() throws IOException {
    Path base = elsewhere.resolve("base.raw");
    create(base, ImageFormat.RAW);
    Path top = images.resolve("top");
    createOver(top, base.toString(), ImageFormat.RAW);
    AllowedPaths folder = new AllowedPaths(List.of(), List.of(elsewhere));

    DiskImages.open(top, OpenOptions.readOnly().withAllowed(folder)).close();
    DiskImages.open(top, OpenOptions.readOnly().withAllowed(AllowedPaths.OWN_FOLDER.withFile(base)))
        .close();

    AllowedPaths other = new AllowedPaths(List.of(), List.of(images));
    assertTrue(refusal(top, OpenOptions.readOnly().withAllowed(other)).contains("--allow-path"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "json:{\"driver\":\"file\",\"filename\":\"/etc/passwd\"}",
        "nbd:localhost:10809",
        "nbd+unix:///x?socket=/y",
        "http://host/disk",
        "file:base",
        "fat:rw:/etc"
      })
  void refuses_names_with_a_protocol(String name) throws IOException {
    Path top = images.resolve("top");
    createOver(top, name, ImageFormat.RAW);

    String message = refusal(top);

    assertTrue(message.contains("protocol"), message);
  }

  @Test
  void refuses_a_loop_at_once() throws IOException {
    createOver(images.resolve("a"), "b", ImageFormat.QCOW2);
    createOver(images.resolve("b"), "c", ImageFormat.QCOW2);
    createOver(images.resolve("c"), "a", ImageFormat.QCOW2);
    createOver(images.resolve("self"), "self", ImageFormat.QCOW2);

    assertTrue(refusal(images.resolve("a")).contains("loop"));
    assertTrue(refusal(images.resolve("self")).contains("loop"));
  }

  @Test
  void refuses_a_chain_that_is_too_long() throws IOException {
    create(images.resolve("0"), ImageFormat.QCOW2);
    for (int i = 1; i <= DiskImages.MAX_CHAIN; i++) {
      createOver(images.resolve("" + i), "" + (i - 1), ImageFormat.QCOW2);
    }

    try (OpenedDisk disk =
        DiskImages.open(images.resolve("" + (DiskImages.MAX_CHAIN - 1)), OpenOptions.readOnly())) {
      assertEquals(DiskImages.MAX_CHAIN, disk.layers().size());
    }
    assertTrue(refusal(images.resolve("" + DiskImages.MAX_CHAIN)).contains("more than 200"));
  }

  @Test
  void a_raw_disk_stays_raw_whatever_the_guest_writes() throws IOException {
    Path path = images.resolve("disk");
    create(path, ImageFormat.RAW);
    Path header = images.resolve("other.qcow2");
    createOver(header, "/etc/passwd", ImageFormat.RAW);
    try (OpenedDisk disk = DiskImages.open(path, OpenOptions.writable())) {
      assertEquals(ImageFormat.RAW, disk.image().format());
      Assumptions.assumeTrue(RememberedFormat.isRaw(path), "the file system keeps attributes");
      write(disk.image(), Files.readAllBytes(header));
    }

    try (OpenedDisk disk = DiskImages.open(path, OpenOptions.readOnly())) {
      assertEquals(ImageFormat.RAW, disk.image().format());
      assertNotNull(disk.note());
    }
    assertEquals(ImageFormat.RAW, DiskImages.detect(path));
    String told = refusal(path, OpenOptions.readOnly().withFormat(ImageFormat.QCOW2));
    assertTrue(told.contains("--allow-path"), told);
  }

  @ParameterizedTest
  @CsvSource({"1, is qcow", "4, version 4"})
  void qcow_of_other_versions_is_refused_but_where_it_is_said_to_be_raw(int version, String what)
      throws IOException {
    Path path = images.resolve("disk");
    Files.write(path, ByteBuffer.allocate(65536).putInt(0x514649fb).putInt(version).array());

    for (OpenOptions options : List.of(OpenOptions.readOnly(), OpenOptions.writable())) {
      assertTrue(refusal(path, options).contains(what), refusal(path, options));
      String told = refusal(path, options.withFormat(ImageFormat.QCOW2));
      assertTrue(told.contains(what), told);
    }
    try (OpenedDisk disk =
        DiskImages.open(path, OpenOptions.writable().withFormat(ImageFormat.RAW))) {
      assertEquals(65536, disk.image().sizeBytes());
      Assumptions.assumeTrue(RememberedFormat.isRaw(path), "the file system keeps attributes");
    }
    try (OpenedDisk disk = DiskImages.open(path, OpenOptions.writable())) {
      assertEquals(ImageFormat.RAW, disk.image().format());
    }
  }

  @Test
  void a_sparse_file_has_the_size_of_what_is_in_it() throws IOException {
    Path path = images.resolve("disk");
    ImageCreation.create(path, new CreateRequest(ImageFormat.RAW, 64 << 20, Map.of(), null), false);
    try (OpenedDisk disk = DiskImages.open(path, OpenOptions.writable())) {
      long empty = disk.image().info().fileBytes();
      Assumptions.assumeTrue(empty == 0, "the file system keeps holes");
      write(disk.image(), pattern(65536));
      disk.image().flush();
      assertEquals(65536, disk.image().info().fileBytes());
    }
  }

  private static byte[] pattern(int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) 0x5a);
    return bytes;
  }

  private static void write(BlockBackend disk, byte[] bytes) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(65536, 512);
      MemorySegment.copy(
          bytes,
          0,
          memory,
          java.lang.foreign.ValueLayout.JAVA_BYTE,
          0,
          Math.min(bytes.length, 65536));
      IoVector vector = new IoVector();
      vector.add(memory.address(), 65536);
      disk.write(0, vector);
    }
  }

  @Test
  void an_unfinished_image_leaves_nothing_and_replaces_nothing() throws IOException {
    Path path = images.resolve("disk.vmdk");
    Files.writeString(path, "precious");
    CreateRequest request =
        new CreateRequest(ImageFormat.VMDK, SIZE, Map.of("subformat", "monolithicFlat"), null);

    assertThrows(
        FileAlreadyExistsException.class, () -> ImageCreation.create(path, request, false));
    ImageCreation.begin(path, request, true, CacheMode.WRITEBACK).close();

    assertEquals("precious", Files.readString(path, StandardCharsets.UTF_8));
    try (var files = Files.list(images)) {
      assertEquals(List.of(path), files.toList());
    }
  }

  @Test
  void an_image_of_several_files_comes_into_place_as_a_whole() throws IOException {
    Path path = images.resolve("disk.vmdk");
    create(
        path,
        new CreateRequest(ImageFormat.VMDK, SIZE, Map.of("subformat", "monolithicFlat"), null));

    assertTrue(Files.exists(images.resolve("disk-flat.vmdk")));
    try (OpenedDisk disk = DiskImages.open(path, OpenOptions.writable())) {
      write(disk.image(), new byte[] {1});
    }
  }

  private static void create(Path path, CreateRequest request) throws IOException {
    ImageCreation.create(path, request, false);
  }

  @Test
  void an_image_is_opened_for_writing_once() throws IOException {
    Path path = images.resolve("disk");
    create(path, ImageFormat.QCOW2);

    try (OpenedDisk first = DiskImages.open(path, OpenOptions.writable())) {
      assertFalse(first.image().isReadOnly());
      assertTrue(refusal(path, OpenOptions.writable()).contains("in use"));
      DiskImages.open(path, OpenOptions.readOnly().withUnlocked(true)).close();
    }
  }

  @Test
  void what_is_no_file_is_refused() {
    assertTrue(refusal(images).contains("folder"));
    assertTrue(refusal(images.resolve("none")).contains("none"));
  }

  @Test
  void replaces_no_image_that_is_written() throws IOException {
    Path path = images.resolve("disk");
    create(path, ImageFormat.QCOW2);
    CreateRequest request = new CreateRequest(ImageFormat.RAW, SIZE, Map.of(), null);
    try (OpenedDisk machines = DiskImages.open(path, OpenOptions.writable())) {
      assertThrows(ImageInUseException.class, () -> ImageCreation.create(path, request, true));
      try (java.util.stream.Stream<Path> files = Files.list(images)) {
        assertEquals(1, files.count());
      }
    }
    assertEquals(ImageFormat.QCOW2, DiskImages.detect(path));

    ImageCreation.create(path, request, true);

    assertEquals(ImageFormat.RAW, DiskImages.detect(path));
  }
}
