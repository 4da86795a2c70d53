package org.maloca.cli.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.maloca.block.disk.DiskImages;
import org.maloca.block.disk.OpenOptions;
import org.maloca.block.disk.OpenedDisk;
import org.maloca.block.image.ImageInfo;
import org.maloca.block.qcow2.Qcow2Image;
import picocli.CommandLine.Model.CommandSpec;

/** {@code maloca disk snapshot}: the snapshots inside a qcow2 image. */
final class SnapshotCommand {
  private static final List<String> ACTIONS = List.of("-l", "-c", "-a", "-d");

  private SnapshotCommand() {}

  static CommandSpec spec() {
    return new DiskOptions(
            "Takes, lists, goes back to and deletes snapshots inside an image (qcow2).")
        .flag("List them; so does a command without an action.", "-l", "--list")
        .text("NAME", "Take one.", "-c", "--create")
        .text(
            "SNAPSHOT",
            "Go back to one, given by id or name: what was written since is lost.",
            "-a",
            "--apply")
        .text("SNAPSHOT", "Delete one.", "-d", "--delete")
        .format("The image's format (default: by its content).", "-f", "--format")
        .json()
        .flag("Say nothing but errors.", "-q", "--quiet")
        .forceShare()
        .allowPath()
        .positional("FILE", "1", "The image.")
        .spec();
  }

  static int run(DiskArguments arguments) throws IOException, DiskCommandException {
    Path path = arguments.path(0, "an image");
    if (ACTIONS.stream().filter(arguments::has).count() > 1) {
      throw DiskArguments.usage("one of -l, -c, -a, -d at a time");
    }
    boolean isChange = arguments.has("-c") || arguments.has("-a") || arguments.has("-d");
    OpenOptions options = isChange ? arguments.writing("-f") : arguments.reading("-f");
    try (OpenedDisk disk = DiskImages.open(path, options.withoutBacking())) {
      if (!isChange) {
        list(arguments, disk.image().info().snapshots());
        return DiskExitCode.OK;
      }
      if (!(disk.image() instanceof Qcow2Image image)) {
        throw new DiskCommandException(
            DiskExitCode.FAILED,
            "%s: images of format %s have no internal snapshots"
                .formatted(path, disk.image().format().optionName()));
      }
      change(arguments, image);
    }
    return DiskExitCode.OK;
  }

  private static void change(DiskArguments arguments, Qcow2Image image) throws IOException {
    String taken = arguments.text("-c");
    if (taken != null) {
      image.createSnapshot(taken, Clock.systemUTC());
    }
    String applied = arguments.text("-a");
    if (applied != null) {
      image.applySnapshot(applied);
    }
    String deleted = arguments.text("-d");
    if (deleted != null) {
      image.deleteSnapshot(deleted);
    }
    image.flush();
  }

  private static void list(DiskArguments arguments, List<ImageInfo.Snapshot> snapshots) {
    if (arguments.has("--json")) {
      System.out.print(Json.of(ImageReport.snapshots(snapshots)));
    } else {
      ImageReport.printSnapshots(System.out, snapshots);
    }
  }
}
