package org.maloca.cli.guest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The expected indexes are those that kmod 30's depmod makes of the same modules. */
final class KernelModuleTreeTest {
  private static final String ORDER =
      """
      kernel/fs/other.ko
      kernel/fs/fuse.ko
      kernel/fs/9p.ko
      kernel/fs/netfs.ko
      kernel/net/9pnet.ko
      kernel/net/9pnet-virtio.ko
      """;

  @TempDir Path folder;

  private final Map<String, byte[]> files = new LinkedHashMap<>();
  private Path tree;

  @BeforeEach
  void makePackage() throws IOException {
    tree = Files.createDirectory(folder.resolve("tree"));
    add("net/9pnet.ko", "license=GPL", "depends=", "name=9pnet");
    add("net/9pnet-virtio.ko", "alias=virtio:d00000009v*", "alias=9p-virtio", "depends=9pnet");
    add("fs/9p.ko", "alias=fs-9p", "softdep=pre: crc32c", "depends=netfs,9pnet");
    add("fs/netfs.ko", "depends=");
    add(
        "fs/fuse.ko",
        "alias=devname:fuse",
        "alias=char-major-10-229",
        "alias=fs-fuse",
        "alias=virtio:d0000001Av*",
        "depends=");
    add("fs/other.ko", "alias=fs-fuse", "alias=pci:v0000[1-2]d*", "depends=");
    put("modules.order", ORDER.getBytes(StandardCharsets.US_ASCII));
    put("modules.builtin", "kernel/fs/ext4.ko\nkernel/lib/crc-itu-t.ko\n".getBytes());
    put("../../../boot/vmlinuz", new byte[1]);
  }

  private void add(String path, String... info) {
    put("kernel/" + path, ModuleFile.of(true, info));
  }

  private void put(String path, byte[] content) {
    files.put(Path.of("lib/modules/6.1.0", path).normalize().toString(), content);
  }

  private void unpack() throws IOException {
    KernelModuleTree.unpack(DebFile.write(folder.resolve("kernel.deb"), files), tree);
  }

  private byte[] index(String name) throws IOException {
    try (InputStream expected = getClass().getResourceAsStream(name)) {
      return expected.readAllBytes();
    }
  }

  private List<String> lines(String name) throws IOException {
    return Files.readAllLines(tree.resolve(name));
  }

  @Test
  void writesTheIndexesThatDepmodWrites() throws IOException {
    unpack();

    assertArrayEquals(
        index("modules.alias.bin"), Files.readAllBytes(tree.resolve("modules.alias.bin")));
    assertArrayEquals(
        index("modules.builtin.bin"), Files.readAllBytes(tree.resolve("modules.builtin.bin")));
    assertEquals("alias fs-fuse other", lines("modules.alias").getFirst());
    assertEquals(List.of("softdep 9p pre: crc32c"), lines("modules.softdep"));
    assertEquals(List.of("fuse fuse c10:229"), lines("modules.devname"));
    assertEquals(12, Files.size(tree.resolve("modules.symbols.bin")));
  }

  @Test
  void tellsWhatEachModuleNeedsTheNeededOnesLast() throws IOException {
    add("fs/top.ko", "depends=9p,fuse");
    unpack();

    assertTrue(
        lines("modules.dep")
            .contains(
                "kernel/fs/top.ko: kernel/fs/9p.ko kernel/fs/fuse.ko kernel/fs/netfs.ko"
                    + " kernel/net/9pnet.ko"));
    assertTrue(
        new String(Files.readAllBytes(tree.resolve("modules.dep.bin")), StandardCharsets.US_ASCII)
            .contains("kernel/fs/9p.ko: kernel/fs/netfs.ko kernel/net/9pnet.ko\0"));
  }

  @Test
  void takesNothingButModules() throws IOException {
    unpack();

    assertTrue(Files.exists(tree.resolve("kernel/fs/9p.ko")));
    assertTrue(Files.notExists(folder.resolve("boot")));
    assertTrue(Files.notExists(tree.resolve("boot")));
  }

  @Test
  void refusesAModuleOutsideOfTheTree() throws IOException {
    files.put("lib/modules/6.1.0/kernel/../../../x.ko", ModuleFile.of(true, "depends="));
    assertThrows(IOException.class, this::unpack);
  }

  @Test
  void unpacksModulesThatAreCompressed() throws IOException {
    byte[] module = ModuleFile.of(true, "alias=fs-new", "depends=9p");
    put("kernel/fs/new.ko.xz", ModuleFile.compressed(module));
    unpack();

    assertArrayEquals(module, Files.readAllBytes(tree.resolve("kernel/fs/new.ko")));
    assertTrue(lines("modules.alias").contains("alias fs-new new"));
  }

  @Test
  void readsWhatModulesOfEitherClassSayAndNothingElse() {
    for (boolean is64 : new boolean[] {true, false}) {
      byte[] module = ModuleFile.of(is64, "alias=one", "depends=a-b,c", "softdep=pre: d");
      KernelModule read = KernelModule.of("kernel/x/the-one.ko", module);
      assertEquals("the_one", read.name());
      assertEquals(List.of("one"), read.aliases());
      assertEquals(List.of("a_b", "c"), read.depends());
      assertEquals(List.of("pre: d"), read.softDepends());
      for (int end = 0; end < module.length; end++) {
        // Damaged ones say nothing, or less, and break nothing.
        ModuleInfo.read(java.util.Arrays.copyOf(module, end));
      }
    }
    assertEquals(List.of(), ModuleInfo.read(new byte[200]));
  }

  @Test
  void looksAliasesUpWithUnderscoresButForRanges() {
    assertEquals(Optional.of("fs_9p"), KernelModuleTree.key("fs-9p"));
    assertEquals(Optional.of("a_[1-2]_b"), KernelModuleTree.key("a-[1-2]-b"));
    assertEquals(Optional.empty(), KernelModuleTree.key("a]"));
    assertEquals(Optional.empty(), KernelModuleTree.key("a[1-2"));
  }
}
