package org.maloca.cli.disk;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.maloca.block.disk.AllowedPaths;
import org.maloca.block.image.DiskImage;
import org.maloca.block.image.ImageInfo;
import org.maloca.core.text.SizeText;

/**
 * What there is to tell of an image, for people and as JSON under the names of {@code qemu-img}.
 */
final class ImageReport {
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

  private final Path path;
  private final DiskImage image;
  private final ImageInfo info;

  ImageReport(Path path, DiskImage image) throws IOException {
    this.path = path;
    this.image = image;
    info = image.info();
  }

  void print(PrintStream out) {
    out.println("image: " + path);
    out.println("file format: " + image.format().optionName());
    out.println(
        "virtual size: %s (%d bytes)"
            .formatted(SizeText.format(info.virtualBytes()), info.virtualBytes()));
    out.println("disk size: " + SizeText.format(info.fileBytes()));
    if (info.clusterBytes() > 0) {
      out.println("cluster_size: " + info.clusterBytes());
    }
    ImageInfo.Backing backing = info.backing();
    if (backing != null) {
      out.println("backing file: " + plain(backing.file()));
      if (backing.format() != null) {
        out.println("backing file format: " + backing.format().optionName());
      }
    }
    printSnapshots(out, info.snapshots());
    if (!info.details().isEmpty()) {
      out.println("Format specific information:");
      info.details()
          .forEach((name, value) -> out.println("    %s: %s".formatted(name, plain(value))));
    }
  }

  static void printSnapshots(PrintStream out, List<ImageInfo.Snapshot> snapshots) {
    if (snapshots.isEmpty()) {
      return;
    }
    out.println("Snapshot list:");
    out.println("%-9s %-20s %10s %19s %13s".formatted("ID", "TAG", "VM SIZE", "DATE", "VM CLOCK"));
    for (ImageInfo.Snapshot snapshot : snapshots) {
      out.println(
          "%-9s %-20s %10s %19s %13s"
              .formatted(
                  plain(snapshot.id()),
                  plain(snapshot.name()),
                  SizeText.format(snapshot.vmStateBytes()),
                  date(snapshot.epochSeconds()),
                  clock(snapshot.clockNanos())));
    }
  }

  private static String date(long epochSeconds) {
    return Instant.ofEpochSecond(Math.clamp(epochSeconds, 0, 0xffff_ffffL))
        .atZone(ZoneId.systemDefault())
        .format(DATE);
  }

  private static String clock(long nanos) {
    long millis = nanos / 1_000_000;
    return String.format(
        Locale.ROOT,
        "%02d:%02d:%02d.%03d",
        millis / 3_600_000,
        millis / 60_000 % 60,
        millis / 1000 % 60,
        millis % 1000);
  }

  /** Names in images are anybody's: none may move a terminal's cursor. */
  private static String plain(Object value) {
    return value.toString().replaceAll("\\p{Cntrl}", "?");
  }

  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("filename", path.toString());
    json.put("format", image.format().optionName());
    json.put("virtual-size", info.virtualBytes());
    json.put("actual-size", info.fileBytes());
    if (info.clusterBytes() > 0) {
      json.put("cluster-size", info.clusterBytes());
    }
    json.put("dirty-flag", Boolean.TRUE.equals(info.details().get("dirty")));
    ImageInfo.Backing backing = info.backing();
    if (backing != null) {
      json.put("backing-filename", backing.file());
      json.put("full-backing-filename", fullName(backing.file()));
      if (backing.format() != null) {
        json.put("backing-filename-format", backing.format().optionName());
      }
    }
    if (!info.snapshots().isEmpty()) {
      json.put("snapshots", snapshots(info.snapshots()));
    }
    if (!info.details().isEmpty()) {
      json.put(
          "format-specific", Map.of("type", image.format().optionName(), "data", info.details()));
    }
    return json;
  }

  /** As seen from where the command runs; a name that can be no file's, as it is. */
  private String fullName(String backing) {
    try {
      return AllowedPaths.isProtocol(backing) ? backing : path.resolveSibling(backing).toString();
    } catch (InvalidPathException odd) {
      return backing;
    }
  }

  static List<Object> snapshots(List<ImageInfo.Snapshot> snapshots) {
    List<Object> list = new ArrayList<>();
    for (ImageInfo.Snapshot snapshot : snapshots) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("id", snapshot.id());
      json.put("name", snapshot.name());
      json.put("vm-state-size", snapshot.vmStateBytes());
      json.put("date-sec", snapshot.epochSeconds());
      json.put("vm-clock-sec", snapshot.clockNanos() / 1_000_000_000);
      json.put("vm-clock-nsec", snapshot.clockNanos() % 1_000_000_000);
      list.add(json);
    }
    return list;
  }
}
