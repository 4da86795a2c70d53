package org.maloca.devices.virtio.ninep;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.maloca.devices.virtio.ninep.NinepClient.ROOT;
import static org.maloca.devices.virtio.ninep.NinepClient.fields;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Ways out of the folder, and ways to make the host keep too much: none of them leads anywhere. */
@EnabledOnOs(OS.LINUX)
class NinepEscapeTest {
  private static final byte[] SECRET = "secret".getBytes(StandardCharsets.UTF_8);
  private static final byte[] PUBLIC = "public".getBytes(StandardCharsets.UTF_8);

  @TempDir Path host;
  private Path folder;
  private NinepClient client;

  @BeforeEach
  void mount() throws IOException {
    folder = Files.createDirectory(host.resolve("shared"));
    Files.write(host.resolve("secret"), SECRET);
    client = new NinepClient(NinepServer.open(new NinepConfig(folder, false))).attach();
  }

  @AfterEach
  void unmount() {
    client.close();
  }

  private static long descriptors() throws IOException {
    try (var names = Files.list(Path.of("/proc/self/fd"))) {
      return names.count();
    }
  }

  @Test
  void names_with_slashes_dots_or_zeros_are_refused() throws IOException {
    for (String name : List.of("../secret", "a/b", "/", ".", "a\0b")) {
      assertEquals(22, client.errno(() -> client.walk(ROOT, name)), name);
    }
    for (String name : List.of("../escaped", "/escaped", "..", ".", "escaped\0")) {
      assertEquals(22, client.errno(() -> client.create(ROOT, name, 0102, 0600)), name);
      assertEquals(22, client.errno(() -> client.mkdir(ROOT, name, 0700)), name);
      assertEquals(22, client.errno(() -> client.symlink(ROOT, name, "x")), name);
      assertEquals(22, client.errno(() -> client.unlinkAt(ROOT, name, 0)), name);
      assertEquals(22, client.errno(() -> client.link(ROOT, ROOT, name)), name);
      assertEquals(22, client.errno(() -> client.renameAt(ROOT, "a", ROOT, name)), name);
      assertEquals(22, client.errno(() -> client.renameAt(ROOT, name, ROOT, "a")), name);
    }
    assertEquals(2, client.errno(() -> client.walk(ROOT, "")));
    assertEquals(36, client.errno(() -> client.walk(ROOT, "x".repeat(256))));
    try (var names = Files.list(host)) {
      assertEquals(2, names.count());
    }
  }

  @Test
  void symbolic_links_are_never_followed() throws IOException {
    client.symlink(ROOT, "file", host.resolve("secret").toString());
    client.symlink(ROOT, "directory", "..");
    client.symlink(ROOT, "missing", host.resolve("made").toString());
    assertEquals(40, client.errno(() -> client.openPath("file", 0)));
    assertEquals(40, client.errno(() -> client.openPath("directory", 0200000)));
    assertEquals(2, client.errno(() -> client.walk(ROOT, "directory", "secret")));
    assertEquals(20, client.errno(() -> client.walk(client.path("directory"), "secret")));
    assertEquals(
        20, client.errno(() -> client.create(client.path("directory"), "new", 0102, 0600)));
    assertEquals(40, client.errno(() -> client.create(ROOT, "missing", 0102, 0600)));
    assertEquals(40, client.errno(() -> client.create(ROOT, "file", 01102, 0600)));
    assertNotEquals(0, client.errno(() -> client.setattr(client.path("file"), 8, 0, 0, 0, 0)));
    assertEquals(95, client.errno(() -> client.setattr(client.path("file"), 1, 0, 0, 0, 0)));
    client.setattr(client.path("file"), 0x130, 0, 0, 1000, 0);
    assertTrue(Files.getLastModifiedTime(host.resolve("secret")).toMillis() > 1_000_000);
    client.getXattr(client.path("file"), "");
    assertNotEquals(
        0, client.errno(() -> client.setXattr(client.path("file"), "user.x", PUBLIC, 0)));
    client.unlinkAt(ROOT, "file", 0);
    assertArrayEquals(SECRET, Files.readAllBytes(host.resolve("secret")));
    assertFalse(Files.exists(host.resolve("made")));
  }

