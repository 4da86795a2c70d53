package org.maloca.cli.guest;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The drivers that a Linux guest of ours may need, out of the kernel's package: an archive in the
 * layout that {@code modprobe} reads (modules.dep(5)).
 */
public final class KernelModules {
  /** Kernels lack some of these, or have them built in. */
  private static final List<String> WANTED =
      List.of(
          "virtio_pci",
          "virtio_mmio",
          "virtio_blk",
          "virtio_net",
          "virtio_console",
          "virtio_rng",
          "virtio_balloon",
          "virtio_scsi",
          "virtio_pmem",
          "nd_pmem",
          "vmw_vsock_virtio_transport",
          "vsock_diag",
          "9pnet_virtio",
          "9p",
          "sd_mod",
          "sr_mod",
          "isofs",
          "ext4",
          "overlay",
          "loop",
          "button",
          "evdev",
          "crc32c_generic",
          "nls_ascii");

  private static final Pattern MODULE =
      Pattern.compile("(?:usr/)?lib/modules/([^/]+)/(kernel/.*\\.ko(?:\\.xz)?)");

  private final String version;
  private final Map<String, KernelModule> modules;
  private final Map<String, byte[]> contents;

  private KernelModules(
      String version, Map<String, KernelModule> modules, Map<String, byte[]> contents) {
    this.version = version;
    this.modules = modules;
    this.contents = contents;
  }

  /** Tells what guests want today from what they wanted once. */
  static String wantedId() {
    return Integer.toHexString(WANTED.hashCode());
  }

  /** Reads the modules that guests want, and those that they need, from a kernel's package. */
  static KernelModules read(Path deb) throws IOException {
    return read(deb, WANTED);
  }

  /** Reads modules by name, as far as the kernel has them, and those that they need. */
  static KernelModules read(Path deb, List<String> wanted) throws IOException {
    Map<String, KernelModule> all = new HashMap<>();
    Map<String, byte[]> contents = new HashMap<>();
    Set<String> versions = new TreeSet<>();
    DebArchive.visit(
        deb,
        (name, entry, content) -> {
          Matcher module = MODULE.matcher(name);
          if (entry.isFile() && module.matches()) {
            versions.add(module.group(1));
            byte[] unpacked = KernelModule.unpacked(name, content.readAllBytes());
            KernelModule read = KernelModule.of(module.group(2), unpacked);
            all.put(read.name(), read);
            contents.put(read.path(), unpacked);
          }
          return true;
        });
    ModuleDependencies dependencies = new ModuleDependencies(all);
    Map<String, KernelModule> chosen = new TreeMap<>();
    for (String name : wanted) {
      for (KernelModule module : dependencies.of(name)) {
        chosen.put(module.name(), module);
      }
    }
    contents.keySet().retainAll(chosen.values().stream().map(KernelModule::path).toList());
    return new KernelModules(
        versions.isEmpty() ? "none" : versions.iterator().next(), chosen, contents);
  }

  /** Writes the archive; it comes after others in an initrd. */
  void write(Path target) throws IOException {
    try (CpioArchive archive =
        new CpioArchive(new BufferedOutputStream(Files.newOutputStream(target), 1 << 16))) {
      Set<String> directories = new TreeSet<>();
      String home = "lib/modules/" + version;
      addParents(directories, home + "/file");
      modules.values().forEach(module -> addParents(directories, home + "/" + module.path()));
      for (String directory : directories) {
        archive.directory(directory, 0755);
      }
      for (KernelModule module : modules.values()) {
        byte[] content = Objects.requireNonNull(contents.get(module.path()));
        archive.file(home + "/" + module.path(), 0644, content);
      }
      archive.text(home + "/modules.dep", 0644, dependencies());
      archive.text(home + "/modules.alias", 0644, aliases());
      archive.text(home + "/modules.symbols", 0644, "");
      archive.text(home + "/modules.builtin", 0644, "");
    }
  }

  private static void addParents(Set<String> directories, String file) {
    for (int slash = file.indexOf('/'); slash > 0; slash = file.indexOf('/', slash + 1)) {
      directories.add(file.substring(0, slash));
    }
  }

  private String dependencies() {
    ModuleDependencies dependencies = new ModuleDependencies(modules);
    StringBuilder text = new StringBuilder();
    for (KernelModule module : modules.values()) {
      text.append(dependencies.line(module)).append('\n');
    }
    return text.toString();
  }

  private String aliases() {
    StringBuilder text = new StringBuilder();
    for (KernelModule module : modules.values()) {
      for (String alias : module.aliases()) {
        text.append("alias %s %s\n".formatted(alias, module.name()));
      }
    }
    return text.toString();
  }
}
