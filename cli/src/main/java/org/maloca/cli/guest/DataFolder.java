package org.maloca.cli.guest;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** Where each kind of host keeps a user's application data. */
public final class DataFolder {
  private DataFolder() {}

  /** The folder for Maloca; it may not exist yet. */
  public static Path locate() {
    return locate(
        System.getProperty("os.name", ""), System.getProperty("user.home", "."), System.getenv());
  }

  static Path locate(String osName, String home, Map<String, String> environment) {
    String os = osName.toLowerCase(Locale.ROOT);
    if (os.startsWith("windows")) {
      String local = environment.getOrDefault("LOCALAPPDATA", "");
      return (local.isEmpty() ? Path.of(home, "AppData", "Local") : Path.of(local))
          .resolve("Maloca");
    }
    if (os.startsWith("mac")) {
      return Path.of(home, "Library", "Application Support", "Maloca");
    }
    // The XDG specification says that a relative path is to be ignored, and that the default is
    // below $HOME, which the JVM's idea of a home does not follow.
    Path base = Path.of(environment.getOrDefault("XDG_DATA_HOME", ""));
    Path named = Path.of(environment.getOrDefault("HOME", ""));
    Path usual = (named.isAbsolute() ? named : Path.of(home)).resolve(".local").resolve("share");
    return (base.isAbsolute() ? base : usual).resolve("maloca");
  }
}
