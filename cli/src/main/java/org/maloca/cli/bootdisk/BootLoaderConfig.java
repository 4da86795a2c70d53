package org.maloca.cli.bootdisk;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The configuration files of boot loaders, as far as they say which kernel is started when nobody
 * chooses: GRUB 2 ({@code grub.cfg} as its generator writes it), the Boot Loader Specification's
 * entries (UAPI.1), and SYSLINUX.
 */
final class BootLoaderConfig {
  private BootLoaderConfig() {}

  /** The first entry of a {@code grub.cfg} that has an initrd, else the first one. */
  static Optional<BootEntry> grub(String text) {
    List<BootEntry> entries = new ArrayList<>();
    String kernel = "";
    String options = "";
    List<String> initrds = List.of();
    for (String line : text.lines().toList()) {
      List<String> words = words(line);
      if (words.isEmpty()) {
        continue;
      }
      String command = words.getFirst();
      boolean isEnd = command.equals("menuentry") || command.equals("}") || command.equals("fi");
      boolean isKernel = command.matches("linux(16|efi)?") && words.size() > 1;
      if ((isEnd || isKernel) && !kernel.isEmpty()) {
        entries.add(new BootEntry(kernel, initrds, options));
        kernel = "";
      }
      if (isKernel) {
        kernel = path(words.get(1));
        options = options(words.subList(2, words.size()));
        initrds = List.of();
      } else if (command.matches("initrd(16|efi)?")) {
        initrds = words.subList(1, words.size()).stream().map(BootLoaderConfig::path).toList();
      }
    }
    if (!kernel.isEmpty()) {
      entries.add(new BootEntry(kernel, initrds, options));
    }
    return entries.stream()
        .filter(entry -> !entry.initrds().isEmpty())
        .findFirst()
        .or(() -> entries.stream().findFirst());
  }

  /** An entry file of the Boot Loader Specification. */
  static Optional<BootEntry> entryFile(String text) {
    String kernel = "";
    List<String> initrds = new ArrayList<>();
    List<String> options = new ArrayList<>();
    for (String line : text.lines().toList()) {
      List<String> words = words(line);
      List<String> values = words.subList(Math.min(1, words.size()), words.size());
      if (values.isEmpty()) {
        continue;
      }
      switch (words.getFirst()) {
        case "linux" -> kernel = path(values.getFirst());
        case "initrd" ->
            values.stream()
                .filter(value -> !value.startsWith("$"))
                .map(BootLoaderConfig::path)
                .forEach(initrds::add);
        case "options" -> options.addAll(values);
        default -> {}
      }
    }
    return kernel.isEmpty()
        ? Optional.empty()
        : Optional.of(new BootEntry(kernel, initrds, options(options)));
  }

  /** The label of a SYSLINUX configuration that DEFAULT names, else the first one. */
  static Optional<BootEntry> syslinux(String text) {
    String chosen = "";
    String label = "";
    String kernel = "";
    List<String> initrds = List.of();
    String options = "";
    List<BootEntry> entries = new ArrayList<>();
    List<String> labels = new ArrayList<>();
    for (String line : (text + "\nlabel").lines().toList()) {
      List<String> words = words(line);
      if (words.isEmpty()) {
        continue;
      }
      List<String> values = words.subList(1, words.size());
      String value = values.isEmpty() ? "" : values.getFirst();
      switch (words.getFirst().toLowerCase(java.util.Locale.ROOT)) {
        case "default" -> chosen = value;
        case "label" -> {
          if (!kernel.isEmpty()) {
            entries.add(new BootEntry(kernel, initrds, options));
            labels.add(label);
          }
          label = value;
          kernel = "";
          initrds = List.of();
          options = "";
        }
        case "linux", "kernel" -> kernel = path(value);
        case "initrd" ->
            initrds = Arrays.stream(value.split(",")).map(BootLoaderConfig::path).toList();
        case "append" -> options = options(values);
        default -> {}
      }
    }
    int index = Math.max(0, labels.indexOf(chosen));
    return index < entries.size() ? Optional.of(entries.get(index)) : Optional.empty();
  }

  /** Without what only a boot loader could fill in. */
  private static String options(List<String> words) {
    return words.stream().filter(word -> !word.startsWith("$")).collect(Collectors.joining(" "));
  }

  /** Without a device in front, which is the volume that the configuration lies on. */
  private static String path(String word) {
    return word.replaceFirst("^\\([^)]*\\)", "");
  }

  /** Splits a line at blanks; quotes are taken away. A comment has no words. */
  private static List<String> words(String line) {
    String stripped = line.strip();
    return stripped.isEmpty() || stripped.startsWith("#")
        ? List.of()
        : Arrays.stream(stripped.split("\\s+")).map(word -> word.replaceAll("[\"']", "")).toList();
  }
}
