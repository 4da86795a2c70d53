package org.maloca.cli;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.maloca.block.disk.AllowedPaths;
import org.maloca.cli.cloud.CatalogueEntry;
import org.maloca.cli.cloud.ImageCatalogue;
import org.maloca.cli.cloud.ImageException;
import org.maloca.cli.cloud.ImageStore;
import org.maloca.cli.cloud.ImageStore.Image;
import org.maloca.cli.guest.DataFolder;
import org.maloca.cli.guest.MachineFolder;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code maloca image}: the cloud images that are kept on this host. */
final class ImageCommand {
  static final String NAME = "image";

  private static final String LIST = "list";
  private static final String PULL = "pull";
  private static final String REMOVE = "rm";
  private static final String IMPORT = "import";
  private static final String ALLOW_PATH = "--allow-path";

  private ImageCommand() {}

  static CommandSpec spec() {
    CommandSpec spec = CommandSpec.create();
    spec.usageMessage()
        .description(
            "Keeps cloud images: fetches, lists and removes them; and has replaced guests go.");
    spec.addOption(CommandLineSpec.helpOption());
    CommandSpec list = CommandSpec.create();
    list.addOption(CommandLineSpec.helpOption());
    list.usageMessage().description("List the images that are here, and those that can be had.");
    spec.addSubcommand(LIST, list);
    spec.addSubcommand(PULL, named("Fetch an image, or the rest of one, and check it.", "IMAGE"));
    spec.addSubcommand(REMOVE, named("Throw an image away.", "IMAGE"));
    CommandSpec imported =
        named(
            "Keep a copy of an image of your own; one qcow2 of what consists of several files.",
            "FILE");
    imported.addOption(
        OptionSpec.builder("--name")
            .paramLabel("NAME")
            .type(String.class)
            .description("What it is to be called (default: its file name).")
            .build());
    imported.addOption(
        OptionSpec.builder(ALLOW_PATH)
            .paramLabel("DIR")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .description("Let the image name files in DIR too, as backing files or parts.")
            .build());
    spec.addSubcommand(IMPORT, imported);
    spec.addSubcommand(PruneCommand.NAME, PruneCommand.spec());
    return spec;
  }

  private static CommandSpec named(String description, String label) {
    CommandSpec spec = CommandSpec.create();
    spec.usageMessage().description(description);
    spec.addOption(CommandLineSpec.helpOption());
    spec.addPositional(
        PositionalParamSpec.builder().paramLabel(label).arity("1").type(String.class).build());
    return spec;
  }

  static int run(ParseResult parsed) throws CommandException {
    ImageStore store = store();
    ParseResult action = parsed.hasSubcommand() ? parsed.subcommand() : null;
    try {
      if (action == null) {
        throw CommandLineSpec.usage("image what? list, pull, rm, import or prune");
      }
      String argument = action.matchedPositionalValue(0, "");
      switch (action.commandSpec().name()) {
        case PruneCommand.NAME -> {
          return PruneCommand.run(action);
        }
        case LIST -> list(store);
        case PULL -> show(pull(store, entry(argument)));
        case REMOVE -> store.remove(argument);
        default -> {
          Path file = Path.of(argument);
          String name = action.matchedOptionValue("--name", defaultName(file));
          List<String> folders = action.matchedOptionValue(ALLOW_PATH, List.of());
          AllowedPaths allowed =
              new AllowedPaths(List.of(), folders.stream().map(Path::of).toList());
          show(store.importFile(file, name, allowed));
        }
      }
      return ExitCode.OK;
    } catch (InvalidPathException odd) {
      throw CommandLineSpec.usage("'%s' cannot be a path".formatted(odd.getInput()));
    } catch (ImageException | IOException problem) {
      throw problem(problem);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new CommandException(ExitCode.LEFT, "stopped");
    }
  }

  /** The user's images. */
  static ImageStore store() {
    return new ImageStore(DataFolder.locate().resolve("images"), MachineFolder::ofUserFrom);
  }

  /** Turns a failure of the store into one line. */
  static CommandException problem(Exception failure) {
    int code = ExitCode.UNAVAILABLE;
    if (failure instanceof ImageException problem) {
      code =
          switch (problem.kind()) {
            case WRONG_USE -> ExitCode.USAGE;
            case DAMAGED -> ExitCode.BAD_IMAGE;
            case UNAVAILABLE -> ExitCode.UNAVAILABLE;
          };
    }
    String message = failure.getMessage();
    // A missing file's exception has nothing but its name.
    return new CommandException(
        code, message != null && message.contains(" ") ? message : failure.toString());
  }

  private static String defaultName(Path file) {
    Path last = file.getFileName();
    return last == null
        ? ""
        : last.toString().replaceFirst("\\.(img|qcow2|raw|vmdk|vdi|vhdx?)$", "");
  }

  private static void list(ImageStore store) throws IOException, ImageException {
    for (Image image : store.list()) {
      show(image);
    }
    for (CatalogueEntry entry : ImageCatalogue.builtIn().entries()) {
      if (store.find(entry.name()).isEmpty()) {
        System.out.printf("%-16s %10s  %s%n", entry.name(), "-", entry.description());
      }
    }
  }

  private static void show(Image image) {
    System.out.printf(
        Locale.ROOT,
        "%-16s %6.1f MiB  %s%n",
        image.name(),
        image.sizeBytes() / (double) (1 << 20),
        image.file());
  }

  private static CatalogueEntry entry(String name) throws ImageException {
    ImageCatalogue catalogue = ImageCatalogue.builtIn();
    Optional<CatalogueEntry> entry = catalogue.find(name);
    if (entry.isEmpty()) {
      List<String> known = catalogue.entries().stream().map(CatalogueEntry::name).toList();
      throw new ImageException(
          ImageException.Kind.WRONG_USE,
          "no image '%s' is known%s (see: maloca image list)"
              .formatted(name, Nearest.suggestion(name, known)));
    }
    return entry.get();
  }

  /** Fetches an image and shows how far it is. */
  static Image pull(ImageStore store, CatalogueEntry entry)
      throws IOException, ImageException, InterruptedException {
    boolean isTerminal = System.console() != null && System.console().isTerminal();
    ProgressLine line = new ProgressLine(System.err, isTerminal);
    try {
      return store.pull(entry, line);
    } finally {
      line.end();
    }
  }
}
