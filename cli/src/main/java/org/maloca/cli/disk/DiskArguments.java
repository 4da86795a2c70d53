package org.maloca.cli.disk;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.maloca.block.disk.AllowedPaths;
import org.maloca.block.disk.OpenOptions;
import org.maloca.block.image.ImageFormat;
import org.maloca.block.limit.CacheMode;
import org.maloca.cli.ExitCode;
import org.maloca.core.text.SizeText;
import org.maloca.machine.config.DeviceProperties;
import picocli.CommandLine.ParseResult;

/** What a disk command was given, read and checked. */
final class DiskArguments {
  private final ParseResult given;

  DiskArguments(ParseResult given) {
    this.given = given;
  }

  boolean has(String option) {
    return given.hasMatchedOption(option);
  }

  /** An option's text, or null when it was not given. */
  @Nullable String text(String option) {
    return given.hasMatchedOption(option) ? given.matchedOptionValue(option, "") : null;
  }

  String text(String option, String otherwise) {
    String text = text(option);
    return text == null ? otherwise : text;
  }

  int positionals() {
    return given.matchedPositionals().size();
  }

  /** The {@code index}th argument that is no option. */
  String positional(int index, String what) throws DiskCommandException {
    String text = given.matchedPositionalValue(index, "");
    if (text.isEmpty()) {
      throw usage("give " + what);
    }
    return text;
  }

  Path path(int index, String what) throws DiskCommandException {
    return path(positional(index, what));
  }

  /** How an image shall name a file below it, so that no reader takes it for a protocol. */
  static String nameInImage(String file) {
    return AllowedPaths.isProtocol(file) ? "./" + file : file;
  }

  static Path path(String text) throws DiskCommandException {
    try {
      return Path.of(text);
    } catch (InvalidPathException odd) {
      throw usage("'%s' cannot be a path".formatted(text));
    }
  }

  @Nullable ImageFormat format(String option) throws DiskCommandException {
    String text = text(option);
    return text == null ? null : format(option, text);
  }

  static ImageFormat format(String option, String text) throws DiskCommandException {
    String known = text.equals("vpc") ? "vhd" : text;
    for (ImageFormat format : ImageFormat.values()) {
      if (format.optionName().equals(known)) {
        return format;
      }
    }
    throw usage(
        "%s: there is no format '%s' (there are: %s)"
            .formatted(option, text, String.join(", ", DiskOptions.FORMATS)));
  }

  /** The format that a file's name speaks of; raw when it does not. */
  static ImageFormat formatByName(Path path) {
    String name = path.toString().toLowerCase(Locale.ROOT);
    for (ImageFormat format : ImageFormat.values()) {
      if (name.endsWith("." + format.optionName())) {
        return format;
      }
    }
    return ImageFormat.RAW;
  }

  long size(String option, long otherwise) throws DiskCommandException {
    String text = text(option);
    return text == null ? otherwise : size(option, text);
  }

  static long size(String what, String text) throws DiskCommandException {
    try {
      return SizeText.parse(what, text);
    } catch (IllegalArgumentException wrong) {
      throw usage(String.valueOf(wrong.getMessage()));
    }
  }

  /** A number of the range. */
  int number(String option, int otherwise, int least, int most) throws DiskCommandException {
    String text = text(option);
    if (text == null) {
      return otherwise;
    }
    try {
      int number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException ignored) {
      // Said below.
    }
    throw usage("%s: '%s' is no number from %d to %d".formatted(option, text, least, most));
  }

  CacheMode cache(String option, CacheMode otherwise) throws DiskCommandException {
    String text = text(option);
    if (text == null) {
      return otherwise;
    }
    return CacheMode.named(text)
        .orElseThrow(() ->
            usage(
                "%s: '%s' is none of writeback, none, writethrough, unsafe"
                    .formatted(option, text)));
  }

  /**
   * Options of a format: {@code name=value}, separated by commas, as often as it was given. A name
   * alone is one that is on.
   */
  Map<String, String> formatOptions() throws DiskCommandException {
    Map<String, String> options = new LinkedHashMap<>();
    List<String> texts = given.matchedOptionValue("-o", List.of());
    for (String text : texts) {
      for (String option : DeviceProperties.split(text)) {
        int equals = option.indexOf('=');
        String name = equals < 0 ? option : option.substring(0, equals);
        if (name.isEmpty()) {
          throw usage("-o: '%s' is not name=value".formatted(option));
        }
        options.put(name, equals < 0 ? "on" : option.substring(equals + 1));
      }
    }
    return options;
  }

  AllowedPaths allowed() throws DiskCommandException {
    List<Path> folders = new java.util.ArrayList<>();
    List<String> texts = given.matchedOptionValue("--allow-path", List.of());
    for (String text : texts) {
      folders.add(path(text));
    }
    return new AllowedPaths(List.of(), folders);
  }

  /** How to open an image that is only looked at. */
  OpenOptions reading(String formatOption) throws DiskCommandException {
    return OpenOptions.readOnly()
        .withFormat(format(formatOption))
        .withUnlocked(has("-U"))
        .withAllowed(allowed());
  }

  /** How to open an image that is changed. */
  OpenOptions writing(String formatOption) throws DiskCommandException {
    return OpenOptions.writable().withFormat(format(formatOption)).withAllowed(allowed());
  }

  /** Whether to show how far a command is: asked for, or somebody looks. */
  boolean showsProgress() {
    if (has("-q")) {
      return false;
    }
    java.io.Console console = System.console();
    return has("-p") || (console != null && console.isTerminal());
  }

  static DiskCommandException usage(String message) {
    return new DiskCommandException(ExitCode.USAGE, message);
  }
}
