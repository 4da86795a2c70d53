package org.maloca.cli.guest;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A module of the Linux kernel as it lies in its package.
 *
 * @param name as others refer to it, with underscores
 * @param path below {@code lib/modules/VERSION}
 * @param depends names of the modules that it needs
 * @param aliases patterns of the devices and file systems that it is for
 */
record KernelModule(
    String name, String path, byte[] content, List<String> depends, List<String> aliases) {
  private static final byte[] ELF = {0x7f, 'E', 'L', 'F'};

  /** Reads what a module says of itself in its {@code .modinfo} strings. */
  static KernelModule of(String path, byte[] content) {
    List<String> depends = new ArrayList<>();
    List<String> aliases = new ArrayList<>();
    for (String line : strings(content)) {
      if (line.startsWith("depends=")) {
        for (String needed : line.substring("depends=".length()).split(",")) {
          if (!needed.isEmpty()) {
            depends.add(needed.replace('-', '_'));
          }
        }
      } else if (line.startsWith("alias=")) {
        aliases.add(line.substring("alias=".length()));
      }
    }
    String file = path.substring(path.lastIndexOf('/') + 1);
    String name = file.substring(0, file.indexOf('.')).replace('-', '_');
    return new KernelModule(name, path, content, List.copyOf(depends), List.copyOf(aliases));
  }

  /** The null-terminated texts in the file that look like {@code key=value}. */
  private static List<String> strings(byte[] content) {
    List<String> found = new ArrayList<>();
    if (content.length < ELF.length || content[0] != ELF[0] || content[1] != ELF[1]) {
      return found;
    }
    int start = 0;
    for (int i = 0; i < content.length; i++) {
      if (content[i] != 0) {
        continue;
      }
      boolean mayBe = i - start > 6 && (content[start] == 'd' || content[start] == 'a');
      if (mayBe) {
        found.add(new String(content, start, i - start, StandardCharsets.ISO_8859_1));
      }
      start = i + 1;
    }
    return found;
  }
}
