package org.maloca.block.vmdk;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.maloca.block.image.CorruptImageException;

/**
 * The text that describes a disk ("The Descriptor File" in the specification): a header of names
 * and values, a line for each extent, and the disk data base.
 *
 * @param cid changes when the disk's content does
 * @param parentCid the parent's {@code cid} at the time this became its child, or {@link
 *     #NO_PARENT}
 * @param createType how the disk is laid out
 * @param parentHint where the parent lies, or null
 * @param data the disk data base, without {@code ddb.}
 */
record Descriptor(
    long cid,
    long parentCid,
    String createType,
    @Nullable String parentHint,
    List<ExtentLine> extents,
    Map<String, String> data) {
  static final long NO_PARENT = 0xffff_ffffL;
  static final String FIRST_LINE = "# Disk DescriptorFile";

  /** More than any disk has: 64 TiB in pieces of 2 GB. */
  private static final int MAX_EXTENTS = 40_000;

  private static final Pattern EXTENT =
      Pattern.compile(
          "(RW|RDONLY|NOACCESS)\\s+(\\d{1,18})\\s+([A-Z0-9]+)(?:\\s+\"([^\"]*)\"(?:\\s+(\\d{1,18}))?.*)?");

  Descriptor {
    extents = List.copyOf(extents);
    data = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(data));
  }

  /**
   * A piece of the disk.
   *
   * @param access {@code RW}, {@code RDONLY} or {@code NOACCESS}
   * @param type {@code SPARSE}, {@code FLAT}, {@code ZERO} and others
   * @param file its name, or an empty text
   * @param offsetSectors where a flat extent begins in its file
   */
  record ExtentLine(String access, long sectors, String type, String file, long offsetSectors) {}

  boolean hasParent() {
    return parentCid != NO_PARENT;
  }

  /** How many cylinders of the disk's geometry so many sectors make. */
  long cylinders(long sectors) {
    long cylinderSectors = number("geometry.heads", 16) * number("geometry.sectors", 63);
    return sectors / cylinderSectors;
  }

  private long number(String key, long usual) {
    String value = data.getOrDefault(key, "");
    return value.matches("[1-9]\\d{0,3}") ? Long.parseLong(value) : usual;
  }

  /** Reads a descriptor that begins at byte {@code offset} of the file {@code name}. */
  static Descriptor parse(String name, long offset, String text) throws IOException {
    Map<String, String> header = new LinkedHashMap<>();
    Map<String, String> data = new LinkedHashMap<>();
    List<ExtentLine> extents = new ArrayList<>();
    int end = text.indexOf('\0');
    for (String raw : (end < 0 ? text : text.substring(0, end)).split("\n")) {
      String line = raw.strip();
      Matcher extent = EXTENT.matcher(line);
      int equals = line.indexOf('=');
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      } else if (extent.matches()) {
        if (extents.size() == MAX_EXTENTS) {
          throw new CorruptImageException(name, offset, "more than " + MAX_EXTENTS + " extents");
        }
        extents.add(extentLine(extent));
      } else if (equals > 0) {
        String key = line.substring(0, equals).strip();
        String value = unquoted(line.substring(equals + 1).strip());
        if (key.startsWith("ddb.")) {
          data.put(key.substring(4), value);
        } else {
          header.put(key.toLowerCase(java.util.Locale.ROOT), value);
        }
      }
    }
    String createType = header.get("createtype");
    if (createType == null) {
      throw new CorruptImageException(name, offset, "the descriptor has no createType");
    }
    return new Descriptor(
        id(name, offset, header.getOrDefault("cid", "0")),
        id(name, offset, header.getOrDefault("parentcid", "ffffffff")),
        createType,
        header.get("parentfilenamehint"),
        extents,
        data);
  }

  private static ExtentLine extentLine(Matcher line) {
    return new ExtentLine(
        line.group(1),
        Long.parseLong(line.group(2)),
        line.group(3),
        line.group(4) == null ? "" : line.group(4),
        line.group(5) == null ? 0 : Long.parseLong(line.group(5)));
  }

  private static long id(String name, long offset, String hex) throws IOException {
    try {
      return Integer.parseUnsignedInt(hex, 16) & 0xffff_ffffL;
    } catch (NumberFormatException e) {
      throw new CorruptImageException(name, offset, "a CID is no number of 32 bits: " + hex);
    }
  }

  private static String unquoted(String value) {
    return value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"")
        ? value.substring(1, value.length() - 1)
        : value;
  }

  /** The text, as it is written to a file. */
  String text() {
    StringBuilder text = new StringBuilder(FIRST_LINE).append("\nversion=1\n");
    text.append("CID=%08x\nparentCID=%08x\n".formatted(cid, parentCid));
    text.append("createType=\"").append(createType).append("\"\n");
    if (parentHint != null) {
      text.append("parentFileNameHint=\"").append(parentHint).append("\"\n");
    }
    text.append("\n# Extent description\n");
    for (ExtentLine extent : extents) {
      text.append(
          "%s %d %s \"%s\"".formatted(extent.access, extent.sectors, extent.type, extent.file));
      text.append(extent.type.equals("FLAT") ? " " + extent.offsetSectors : "").append('\n');
    }
    text.append("\n# The Disk Data Base\n#DDB\n\n");
    data.forEach((key, value) -> text.append("ddb.%s = \"%s\"\n".formatted(key, value)));
    return text.toString();
  }
}
