package org.maloca.cli.disk;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.maloca.block.disk.ChainExtent;
import org.maloca.block.disk.ChainMap;
import org.maloca.block.disk.DiskImages;
import org.maloca.block.disk.OpenedDisk;
import picocli.CommandLine.Model.CommandSpec;

/** {@code maloca disk map}. */
final class MapCommand {
  private MapCommand() {}

  static CommandSpec spec() {
    return new DiskOptions("Tells where the bytes of a disk lie, in an image and those below it.")
        .format("The image's format (default: by its content).", "-f", "--format")
        .text("OFFSET", "Begin there (default: 0).", "-s", "--start-offset")
        .text("LENGTH", "Tell of so much only.", "-l", "--max-length")
        .json()
        .forceShare()
        .allowPath()
        .positional("FILE", "1", "The image.")
        .spec();
  }

  static int run(DiskArguments arguments) throws IOException, DiskCommandException {
    Path path = arguments.path(0, "an image");
    boolean isJson = arguments.has("--json");
    try (OpenedDisk disk = DiskImages.open(path, arguments.reading("-f"))) {
      long size = disk.image().sizeBytes();
      long start = arguments.size("-s", 0) & -512;
      long end = start + Math.min(arguments.size("-l", size), Math.max(0, size - start));
      ChainMap map = ChainMap.of(disk);
      Output output = new Output(System.out, disk, isJson);
      @Nullable ChainExtent last = null;
      for (long at = start; at < end; ) {
        ChainExtent piece = map.at(at, end - at);
        at += piece.length();
        if (last != null && !piece.continues(last)) {
          output.show(last);
          last = null;
        }
        last = last == null ? piece : piece.joinedTo(last);
      }
      if (last != null) {
        output.show(last);
      }
      output.end();
    }
    return DiskExitCode.OK;
  }

  /** Shows pieces as they are found: an image may have more of them than fit into memory. */
  private static final class Output {
    private final PrintStream out;
    private final OpenedDisk disk;
    private final boolean isJson;
    private boolean isFirst = true;

    Output(PrintStream out, OpenedDisk disk, boolean isJson) {
      this.out = new PrintStream(new java.io.BufferedOutputStream(out, 1 << 16));
      this.disk = disk;
      this.isJson = isJson;
      if (isJson) {
        this.out.print('[');
      } else {
        this.out.println("%-16s%-16s%-16s%s".formatted("Offset", "Length", "Mapped to", "File"));
      }
    }

    void show(ChainExtent piece) {
      if (isJson) {
        out.print(isFirst ? "" : ",\n");
        out.print(
            "{ \"start\": %d, \"length\": %d, \"depth\": %d, \"present\": %b, \"zero\": %b, \"data\": %b, \"compressed\": %b"
                .formatted(
                    piece.offset(),
                    piece.length(),
                    piece.depth(),
                    piece.isPresent(),
                    piece.isZero(),
                    piece.isData(),
                    piece.isCompressed()));
        out.print(
            piece.fileOffset() >= 0 ? ", \"offset\": %d}".formatted(piece.fileOffset()) : "}");
      } else if (piece.isData()) {
        out.println(
            "%-16s%-16s%-16s%s"
                .formatted(
                    hex(piece.offset()),
                    hex(piece.length()),
                    piece.fileOffset() >= 0
                        ? hex(piece.fileOffset())
                        : piece.isCompressed() ? "compressed" : "-",
                    disk.paths().get(piece.depth())));
      }
      isFirst = false;
    }

    private static String hex(long value) {
      return value == 0 ? "0" : "0x%x".formatted(value);
    }

    void end() {
      if (isJson) {
        out.println(']');
      }
      out.flush();
    }
  }
}
