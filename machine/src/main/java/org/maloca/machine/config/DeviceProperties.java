package org.maloca.machine.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An option's text, {@code value[,name=value|,flag]...}, as it is taken apart. A comma inside a
 * value is written twice. Whoever reads one takes all that it knows and then calls {@link #finish}.
 */
public final class DeviceProperties {
  private final String option;
  private final String main;
  private final Map<String, @Nullable String> properties = new LinkedHashMap<>();
  private final List<String> known = new ArrayList<>();

  private DeviceProperties(String option, String main) {
    this.option = option;
    this.main = main;
  }

  /**
   * Takes a text apart.
   *
   * @param option that it belongs to, for messages, as in {@code --disk}
   * @throws ConfigException when a property comes twice
   */
  public static DeviceProperties parse(String option, String text) {
    List<String> parts = split(text);
    DeviceProperties result = new DeviceProperties(option, parts.getFirst());
    for (String part : parts.subList(1, parts.size())) {
      int equals = part.indexOf('=');
      String name = equals < 0 ? part : part.substring(0, equals);
      if (result.properties.containsKey(name)) {
        throw new ConfigException("%s: '%s' is given twice".formatted(option, name));
      }
      result.properties.put(name, equals < 0 ? null : part.substring(equals + 1));
    }
    return result;
  }

  /** Takes a list apart whose parts are separated by commas; those inside a part come twice. */
  public static List<String> split(String text) {
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != ',') {
        part.append(c);
      } else if (i + 1 < text.length() && text.charAt(i + 1) == ',') {
        part.append(c);
        i++;
      } else {
        parts.add(part.toString());
        part.setLength(0);
      }
    }
    parts.add(part.toString());
    return parts;
  }

  /** Writes a value so that {@link #split} finds it whole. */
  public static String quote(String value) {
    return value.replace(",", ",,");
  }

  /** The first part, before any comma. */
  public String main() {
    return main;
  }

  /**
   * The first part as a path.
   *
   * @throws ConfigException when it cannot be one
   */
  public Path mainPath() {
    try {
      return Path.of(main);
    } catch (InvalidPathException odd) {
      throw new ConfigException("%s: '%s' cannot be a path".formatted(option, odd.getInput()));
    }
  }

  /** Takes a property's value, or null when it is not given. */
  public @Nullable String text(String name) {
    known.add(name);
    if (!properties.containsKey(name)) {
      return null;
    }
    String value = properties.remove(name);
    if (value == null || value.isEmpty()) {
      throw new ConfigException("%s: '%s' needs a value: %s=...".formatted(option, name, name));
    }
    return value;
  }

  /** Takes a property's value, or the usual one. */
  public String text(String name, String usual) {
    return Objects.requireNonNullElse(text(name), usual);
  }

  /** Takes a flag: {@code name}, {@code name=on} or {@code name=off}. */
  public boolean flag(String name) {
    known.add(name);
    if (!properties.containsKey(name)) {
      return false;
    }
    String value = properties.remove(name);
    return switch (value == null ? "on" : value) {
      case "on", "yes", "true" -> true;
      case "off", "no", "false" -> false;
      default ->
          throw new ConfigException("%s: %s is on or off, not '%s'".formatted(option, name, value));
    };
  }

  /** Takes a whole number within bounds, or the usual one. */
  public long number(String name, long usual, long least, long most) {
    String value = text(name);
    if (value == null) {
      return usual;
    }
    try {
      long number = Long.decode(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException notNumber) {
      // Told below.
    }
    throw new ConfigException(
        "%s: %s=%s is not a number from %d to %d".formatted(option, name, value, least, most));
  }

  /** Takes one of some words, or the usual one. */
  public <E extends Enum<E>> E word(String name, Class<E> words, E usual) {
    String value = text(name);
    if (value == null) {
      return usual;
    }
    List<String> choices = new ArrayList<>();
    for (E word : words.getEnumConstants()) {
      String spelled = word.name().toLowerCase(java.util.Locale.ROOT);
      if (spelled.equals(value)) {
        return word;
      }
      choices.add(spelled);
    }
    throw new ConfigException(
        "%s: %s=%s is none of %s".formatted(option, name, value, String.join(", ", choices)));
  }

  /** Takes all properties whose names start so, without what {@link #text} took. */
  public Map<String, String> startingWith(String... prefixes) {
    Map<String, String> taken = new LinkedHashMap<>();
    for (String name : List.copyOf(properties.keySet())) {
      for (String prefix : prefixes) {
        if (name.startsWith(prefix)) {
          taken.put(name, Objects.requireNonNull(text(name)));
          break;
        }
      }
    }
    known.addAll(List.of(prefixes));
    return taken;
  }

  /**
   * Says that all has been taken.
   *
   * @throws ConfigException when something is left
   */
  public void finish() {
    if (!properties.isEmpty()) {
      throw new ConfigException(
          "%s has no property '%s' (it has: %s)"
              .formatted(option, properties.keySet().iterator().next(), String.join(", ", known)));
    }
  }
}
