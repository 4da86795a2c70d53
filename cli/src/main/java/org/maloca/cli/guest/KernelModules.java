package org.maloca.cli.guest;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
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
      Pattern.compile("(?:usr/)?lib/modules/([^/]+)/(kernel/.*\\.ko)");

  private final String version;
  private final Map<String, KernelModule> modules;

  private KernelModules(String version, Map<String, KernelModule> modules) {
    this.version = version;
    this.modules = modules;
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
    Set<String> versions = new TreeSet<>();
    DebArchive.visit(
        deb,
        (name, entry, content) -> {
          Matcher module = MODULE.matcher(name);
          if (entry.isFile() && module.matches()) {
            versions.add(module.group(1));
            KernelModule read = KernelModule.of(module.group(2), content.readAllBytes());
            all.put(read.name(), read);
          }
          return true;
        });
    Map<String, KernelModule> chosen = new TreeMap<>();
    for (String name : wanted) {
      for (KernelModule module : needs(all, name)) {
        chosen.put(module.name(), module);
      }
    }
    return new KernelModules(versions.isEmpty() ? "none" : versions.iterator().next(), chosen);
  }

  /** A module and all that it needs, the needed ones last. */
  private static Collection<KernelModule> needs(Map<String, KernelModule> all, String name) {
    Set<KernelModule> found = new LinkedHashSet<>();
    List<String> open = new ArrayList<>(List.of(name));
    while (!open.isEmpty()) {
      KernelModule module = all.get(open.removeFirst());
      if (module != null) {
        // Those met again move to the end, behind all that need them.
        found.remove(module);
        found.add(module);
        open.addAll(module.depends());
      }
    }
    return found;
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
        archive.file(home + "/" + module.path(), 0644, module.content());
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
    StringBuilder text = new StringBuilder();
    for (KernelModule module : modules.values()) {
      text.append(module.path()).append(':');
      for (KernelModule needed : needs(modules, module.name())) {
        if (needed != module) {
          text.append(' ').append(needed.path());
        }
      }
      text.append('\n');
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
