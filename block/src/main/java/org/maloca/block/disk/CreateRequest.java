package org.maloca.block.disk;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.maloca.block.image.DiskImage;
import org.maloca.block.image.ImageFormat;
import org.maloca.core.text.SizeText;

/**
 * What image to make.
 *
 * @param format the image's
 * @param sizeBytes of the disk
 * @param options of the format, by their names on the command line; which there are is the format's
 *     to say
 * @param base what the image is to be a difference to, or null
 */
public record CreateRequest(
    ImageFormat format, long sizeBytes, Map<String, String> options, @Nullable Base base) {
  public CreateRequest {
    options = Map.copyOf(options);
  }

  /**
   * An image below.
   *
   * @param name as the new image shall say it
   * @param format its format
   * @param image the open image, where it can be opened; for identities that formats keep
   */
  public record Base(String name, ImageFormat format, @Nullable DiskImage image) {
    /** Its path as seen from the folder of the new image, whose path is given. */
    Path seenFrom(String newImage) {
      Path named = Path.of(name).normalize();
      Path folder = Path.of(newImage).toAbsolutePath().normalize().getParent();
      return named.isAbsolute() && folder != null ? folder.relativize(named) : named;
    }
  }

  /** An option that is one of several words. */
  String word(String name, String otherwise) {
    return options.getOrDefault(name, otherwise);
  }

  /** An option that is {@code on} or {@code off}. */
  boolean flag(String name, boolean otherwise) {
    String text = options.get(name);
    if (text == null) {
      return otherwise;
    }
    return switch (text) {
      case "on", "true", "yes" -> true;
      case "off", "false", "no" -> false;
      default ->
          throw new IllegalArgumentException(
              "%s: '%s' is neither on nor off".formatted(name, text));
    };
  }

  /** An option that is a number without a unit. */
  int number(String name, int otherwise) {
    String text = options.get(name);
    if (text == null) {
      return otherwise;
    }
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException odd) {
      throw new IllegalArgumentException("%s: '%s' is no number".formatted(name, text), odd);
    }
  }

  /** An option that is a number of bytes, as 65536 or 64K. */
  long bytes(String name, long otherwise) {
    String text = options.get(name);
    return text == null ? otherwise : SizeText.parse(name, text);
  }

  /**
   * Refuses options that a format does not have.
   *
   * @throws IllegalArgumentException with a message for people
   */
  void allow(String... names) {
    List<String> unknown = new ArrayList<>(new LinkedHashMap<>(options).keySet());
    unknown.removeAll(List.of(names));
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          names.length == 0
              ? "%s has no options".formatted(format.optionName())
              : "%s has no option '%s' (it has: %s)"
                  .formatted(format.optionName(), unknown.getFirst(), String.join(", ", names)));
    }
  }
}
