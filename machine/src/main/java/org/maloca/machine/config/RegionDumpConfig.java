package org.maloca.machine.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * Which translated regions of guest code are written down, and where, as in {@code --dump-regions
 * DIR,match=ffffffff81000000}.
 *
 * @param folder gets a folder for each region; made when there is something to write
 * @param rip linear address of an instruction that a region must have to be written; all are
 *     written when it is empty
 */
public record RegionDumpConfig(Path folder, OptionalLong rip) {
  private static final String MATCH = ",match=";

  /**
   * Reads {@code DIR[,match=HEXRIP]}.
   *
   * @throws ConfigException when it is something else
   */
  public static RegionDumpConfig parse(String text) {
    int at = text.lastIndexOf(MATCH);
    String folder = at < 0 ? text : text.substring(0, at);
    if (folder.isEmpty()) {
      throw new ConfigException("no folder to write regions to");
    }
    String last = folder.substring(folder.lastIndexOf(',') + 1);
    if (!last.equals(folder) && last.matches("[a-z]+=.*")) {
      throw new ConfigException(
          "there is no property '%s' (there is: match)"
              .formatted(last.substring(0, last.indexOf('='))));
    }
    try {
      return new RegionDumpConfig(
          Path.of(folder),
          at < 0
              ? OptionalLong.empty()
              : OptionalLong.of(rip(text.substring(at + MATCH.length()))));
    } catch (InvalidPathException odd) {
      throw new ConfigException("'%s' cannot be a path".formatted(odd.getInput()));
    }
  }

  private static long rip(String text) {
    String digits = text.startsWith("0x") ? text.substring(2) : text;
    try {
      return Long.parseUnsignedLong(digits, 16);
    } catch (NumberFormatException notNumber) {
      throw new ConfigException("'%s' is no address in hexadecimal digits".formatted(text));
    }
  }
}
