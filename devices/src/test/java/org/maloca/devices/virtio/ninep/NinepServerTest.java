package org.maloca.devices.virtio.ninep;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.maloca.devices.virtio.ninep.NinepClient.ROOT;
import static org.maloca.devices.virtio.ninep.NinepClient.fields;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The messages one by one, as Linux sends them when programs work in a shared folder. */
@EnabledOnOs(OS.LINUX)
class NinepServerTest {
  @TempDir Path folder;
  private NinepClient client;

  @BeforeEach
  void mount() throws IOException {
    client = new NinepClient(NinepServer.open(new NinepConfig(folder, false))).attach();
  }

  @AfterEach
  void unmount() {
    client.close();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void agrees_on_the_dialect_and_the_smaller_message_size() {
    ByteBuffer small = client.call(100, fields().u32(8192).text("9P2000.L"));
    assertEquals(8192, small.getInt());
    ByteBuffer large = client.call(100, fields().u32(1 << 30).text("9P2000.L"));
    assertEquals((512 << 10) + 24, large.getInt());
    ByteBuffer other = client.call(100, fields().u32(8192).text("9P2000.u"));
    other.getInt();
    assertEquals(7, other.getShort());
    assertEquals(90, client.errno(() -> client.call(100, fields().u32(100).text("9P2000.L"))));
  }

  @Test
  void writes_what_the_host_reads_and_reads_what_the_host_wrote() throws IOException {
    byte[] content = new byte[300_000];
    new SplittableRandom(1).nextBytes(content);
    client.writeFile(ROOT, "large", content);
    assertArrayEquals(content, Files.readAllBytes(folder.resolve("large")));
    Files.write(folder.resolve("host"), content);
    assertArrayEquals(content, client.readFile("host"));
  }

  @Test
  void tells_all_attributes() throws IOException {
    Files.write(folder.resolve("f"), new byte[5]);
    Files.setPosixFilePermissions(
        folder.resolve("f"), PosixFilePermissions.fromString("rwxr-x--x"));
    Files.createLink(folder.resolve("g"), folder.resolve("f"));
    NinepClient.Attributes f = client.getattr(client.path("f"));
    assertEquals(0x7ff, f.valid() & 0x7ff);
    assertEquals(0100751, f.mode());
    assertEquals(2, f.links());
    assertEquals(5, f.size());
    assertEquals(Files.getAttribute(folder.resolve("f"), "unix:uid"), f.uid());
    assertEquals(Files.getAttribute(folder.resolve("f"), "unix:ino"), f.qidPath());
    assertEquals(
        Files.getLastModifiedTime(folder.resolve("f")).toInstant().getEpochSecond(),
        f.modifySeconds());
    NinepClient.Attributes root = client.getattr(ROOT);
    assertEquals(0x80, root.qidType());
    assertNotEquals(root.qidPath(), f.qidPath());
  }

  @Test
  void has_the_files_of_this_process_belong_to_the_guests_owner() throws IOException {
    Path file = Files.write(folder.resolve("f"), new byte[5]);
    Object user = Files.getAttribute(file, "unix:uid");
    Object group = Files.getAttribute(file, "unix:gid");
    NinepConfig config = new NinepConfig(folder, false, NinepConfig.Limits.USUAL, 4321);
    try (NinepClient owner = new NinepClient(NinepServer.open(config)).attach()) {
      assertEquals(4321, owner.getattr(owner.path("f")).uid());
      int root = 1_000_000;
      owner.call(104, fields().u32(root).u32(-1).text("ana").text("/").u32(4321));
      int made = root + 1;
      owner.call(110, fields().u32(root).u32(made).u16(0));
      owner.call(14, fields().u32(made).text("made").u32(0102).u32(0666).u32(4321));
      owner.call(72, fields().u32(root).text("folder").u32(0777).u32(4321));
      owner.call(
          26,
          fields().u32(made).u32(6).u32(0).u32(4321).u32(4321).u64(0).u64(0).u64(0).u64(0).u64(0));
      for (String name : List.of("made", "folder")) {
        assertEquals(user, Files.getAttribute(folder.resolve(name), "unix:uid"), name);
        assertEquals(group, Files.getAttribute(folder.resolve(name), "unix:gid"), name);
        assertEquals(4321, owner.getattr(owner.path(name)).uid(), name);
      }
    }
    assertEquals(user, client.getattr(client.path("f")).uid());
  }

  @Test
  void sets_attributes() throws IOException {
    Path file = Files.write(folder.resolve("f"), new byte[5]);
    int fid = client.path("f");
    client.setattr(fid, 1, 0100604, 0, 0, 0);
    assertEquals("rw----r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    client.setattr(fid, 8, 0, 12345, 0, 0);
    assertEquals(12345, Files.size(file));
    client.setattr(fid, 0x20 | 0x100, 0, 0, 1_000_000_000, 5_000);
    assertEquals("2001-09-09T01:46:40.000005Z", Files.getLastModifiedTime(file).toString());
    assertNotEquals(1_000_000_000, client.getattr(fid).accessSeconds());
    client.setattr(fid, 0x10 | 0x80, 0, 0, 1_000_000_001, 0);
    assertEquals(1_000_000_001, client.getattr(fid).accessSeconds());
    assertEquals(1_000_000_000, client.getattr(fid).modifySeconds());
    client.setattr(fid, 0x20, 0, 0, 0, 0);
    assertTrue(client.getattr(fid).modifySeconds() > 1_700_000_000);
    assertEquals(22, client.errno(() -> client.setattr(fid, 0x120, 0, 0, 0, 1_000_000_000)));
  }

  @Test
  void makes_files_with_exactly_the_permissions_asked_for_but_no_set_user_id() throws IOException {
    client.clunk(client.create(ROOT, "open", 0102, 0666));
    client.mkdir(ROOT, "all", 0777);
    client.clunk(client.create(ROOT, "suid", 0102, 06755));
    assertEquals(0100666, Files.getAttribute(folder.resolve("open"), "unix:mode"));
    assertEquals(0040777, Files.getAttribute(folder.resolve("all"), "unix:mode"));
    assertEquals(0100755, Files.getAttribute(folder.resolve("suid"), "unix:mode"));
    client.setattr(client.path("suid"), 1, 04700, 0, 0, 0);
    assertEquals(0100700, Files.getAttribute(folder.resolve("suid"), "unix:mode"));
  }

  @Test
  void creates_exclusively_or_opens_what_exists() throws IOException {
    Files.writeString(folder.resolve("f"), "old");
    assertEquals(17, client.errno(() -> client.create(ROOT, "f", 0302, 0600)));
    int fid = client.create(ROOT, "f", 0102, 0600);
    assertArrayEquals(bytes("old"), client.read(fid, 0, 10));
    client.create(ROOT, "f", 01102, 0600);
    assertEquals(0, Files.size(folder.resolve("f")));
  }

  @Test
  void appends_wherever_the_guest_believes_the_end_to_be() throws IOException {
    Files.writeString(folder.resolve("log"), "one ");
    int fid = client.openPath("log", 02001);
    Files.writeString(folder.resolve("log"), "one two ");
    client.write(fid, 4, bytes("three"));
    assertEquals("one two three", Files.readString(folder.resolve("log")));
  }

  @Test
  void walks_as_far_as_it_goes() throws IOException {
    Files.createDirectories(folder.resolve("a/b"));
    ByteBuffer part =
        client.call(110, fields().u32(0).u32(50).u16(3).text("a").text("b").text("c"));
    assertEquals(2, part.getShort());
    assertEquals(9, client.errno(() -> client.clunk(50)));
    assertEquals(2, client.errno(() -> client.walk(ROOT, "c")));
    assertEquals(22, client.errno(() -> client.call(110, fields().u32(0).u32(0).u16(17))));
    int b = client.walk(ROOT, "a", "b");
    int same = client.walk(b);
    assertEquals(client.getattr(b).qidPath(), client.getattr(same).qidPath());
    client.call(110, fields().u32(same).u32(same).u16(1).text(".."));
    assertEquals(client.getattr(client.path("a")).qidPath(), client.getattr(same).qidPath());
    int root = client.walk(b, "..", "..", "..", "..");
    assertEquals(client.getattr(ROOT).qidPath(), client.getattr(root).qidPath());
  }

  @Test
  void renames_over_files_and_between_directories() throws IOException {
    Files.createDirectories(folder.resolve("a"));
    Files.createDirectories(folder.resolve("b"));
    Files.writeString(folder.resolve("a/new"), "new");
    Files.writeString(folder.resolve("b/old"), "old");
    int held = client.path("a/new");
    client.renameAt(client.path("a"), "new", client.path("b"), "old");
    assertEquals("new", Files.readString(folder.resolve("b/old")));
    client.open(held, 0);
    assertArrayEquals(bytes("new"), client.read(held, 0, 10));
    int moved = client.path("b/old");
    client.call(20, fields().u32(moved).u32(ROOT).text("top"));
    assertEquals("new", Files.readString(folder.resolve("top")));
    client.call(122, fields().u32(moved));
    assertFalse(Files.exists(folder.resolve("top")));
    assertEquals(9, client.errno(() -> client.clunk(moved)));
    assertEquals(16, client.errno(() -> client.call(122, fields().u32(client.walk(ROOT)))));
  }

  @Test
  void links_a_file_and_a_link_itself() throws IOException {
    Files.writeString(folder.resolve("f"), "text");
    client.symlink(ROOT, "s", "/etc/passwd");
    client.link(ROOT, client.path("f"), "g");
    assertEquals("text", Files.readString(folder.resolve("g")));
    client.link(ROOT, client.path("s"), "t");
    assertEquals(Path.of("/etc/passwd"), Files.readSymbolicLink(folder.resolve("t")));
    assertEquals("/etc/passwd", client.readlink(client.path("t")));
  }

  @Test
  void keeps_unlinked_files_that_are_open() throws IOException {
    int fid = client.create(ROOT, "temporary", 0302, 0600);
    client.unlinkAt(ROOT, "temporary", 0);
    client.write(fid, 0, bytes("still here"));
    assertArrayEquals(bytes("here"), client.read(fid, 6, 100));
    assertEquals(0, client.getattr(fid).links());
    assertEquals(10, client.getattr(fid).size());
    client.setattr(fid, 8, 0, 2, 0, 0);
    assertArrayEquals(bytes("st"), client.read(fid, 0, 100));
    int again = client.walk(fid);
    client.open(again, 0);
    assertArrayEquals(bytes("st"), client.read(again, 0, 100));
    assertEquals(2, client.errno(() -> client.call(122, fields().u32(again))));
  }

  @Test
  void removes_directories_only_when_told_so() throws IOException {
    client.mkdir(ROOT, "d", 0755);
    client.writeFile(client.path("d"), "f", bytes("x"));
    assertEquals(39, client.errno(() -> client.unlinkAt(ROOT, "d", 0x200)));
    assertEquals(21, client.errno(() -> client.unlinkAt(ROOT, "d", 0)));
    client.unlinkAt(client.path("d"), "f", 0);
    client.unlinkAt(ROOT, "d", 0x200);
    assertFalse(Files.exists(folder.resolve("d")));
  }

  @Test
  void makes_fifos_and_sockets_but_no_devices_and_opens_none_of_them() throws IOException {
    client.call(18, fields().u32(0).text("fifo").u32(010644).u32(0).u32(0).u32(0));
    client.call(18, fields().u32(0).text("sock").u32(0140644).u32(0).u32(0).u32(0));
    assertEquals(010644, Files.getAttribute(folder.resolve("fifo"), "unix:mode"));
    assertEquals(0140644, Files.getAttribute(folder.resolve("sock"), "unix:mode"));
    for (int type : new int[] {020000, 060000, 0120000, 0040000}) {
      assertEquals(
          1,
          client.errno(
              () -> client.call(18, fields().u32(0).text("x").u32(type).u32(1).u32(3).u32(0))));
    }
    assertEquals(1, client.errno(() -> client.openPath("fifo", 0)));
    assertEquals(1, client.errno(() -> client.create(ROOT, "fifo", 0100, 0600)));
  }

  @Test
  void lists_two_thousand_files_while_others_come_and_go() throws IOException {
    TreeSet<String> stay = new TreeSet<>();
    for (int i = 0; i < 2000; i++) {
      String name = "stays-%04d".formatted(i);
      Files.createFile(folder.resolve(name));
      stay.add(name);
    }
    int fid = client.walk(ROOT);
    client.open(fid, 0200000);
    List<String> listed = new ArrayList<>();
    long offset = 0;
    int round = 0;
    for (List<NinepClient.Entry> some = client.readdir(fid, 0, 4096); !some.isEmpty(); ) {
      for (NinepClient.Entry entry : some) {
        listed.add(entry.name());
        offset = entry.offset();
      }
      Files.createFile(folder.resolve("comes-" + round));
      Files.deleteIfExists(folder.resolve("comes-" + (round - 1)));
      round++;
      some = client.readdir(fid, offset, 4096);
    }
    listed.removeIf(name -> !name.startsWith("stays"));
    assertEquals(new ArrayList<>(stay), listed.stream().sorted().toList());
    assertEquals(2003, client.list(fid, 500_000).size());
    assertEquals(22, client.errno(() -> client.readdir(fid, 0, 100)));
  }

  @Test
  void does_not_tell_which_directory_is_above() throws IOException {
    int fid = client.walk(ROOT);
    client.open(fid, 0);
    long up =
        client.readdir(fid, 0, 8192).stream()
            .filter(entry -> entry.name().equals(".."))
            .findFirst()
            .orElseThrow()
            .qidPath();
    assertEquals(client.getattr(ROOT).qidPath(), up);
  }

  @Test
  void tells_of_the_file_system() throws IOException {
    ByteBuffer answer = client.call(8, fields().u32(ROOT));
    answer.getInt();
    long blockBytes = answer.getInt();
    assertEquals(Files.getFileStore(folder).getTotalSpace(), answer.getLong() * blockBytes);
    answer.position(answer.limit() - 4);
    assertEquals(255, answer.getInt());
  }

  @Test
  void syncs_open_files_only() {
    int fid = client.create(ROOT, "f", 0102, 0600);
    client.call(50, fields().u32(fid).u32(0));
    client.call(50, fields().u32(fid).u32(1));
    client.call(50, fields().u32(fid));
    assertEquals(9, client.errno(() -> client.call(50, fields().u32(ROOT).u32(0))));
  }

  @Test
  void locks_ranges_against_other_owners() {
    int fid = client.create(ROOT, "f", 0102, 0600);
    int second = client.openPath("f", 2);
    assertEquals(0, client.lock(fid, 1, 0, 100, 1));
    assertEquals(1, client.lock(second, 0, 50, 10, 2));
    assertEquals(0, client.lock(second, 0, 100, 0, 2));
    assertEquals(0, client.lock(fid, 2, 40, 30, 1));
    assertEquals(0, client.lock(second, 1, 40, 30, 2));
    assertEquals(1, client.lock(fid, 0, 69, 2, 1));
    ByteBuffer held = client.call(54, fields().u32(fid).u8(1).u64(0).u64(0).u32(1).text("guest"));
    assertEquals(0, held.get());
    assertEquals(100, held.getLong());
    assertEquals(0, held.getLong());
    assertEquals(2, held.getInt());
    client.clunk(second);
    assertEquals(0, client.lock(fid, 1, 0, 0, 1));
  }

  @Test
  void transfers_extended_attributes_of_users_only() {
    int fid = client.create(ROOT, "f", 0102, 0600);
    client.setXattr(fid, "user.one", bytes("value"), 0);
    client.setXattr(fid, "user.two", new byte[0], 0);
    assertArrayEquals(bytes("value"), client.getXattr(fid, "user.one"));
    List<String> names =
        Arrays.stream(new String(client.getXattr(fid, ""), StandardCharsets.UTF_8).split("\0"))
            .sorted()
            .toList();
    assertEquals(List.of("user.one", "user.two"), names);
    client.setXattr(fid, "user.one", new byte[0], 2);
    assertEquals(61, client.errno(() -> client.getXattr(fid, "user.one")));
    assertEquals(61, client.errno(() -> client.getXattr(fid, "security.capability")));
    assertEquals(
        95, client.errno(() -> client.setXattr(fid, "security.capability", new byte[20], 0)));
    assertEquals(
        34,
        client.errno(() ->
            client.call(32, fields().u32(client.walk(fid)).text("user.x").u64(70000).u32(0))));
  }

  @Test
  void answers_a_flush_at_once() {
    client.call(108, fields().u16(77));
  }

  @Test
  void refuses_every_change_of_a_read_only_folder() throws IOException {
    Files.writeString(folder.resolve("f"), "text");
    try (NinepClient guest =
        new NinepClient(NinepServer.open(new NinepConfig(folder, true))).attach()) {
      assertArrayEquals(bytes("text"), guest.readFile("f"));
      int f = guest.path("f");
      List<Runnable> changes =
          List.of(
              () -> guest.openPath("f", 1),
              () -> guest.openPath("f", 2),
              () -> guest.openPath("f", 01000),
              () -> guest.create(ROOT, "g", 0102, 0600),
              () -> guest.mkdir(ROOT, "d", 0700),
              () -> guest.symlink(ROOT, "s", "f"),
              () -> guest.link(ROOT, f, "g"),
              () -> guest.renameAt(ROOT, "f", ROOT, "g"),
              () -> guest.call(20, fields().u32(f).u32(ROOT).text("g")),
              () -> guest.unlinkAt(ROOT, "f", 0),
              () -> guest.setattr(f, 1, 0777, 0, 0, 0),
              () -> guest.setXattr(f, "user.x", bytes("y"), 0),
              () -> guest.call(18, fields().u32(0).text("n").u32(010644).u32(0).u32(0).u32(0)),
              () -> guest.call(122, fields().u32(f)));
      for (Runnable change : changes) {
        assertEquals(30, guest.errno(change));
      }
    }
    assertEquals("text", Files.readString(folder.resolve("f")));
    try (var names = Files.list(folder)) {
      assertEquals(1, names.count());
    }
  }

  @Test
  void writes_data_that_the_header_does_not_count() throws IOException {
    int fid = client.create(ROOT, "f", 0102, 0600);
    byte[] message = fields().u32(fid).u64(0).u32(4).raw(bytes("data")).message(118);
    message[0] = 23;
    byte[] answer = client.exchange(message, 11);
    assertEquals(119, answer[4]);
    assertEquals("data", Files.readString(folder.resolve("f")));
  }
}
