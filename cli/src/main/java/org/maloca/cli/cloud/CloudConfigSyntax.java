package org.maloca.cli.cloud;

import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Optional;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.reader.UnicodeReader;

/**
 * Finds what is wrong with the form of data for cloud-init before a machine starts with it: the
 * guest would only say so among hundreds of lines, and go on without. What the keys mean is left to
 * cloud-init.
 */
public final class CloudConfigSyntax {
  private static final int MAX_CHARACTERS = 4 << 20;
  private static final int FIRST_CHARACTERS = 256;
  private static final int GZIP_MAGIC = 0x1f8b;

  private CloudConfigSyntax() {}

  /** What is wrong with user-data, in any of cloud-init's formats; empty if nothing is. */
  public static Optional<String> problemOfUserData(byte[] content) {
    int shown = Math.min(content.length, FIRST_CHARACTERS);
    String start = new String(content, 0, shown, StandardCharsets.UTF_8).stripLeading();
    String firstLine = start.lines().findFirst().orElse("").strip();
    if (firstLine.equals("#cloud-config")) {
      return problem(content, Event.ID.MappingStart, "a mapping ('key: value')");
    }
    if (firstLine.equals("#cloud-config-archive")) {
      return problem(content, Event.ID.SequenceStart, "a list");
    }
    boolean isMultipart = firstLine.matches("(?i)(content-type|mime-version):.*|From .*");
    boolean isKnown = firstLine.isEmpty() || firstLine.startsWith("#") || isMultipart;
    return isKnown || isCompressed(content) || firstLine.startsWith("rem ")
        ? Optional.empty()
        : Optional.of(
            "its first line must tell cloud-init what it is, such as '#cloud-config' or '#!/bin/sh'");
  }

  private static boolean isCompressed(byte[] content) {
    return content.length > 1 && ((content[0] & 0xff) << 8 | content[1] & 0xff) == GZIP_MAGIC;
  }

  /** What is wrong with a network-config; empty if nothing is. */
  public static Optional<String> problemOfNetworkConfig(byte[] content) {
    return problem(content, Event.ID.MappingStart, "a mapping ('key: value')");
  }

  private static Optional<String> problem(byte[] content, Event.ID wanted, String shape) {
    LoaderOptions limits = new LoaderOptions();
    limits.setCodePointLimit(MAX_CHARACTERS);
    try {
      UnicodeReader reader = new UnicodeReader(new java.io.ByteArrayInputStream(content));
      Iterator<Event> events = new Yaml(limits).parse(reader).iterator();
      boolean isFirst = true;
      while (events.hasNext()) {
        Event event = events.next();
        boolean isFrame =
            event.is(Event.ID.StreamStart)
                || event.is(Event.ID.StreamEnd)
                || event.is(Event.ID.DocumentStart)
                || event.is(Event.ID.DocumentEnd);
        if (isFirst && !isFrame && !event.is(wanted)) {
          return Optional.of("it is not " + shape);
        }
        isFirst &= isFrame;
      }
      return Optional.empty();
    } catch (MarkedYAMLException wrong) {
      Mark mark = wrong.getProblemMark();
      String place =
          mark == null
              ? ""
              : "line %d, column %d: ".formatted(mark.getLine() + 1, mark.getColumn() + 1);
      return Optional.of(place + wrong.getProblem());
    } catch (YAMLException wrong) {
      return Optional.of(String.valueOf(wrong.getMessage()).lines().findFirst().orElse("no YAML"));
    }
  }
}
