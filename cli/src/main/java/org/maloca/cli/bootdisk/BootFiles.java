package org.maloca.cli.bootdisk;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.maloca.cli.bootdisk.PartitionTable.Partition;

/** Finds on a volume what its boot loader, or else the usual names of kernels, say is to boot. */
final class BootFiles {
  private static final int MAX_CONFIG_BYTES = 1 << 20;

  /** Where the boot files lie: on the root file system, or on a volume of their own. */
  private static final List<String> FOLDERS = List.of("/boot", "");

  private static final List<String> GRUB = List.of("/grub/grub.cfg", "/grub2/grub.cfg");
  private static final List<String> SYSLINUX =
      List.of(
          "/extlinux.conf", "/extlinux/extlinux.conf", "/syslinux.cfg", "/syslinux/syslinux.cfg");

  /** Newer versions are greater: numbers in names count as numbers. */
  static final Comparator<String> BY_VERSION =
      Comparator.comparing((String name) -> {
        StringBuilder key = new StringBuilder();
        for (String piece : name.split("(?<=\\d)(?=\\D)|(?<=\\D)(?=\\d)")) {
          boolean isNumber = Character.isDigit(piece.charAt(0));
          key.append(isNumber ? "0".repeat(Math.max(0, 20 - piece.length())) + piece : piece);
        }
        return key.toString();
      });

  private final ExtVolume volume;

  private BootFiles(ExtVolume volume) {
    this.volume = volume;
  }

  /** Finds an entry whose files are there. */
  static Optional<BootEntry> find(ExtVolume volume, Partition partition) throws IOException {
    BootFiles files = new BootFiles(volume);
    for (String folder : FOLDERS) {
      for (Optional<BootEntry> entry :
          List.of(
              files.fromEntryFiles(folder),
              files.fromConfigs(folder, GRUB, true),
              files.fromConfigs(folder, SYSLINUX, false),
              files.fromNames(folder, partition))) {
        if (entry.isPresent() && files.has(entry.get())) {
          return entry;
        }
      }
    }
    return Optional.empty();
  }

  private boolean has(BootEntry entry) throws IOException {
    for (String initrd : entry.initrds()) {
      if (volume.file(initrd).isEmpty()) {
        return false;
      }
    }
    return volume.file(entry.kernel()).isPresent();
  }

  private Optional<BootEntry> fromEntryFiles(String folder) throws IOException {
    String entries = folder + "/loader/entries";
    Optional<String> newest =
        volume.list(entries).keySet().stream()
            .filter(name -> name.endsWith(".conf") && !name.contains("rescue"))
            .max(BY_VERSION);
    if (newest.isEmpty()) {
      return Optional.empty();
    }
    return text(entries + "/" + newest.get())
        .flatMap(BootLoaderConfig::entryFile)
        .map(entry -> placed(entry, folder));
  }

  private Optional<BootEntry> fromConfigs(String folder, List<String> names, boolean isGrub)
      throws IOException {
    for (String name : names) {
      Optional<BootEntry> entry =
          text(folder + name).flatMap(isGrub ? BootLoaderConfig::grub : BootLoaderConfig::syslinux);
      if (entry.isPresent()) {
        return entry.map(found -> placed(found, folder));
      }
    }
    return Optional.empty();
  }

  /** Paths without a folder are meant from where the boot files lie. */
  private static BootEntry placed(BootEntry entry, String folder) {
    return new BootEntry(
        placed(entry.kernel(), folder),
        entry.initrds().stream().map(path -> placed(path, folder)).toList(),
        entry.options());
  }

  private static String placed(String path, String folder) {
    return path.startsWith("/") ? path : folder + "/" + path;
  }

  private Optional<BootEntry> fromNames(String folder, Partition partition) throws IOException {
    Set<String> names = volume.list(folder.isEmpty() ? "/" : folder).keySet();
    Optional<String> newest =
        names.stream()
            .filter(name -> name.matches("vmlinuz-.*") && !name.contains("rescue"))
            .max(BY_VERSION);
    if (newest.isEmpty()) {
      return Optional.empty();
    }
    String version = newest.get().substring("vmlinuz-".length());
    List<String> initrds =
        List.of("initrd.img-" + version, "initramfs-" + version + ".img", "initramfs-" + version)
            .stream()
            .filter(names::contains)
            .limit(1)
            .map(name -> folder + "/" + name)
            .toList();
    return Optional.of(
        new BootEntry(
            folder + "/" + newest.get(), initrds, "root=%s ro".formatted(partition.device())));
  }

  private Optional<String> text(String path) throws IOException {
    Optional<ExtFile> file = volume.file(path);
    return file.isPresent()
        ? Optional.of(new String(file.get().read(MAX_CONFIG_BYTES), StandardCharsets.UTF_8))
        : Optional.empty();
  }
}