  @Test
  void a_directory_moved_out_of_the_folder_leads_up_to_nowhere() throws IOException {
    Files.createDirectories(folder.resolve("a/b"));
    int b = client.path("a/b");
    Files.move(folder.resolve("a"), host.resolve("a"));
    assertEquals(2, client.errno(() -> client.walk(b, "..")));
    assertEquals(2, client.errno(() -> client.call(122, fields().u32(b))));
    assertTrue(Files.exists(host.resolve("a/b")));
  }

  @Test
  void a_folder_that_is_beside_one_of_the_same_beginning_stays_apart() throws IOException {
    Files.createDirectories(folder.resolve("a"));
    int a = client.path("a");
    Files.createDirectory(host.resolve("shared-too"));
    Files.move(folder.resolve("a"), host.resolve("shared-too/a"));
    assertEquals(2, client.errno(() -> client.walk(a, "..")));
  }

  /** While another process swaps a file for a link to the secret, as quickly as it can. */
  @Test
  void a_race_of_renames_never_shows_what_is_outside() throws Exception {
    Files.write(folder.resolve("public"), PUBLIC);
    Files.createSymbolicLink(folder.resolve("link"), host.resolve("secret"));
    Files.createDirectory(folder.resolve("d"));
    Files.write(folder.resolve("d/secret"), PUBLIC);
    AtomicBoolean isOver = new AtomicBoolean();
    AtomicReference<Exception> failure = new AtomicReference<>();
    Thread swapper =
        new Thread(() -> {
          try {
            while (!isOver.get()) {
              replace("target", "public");
              replace("target", "link");
              Files.move(folder.resolve("d"), folder.resolve("e"));
              Files.createSymbolicLink(folder.resolve("d"), host);
              Files.delete(folder.resolve("d"));
              Files.move(folder.resolve("e"), folder.resolve("d"));
            }
          } catch (IOException broken) {
            failure.set(broken);
          }
        });
    swapper.start();
    try {
      int seen = 0;
      for (int i = 0; i < 4000; i++) {
        seen += readsOnlyThePublic("target") + readsOnlyThePublic("d", "secret");
        client.errno(() -> {
          int fid = client.create(ROOT, "target", 0102, 0600);
          client.write(fid, 0, PUBLIC);
          client.clunk(fid);
        });
      }
      assertTrue(seen > 0, "something was read");
    } finally {
      isOver.set(true);
      swapper.join();
    }
    assertEquals(null, failure.get());
    assertArrayEquals(SECRET, Files.readAllBytes(host.resolve("secret")));
  }

