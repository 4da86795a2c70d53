package org.maloca.cli.guest;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.tukaani.xz.XZInputStream;

/**
 * What a module of the Linux kernel says of itself in its {@code .modinfo} strings.
 *
 * @param name as others refer to it, with underscores
 * @param path below {@code lib/modules/VERSION}, of the file when it is not compressed
 * @param depends names of the modules that it needs
 * @param softDepends what it likes to have loaded around it, in the words of modprobe.d(5)
 * @param aliases patterns of the devices and file systems that it is for
 */
record KernelModule(
    String name,
    String path,
    List<String> depends,
    List<String> softDepends,
    List<String> aliases) {
  private static final String COMPRESSED = ".xz";

  /**
   * The content of a module's file as the kernel takes it.
   *
   * @param path of the file in its package
   */
  static byte[] unpacked(String path, byte[] content) throws IOException {
    if (!path.endsWith(COMPRESSED)) {
      return content;
    }
    try (XZInputStream stream = new XZInputStream(new ByteArrayInputStream(content))) {
      return stream.readAllBytes();
    }
  }

  /** Reads what a module says of itself. */
  static KernelModule of(String packagePath, byte[] unpacked) {
    List<String> depends = new ArrayList<>();
    List<String> softDepends = new ArrayList<>();
    List<String> aliases = new ArrayList<>();
    for (String line : ModuleInfo.read(unpacked)) {
      if (line.startsWith("depends=")) {
        for (String needed : line.substring("depends=".length()).split(",")) {
          if (!needed.isEmpty()) {
            depends.add(nameOf(needed));
          }
        }
      } else if (line.startsWith("alias=")) {
        aliases.add(line.substring("alias=".length()));
      } else if (line.startsWith("softdep=")) {
        softDepends.add(line.substring("softdep=".length()));
      }
    }
    String path =
        packagePath.endsWith(COMPRESSED)
            ? packagePath.substring(0, packagePath.length() - COMPRESSED.length())
            : packagePath;
    return new KernelModule(
        nameOf(path), path, List.copyOf(depends), List.copyOf(softDepends), List.copyOf(aliases));
  }

  /** The name of a module by its file or by what others call it. */
  static String nameOf(String path) {
    String file = path.substring(path.lastIndexOf('/') + 1);
    int dot = file.indexOf('.');
    return (dot < 0 ? file : file.substring(0, dot)).replace('-', '_');
  }
}
