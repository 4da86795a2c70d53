package org.maloca.cli.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.maloca.block.disk.DiskImages;
import org.maloca.block.disk.OpenOptions;
import org.maloca.block.disk.OpenedDisk;
import org.maloca.block.image.CheckReport;
import org.maloca.block.image.DiskImage;
import org.maloca.block.image.DiskImage.Repair;
import org.maloca.block.image.ImageFormat;
import picocli.CommandLine.Model.CommandSpec;

/** {@code maloca disk check} and {@code maloca disk repair}. */
final class CheckCommand {
  private static final String[] EXIT_STATUS = {
    "  0   nothing is wrong, or it was mended",
    "  1   the check could not be completed",
    "  2   the image is corrupt",
    "  3   there is room that is lost, and nothing worse",
    "  63  the format has nothing to check",
  };

  private CheckCommand() {}

  static CommandSpec spec() {
    CommandSpec spec =
        new DiskOptions("Looks an image over for contradictions and lost room.")
            .format("The image's format (default: by its content).", "-f", "--format")
            .text("WHAT", "Mend it: leaks, or all. Keep a copy.", "-r", "--repair")
            .json()
            .flag("Say nothing but errors.", "-q", "--quiet")
            .forceShare()
            .allowPath()
            .positional("FILE", "1", "The image.")
            .spec();
    spec.usageMessage().footerHeading("%nExit status:%n").footer(EXIT_STATUS);
    return spec;
  }

  static CommandSpec repairSpec() {
    CommandSpec spec =
        new DiskOptions("Mends what is wrong with an image, as far as that loses nothing more.")
            .format("The image's format (default: by its content).", "-f", "--format")
            .flag("Only give back room that is lost.", "--leaks")
            .json()
            .flag("Say nothing but errors.", "-q", "--quiet")
            .allowPath()
            .positional("FILE", "1", "The image.")
            .spec();
    spec.usageMessage().footerHeading("%nExit status:%n").footer(EXIT_STATUS);
    return spec;
  }

  static int run(DiskArguments arguments) throws IOException, DiskCommandException {
    return check(
        arguments,
        switch (arguments.text("-r", "")) {
          case "" -> Repair.NOTHING;
          case "leaks" -> Repair.LEAKS;
          case "all" -> Repair.ALL;
          default -> throw DiskArguments.usage("-r: mend what? leaks, or all");
        },
        arguments.has("-U"));
  }

  static int runRepair(DiskArguments arguments) throws IOException, DiskCommandException {
    return check(arguments, arguments.has("--leaks") ? Repair.LEAKS : Repair.ALL, false);
  }

  private static int check(DiskArguments arguments, Repair repair, boolean isUnlocked)
      throws IOException, DiskCommandException {
    Path path = arguments.path(0, "an image");
    OpenOptions how =
        repair == Repair.NOTHING
            ? OpenOptions.readOnly().withUnlocked(isUnlocked)
            : OpenOptions.writable();
    OpenOptions options =
        how.withFormat(arguments.format("-f")).withAllowed(arguments.allowed()).withoutBacking();
    try (OpenedDisk disk = DiskImages.open(path, options)) {
      DiskImage image = disk.image();
      if (image.format() == ImageFormat.RAW) {
        throw new DiskCommandException(
            DiskExitCode.CANNOT_CHECK, path + ": there is nothing to check in a raw image");
      }
      CheckReport report = image.check(repair);
      if (arguments.has("--json")) {
        System.out.print(Json.of(json(path, image, report)));
      } else if (!arguments.has("-q") || !report.isClean()) {
        print(report);
      }
      return report.corruptions() > 0
          ? DiskExitCode.CORRUPT
          : report.leaks() > 0 ? DiskExitCode.LEAKS : DiskExitCode.OK;
    }
  }

  private static void print(CheckReport report) {
    report.messages().forEach(message -> System.out.println(message.replaceAll("\\p{Cntrl}", "?")));
    if (report.repairedCorruptions() > 0 || report.repairedLeaks() > 0) {
      System.out.println(
          "Mended: %d corruptions, %d leaks."
              .formatted(report.repairedCorruptions(), report.repairedLeaks()));
    }
    if (report.isClean()) {
      System.out.println("No errors were found on the image.");
    } else {
      System.out.println(
          "%d corruptions and %d leaks are in the image."
              .formatted(report.corruptions(), report.leaks()));
    }
    if (report.totalClusters() > 0) {
      System.out.println(
          "%d/%d = %.2f%% allocated"
              .formatted(
                  report.allocatedClusters(),
                  report.totalClusters(),
                  100.0 * report.allocatedClusters() / report.totalClusters()));
    }
  }

  private static Map<String, Object> json(Path path, DiskImage image, CheckReport report) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("filename", path.toString());
    json.put("format", image.format().optionName());
    json.put("check-errors", 0);
    json.put("corruptions", report.corruptions());
    json.put("leaks", report.leaks());
    json.put("corruptions-fixed", report.repairedCorruptions());
    json.put("leaks-fixed", report.repairedLeaks());
    json.put("allocated-clusters", report.allocatedClusters());
    json.put("total-clusters", report.totalClusters());
    json.put("messages", report.messages());
    return json;
  }
}