  private void replace(String name, String by) throws IOException {
    Path copy = folder.resolve("copy");
    if (Files.isSymbolicLink(folder.resolve(by))) {
      Files.createSymbolicLink(copy, host.resolve("secret"));
    } else {
      Files.write(copy, PUBLIC);
    }
    Files.move(copy, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  private int readsOnlyThePublic(String... names) {
    int[] seen = {0};
    client.errno(() -> {
      int fid = client.walk(ROOT, names);
      if (client.errno(() -> client.open(fid, 0)) == 0) {
        assertArrayEquals(PUBLIC, client.read(fid, 0, 100));
        seen[0]++;
      }
      client.clunk(fid);
    });
    return seen[0];
  }

  @Test
  void descriptors_are_given_back() throws IOException {
    Files.createDirectories(folder.resolve("a/b/c"));
    Files.write(folder.resolve("a/b/c/f"), PUBLIC);
    client.readFile("a/b/c/f");
    long before = descriptors();
    for (int i = 0; i < 200; i++) {
      client.readFile("a/b/c/f");
      client.clunk(client.create(ROOT, "new", 01102, 0666));
      client.clunk(client.walk(client.walk(ROOT, "a", "b"), "..", "..", "a"));
      client.errno(() -> client.walk(ROOT, "a", "missing"));
      client.errno(() -> client.openPath("a", 1));
      client.errno(() -> client.create(ROOT, "a", 0102, 0600));
    }
    int held = client.walk(ROOT, "a");
    assertTrue(descriptors() > before, "fids hold descriptors");
    client.open(held, 0);
    client.call(100, fields().u32(8192).text("9P2000.L"));
    assertEquals(before, descriptors());
  }

  @Test
  void fids_files_locks_and_attributes_have_limits() throws IOException {
    var limits = new NinepConfig.Limits(20, 10, 3, 1000);
    Files.write(folder.resolve("f"), PUBLIC);
    try (NinepClient small =
        new NinepClient(NinepServer.open(new NinepConfig(folder, false, limits))).attach()) {
      int fid = small.openPath("f", 2);
      for (int i = 0; i < 9; i++) {
        // Positions in directories are not found again, so these stay open.
        small.open(small.walk(ROOT), 0200000);
      }
      int directory = small.walk(ROOT);
      small.open(directory, 0200000);
      assertEquals(24, small.errno(() -> small.open(small.walk(ROOT), 0200000)));
      small.clunk(directory);
      small.open(small.walk(ROOT), 0200000);
      for (int i = 0; i < 7; i++) {
        small.walk(fid);
      }
      assertEquals(24, small.errno(() -> small.walk(fid)));
      for (int i = 0; i < 3; i++) {
        assertEquals(0, small.lock(fid, 1, i * 10L, 1, 1));
      }
      assertEquals(37, small.errno(() -> small.lock(fid, 1, 1000, 1, 1)));
      small.call(100, fields().u32(8192).text("9P2000.L"));
      small.attach();
      assertEquals(
          12,
          small.errno(() ->
              small.call(32, fields().u32(small.walk(ROOT)).text("user.x").u64(1001).u32(0))));
      small.call(32, fields().u32(small.walk(ROOT)).text("user.x").u64(1000).u32(0));
      assertEquals(
          12,
          small.errno(
              () -> small.call(32, fields().u32(small.walk(ROOT)).text("user.x").u64(1).u32(0))));
    }
  }

  @Test
  void more_files_are_in_use_than_there_are_descriptors() throws IOException {
    var limits = new NinepConfig.Limits(1000, 10, 3, 1000);
    try (NinepClient small =
        new NinepClient(NinepServer.open(new NinepConfig(folder, false, limits))).attach()) {
      small.mkdir(ROOT, "d", 0700);
      int[] fids = new int[50];
      int[] names = new int[50];
      for (int i = 0; i < fids.length; i++) {
        int directory = small.path("d");
        fids[i] = small.create(directory, "f" + i, 0102, 0600);
        small.write(fids[i], 0, new byte[] {(byte) i});
        names[i] = small.path("d/f" + i);
      }
      small.renameAt(ROOT, "d", ROOT, "e");
      int directory = small.path("e");
      small.renameAt(directory, "f1", ROOT, "moved");
      small.renameAt(directory, "f2", directory, "f3");
      small.unlinkAt(directory, "f0", 0);
      for (int i = 0; i < fids.length; i++) {
        assertArrayEquals(new byte[] {(byte) i}, small.read(fids[i], 0, 10));
        assertEquals(1, small.getattr(names[i]).size());
      }
      for (int i = 0; i < fids.length; i++) {
        small.write(fids[i], 1, new byte[] {'!'});
        small.setattr(names[i], 1, 0640, 0, 0, 0);
      }
      assertArrayEquals(new byte[] {1, '!'}, Files.readAllBytes(folder.resolve("moved")));
      assertArrayEquals(new byte[] {2, '!'}, Files.readAllBytes(folder.resolve("e/f3")));
      assertArrayEquals(new byte[] {4, '!'}, Files.readAllBytes(folder.resolve("e/f4")));
      Files.move(
          folder.resolve("e/f5"), folder.resolve("e/f4"), StandardCopyOption.REPLACE_EXISTING);
      for (int i = 10; i < fids.length; i++) {
        small.write(fids[i], 2, new byte[] {'?'});
      }
      assertEquals(2, small.errno(() -> small.getattr(names[4])));
    }
  }

  @Test
  void messages_cut_short_or_without_room_for_an_answer_get_what_fits() {
    byte[] good = fields().u32(ROOT).u64(-1).message(24);
    for (int length = 0; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      byte[] answer = client.exchange(cut, 200);
      assertEquals(length < 7 ? 0 : 11, answer.length);
      assertEquals(length < 7 ? 0 : 7, length < 7 ? 0 : answer[4]);
    }
    assertEquals(0, client.exchange(good, 0).length);
    assertEquals(0, client.exchange(good, 10).length);
    assertEquals(11, client.exchange(good, 11).length);
    assertEquals(11, client.exchange(good, 100).length);
    assertEquals(160, client.exchange(good, 160).length);
    assertEquals(160, client.exchange(good, 1000).length);
  }
}
