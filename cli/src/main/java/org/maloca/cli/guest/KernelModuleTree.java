package org.maloca.cli.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * All modules of a kernel's package in a folder, for guests that see it at {@code
 * /lib/modules/VERSION}: with the files that depmod(8) writes there.
 */
final class KernelModuleTree {
  private static final Pattern FILE =
      Pattern.compile("(?:usr/)?lib/modules/[^/]+/(kernel/.*\\.ko(?:\\.xz)?|modules\\.[a-z.]+)");
  private static final Pattern DEVICE_NUMBER = Pattern.compile("(char|block)-major-(\\d+)-(\\d+)");
  private static final String DEVICE_NAME = "devname:";
  private static final String ORDER = "modules.order";
  private static final String BUILT_IN = "modules.builtin";

  private final Path folder;
  private final List<KernelModule> modules;

  private KernelModuleTree(Path folder, List<KernelModule> modules) {
    this.folder = folder;
    this.modules = modules;
  }

  /**
   * Unpacks a kernel's package.
   *
   * @param folder an empty one
   */
  static void unpack(Path deb, Path folder) throws IOException {
    List<KernelModule> modules = new ArrayList<>();
    DebArchive.visit(
        deb,
        (name, entry, content) -> {
          Matcher file = FILE.matcher(name);
          if (entry.isFile() && file.matches()) {
            byte[] unpacked = KernelModule.unpacked(name, content.readAllBytes());
            KernelModule module = KernelModule.of(file.group(1), unpacked);
            if (module.path().endsWith(".ko")) {
              modules.add(module);
            }
            write(folder, module.path(), unpacked);
          }
          return true;
        });
    new KernelModuleTree(folder, modules).writeIndexes();
  }

  private static void write(Path folder, String path, byte[] content) throws IOException {
    Path relative = Path.of(path);
    if (!relative.normalize().equals(relative)) {
      throw new IOException("a package has a module outside of its tree: " + path);
    }
    Path target = folder.resolve(relative);
    Files.createDirectories(target.getParent());
    Files.write(target, content);
  }

  private void writeIndexes() throws IOException {
    sort();
    writeDependencies();
    writeAliases();
    writeBuiltIn();
    writeSoftDependencies();
    writeDeviceNames();
    // Only a few drivers for television ask for modules by a symbol.
    writeLines("modules.symbols", List.of());
    new ModuleIndex().write(folder.resolve("modules.symbols.bin"));
  }

  /** Of several modules for a device the kernel's own order tells the one to take. */
  private void sort() throws IOException {
    List<String> lines = lines(ORDER);
    Map<String, Integer> places = new HashMap<>();
    for (int i = 0; i < lines.size(); i++) {
      places.put(lines.get(i), i);
    }
    modules.sort(
        Comparator.<KernelModule>comparingInt(
                module -> places.getOrDefault(module.path(), Integer.MAX_VALUE))
            .thenComparing(KernelModule::path));
  }

  private void writeDependencies() throws IOException {
    ModuleDependencies dependencies =
        new ModuleDependencies(
            modules.stream()
                .collect(Collectors.toMap(KernelModule::name, each -> each, (one, other) -> one)));
    ModuleIndex index = new ModuleIndex();
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < modules.size(); i++) {
      String line = dependencies.line(modules.get(i));
      lines.add(line);
      index.add(modules.get(i).name(), line, i);
    }
    writeLines("modules.dep", lines);
    index.write(folder.resolve("modules.dep.bin"));
  }

  private void writeAliases() throws IOException {
    ModuleIndex index = new ModuleIndex();
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < modules.size(); i++) {
      String name = modules.get(i).name();
      for (String alias : modules.get(i).aliases()) {
        lines.add("alias %s %s".formatted(alias, name));
        Optional<String> key = key(alias);
        if (key.isPresent()) {
          index.add(key.get(), name, i);
        }
      }
    }
    writeLines("modules.alias", lines);
    index.write(folder.resolve("modules.alias.bin"));
  }

  /** An alias as it is looked up: with underscores, but for ranges of characters as they are. */
  static Optional<String> key(String alias) {
    StringBuilder key = new StringBuilder();
    boolean isRange = false;
    for (int i = 0; i < alias.length(); i++) {
      char c = alias.charAt(i);
      if (c == ']' && !isRange) {
        return Optional.empty();
      }
      isRange = isRange ? c != ']' : c == '[';
      key.append(c == '-' && !isRange ? '_' : c);
    }
    return isRange ? Optional.empty() : Optional.of(key.toString());
  }

  private void writeBuiltIn() throws IOException {
    ModuleIndex index = new ModuleIndex();
    for (String path : lines(BUILT_IN)) {
      index.add(KernelModule.nameOf(path), "", 0);
    }
    index.write(folder.resolve(BUILT_IN + ".bin"));
  }

  private void writeSoftDependencies() throws IOException {
    List<String> lines = new ArrayList<>();
    for (KernelModule module : modules) {
      for (String wanted : module.softDepends()) {
        lines.add("softdep %s %s".formatted(module.name(), wanted));
      }
    }
    writeLines("modules.softdep", lines);
  }

  /** The nodes of /dev by whose first use modules are loaded. */
  private void writeDeviceNames() throws IOException {
    List<String> lines = new ArrayList<>();
    for (KernelModule module : modules) {
      String name = "";
      String number = "";
      for (String alias : module.aliases()) {
        Matcher device = DEVICE_NUMBER.matcher(alias);
        if (alias.startsWith(DEVICE_NAME)) {
          name = alias.substring(DEVICE_NAME.length());
        } else if (device.matches()) {
          number = "%c%s:%s".formatted(device.group(1).charAt(0), device.group(2), device.group(3));
        }
      }
      if (!name.isEmpty() && !number.isEmpty()) {
        lines.add("%s %s %s".formatted(module.name(), name, number));
      }
    }
    writeLines("modules.devname", lines);
  }

  private List<String> lines(String file) throws IOException {
    Path path = folder.resolve(file);
    return Files.exists(path) ? Files.readAllLines(path) : List.of();
  }

  private void writeLines(String file, List<String> lines) throws IOException {
    Files.write(folder.resolve(file), lines);
  }
}
