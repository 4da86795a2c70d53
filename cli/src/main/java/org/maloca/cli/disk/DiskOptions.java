package org.maloca.cli.disk;

import java.util.Arrays;
import java.util.List;
import org.maloca.block.image.ImageFormat;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Builds the options of a disk command, those that several have under the same names. */
final class DiskOptions {
  static final List<String> FORMATS =
      Arrays.stream(ImageFormat.values()).map(ImageFormat::optionName).toList();

  private static final List<String> CACHES = List.of("writeback", "none", "writethrough", "unsafe");

  private final CommandSpec spec = CommandSpec.create();

  DiskOptions(String... description) {
    spec.usageMessage().description(description);
    flag("Show this text.", true, "-h", "--help");
  }

  CommandSpec spec() {
    return spec;
  }

  DiskOptions flag(String description, String... names) {
    return flag(description, false, names);
  }

  private DiskOptions flag(String description, boolean isHelp, String... names) {
    spec.addOption(
        named(names).type(boolean.class).usageHelp(isHelp).description(description).build());
    return this;
  }

  DiskOptions text(String label, String description, String... names) {
    spec.addOption(
        named(names).type(String.class).paramLabel(label).description(description).build());
    return this;
  }

  DiskOptions texts(String label, String description, String... names) {
    spec.addOption(
        named(names)
            .type(List.class)
            .auxiliaryTypes(String.class)
            .paramLabel(label)
            .description(description)
            .build());
    return this;
  }

  private DiskOptions choice(
      String label, List<String> candidates, String description, String... names) {
    spec.addOption(
        named(names)
            .type(String.class)
            .paramLabel(label)
            .completionCandidates(candidates)
            .description(description)
            .build());
    return this;
  }

  DiskOptions format(String description, String... names) {
    return choice("FORMAT", FORMATS, description, names);
  }

  DiskOptions cache(String description, String... names) {
    return choice("MODE", CACHES, description, names);
  }

  DiskOptions json() {
    return flag("Write one JSON document.", "--json");
  }

  DiskOptions allowPath() {
    return texts(
        "DIR",
        "Follow file names in images into DIR too, not only into their own folder.",
        "--allow-path");
  }

  DiskOptions progress() {
    flag("Show progress although the output is no terminal.", "-p", "--progress");
    return flag("Say nothing but errors.", "-q", "--quiet");
  }

  DiskOptions forceShare() {
    return flag(
        "Look although a machine uses the image; what is seen may be of two moments.",
        "-U",
        "--force-share");
  }

  DiskOptions positional(String label, String arity, String description) {
    spec.addPositional(
        PositionalParamSpec.builder()
            .index(Integer.toString(spec.positionalParameters().size()))
            .paramLabel(label)
            .arity(arity)
            .type(String.class)
            .description(description)
            .build());
    return this;
  }

  private static OptionSpec.Builder named(String... names) {
    return OptionSpec.builder(names[0], Arrays.copyOfRange(names, 1, names.length));
  }
}
