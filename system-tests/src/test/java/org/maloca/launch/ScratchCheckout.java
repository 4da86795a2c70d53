package org.maloca.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/**
 * A checkout with the real {@code maloca} script, whose Maven and whose program are small: Maven
 * writes over the jars in {@code cli/target}, as the real one does, and the program takes a class
 * from another jar once it has read a line. For one test thread.
 */
final class ScratchCheckout {
  private static final String MAVEN =
      """
      #!/bin/sh
      cd '%s' || exit 1
      echo built >> builds
      mkdir -p cli/target/lib
      cat next/maloca.jar > cli/target/maloca.jar
      cat next/late.jar > cli/target/lib/late.jar
      """;

  private static final String MAIN =
      """
      public class Main {
        public static void main(String[] arguments) throws Exception {
          System.out.println("started %1$s");
          if (arguments[0].equals("wait")) {
            System.in.read();
          }
          if (!arguments[0].equals("run")) {
            System.out.println(Late.say());
          }
        }
      }
      """;

  private static final String LATE =
      """
      class Late {
        static String say() {
          return "late %1$s %2$s";
        }
      }
      """;

  private final Path root;

  /** Copies the scripts into a folder, which holds no build yet. */
  ScratchCheckout(Path root) throws IOException {
    this.root = root;
    for (Path each : List.of(Path.of("bin"), Path.of("scripts"), Path.of("next"))) {
      Files.createDirectories(root.resolve(each));
    }
    Files.createDirectories(root.resolve("cli/src/main"));
    Files.createFile(root.resolve("pom.xml"));
    Files.createFile(root.resolve("cli/pom.xml"));
    copy(Path.of("../maloca"));
    try (Stream<Path> scripts = Files.list(Path.of("../scripts"))) {
      for (Path each : scripts.toList()) {
        copy(each);
      }
    }
    Path maven = Files.writeString(root.resolve("bin/mvn"), MAVEN.formatted(root));
    assertEquals(true, maven.toFile().setExecutable(true));
  }

  private void copy(Path file) throws IOException {
    Path copy = root.resolve(Path.of("..").relativize(file));
    Files.copy(file, copy);
    assertEquals(true, copy.toFile().setExecutable(Files.isExecutable(file)));
  }

  /** Changes the sources: the next build gives a program that calls itself by a version. */
  void change(String version) throws IOException {
    // Jars of all versions differ in length, so that no place in them is where it was.
    String filling = version.repeat(20_000);
    Path classes = Files.createTempDirectory(root, "classes");
    Path main = Files.writeString(classes.resolve("Main.java"), MAIN.formatted(version));
    Path late = Files.writeString(classes.resolve("Late.java"), LATE.formatted(version, filling));
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-d", classes.toString(), main.toString(), late.toString());
    assertEquals(0, status);
    jar(root.resolve("next/maloca.jar"), classes.resolve("Main.class"));
    jar(root.resolve("next/late.jar"), classes.resolve("Late.class"));
    touch();
  }

  /** Lets the sources look changed. */
  void touch() throws IOException {
    Files.writeString(root.resolve("cli/src/main/source"), "");
  }

  private static void jar(Path jar, Path type) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, "Main");
    manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, "lib/late.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
      JarEntry entry = new JarEntry(type.getFileName().toString());
      entry.setTime(0);
      out.putNextEntry(entry);
      out.write(Files.readAllBytes(type));
    }
  }

  /** What {@code mvn clean} does. */
  void clean() throws IOException {
    for (String each : List.of("target", "cli/target")) {
      if (Files.exists(root.resolve(each))) {
        delete(root.resolve(each));
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path each, IOException failure)
              throws IOException {
            Files.delete(each);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Starts the script, whose first words are awaited elsewhere. */
  Running start(String argument) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(root.resolve("maloca").toString(), argument).redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("XDG_DATA_HOME", root.resolve("data").toString());
    builder.environment().merge("PATH", root.resolve("bin") + ":", (path, bin) -> bin + path);
    return new Running(builder.start());
  }

  /** All that the script says. */
  List<String> run(String argument) throws Exception {
    return start(argument).rest();
  }

  /** How often Maven was called. */
  int builds() throws IOException {
    return Files.readAllLines(root.resolve("builds")).size();
  }

  /** The builds that are kept. */
  List<Path> kept() throws IOException {
    List<Path> kept = new ArrayList<>();
    try (Stream<Path> all = Files.list(root.resolve(".builds"))) {
      all.filter(Files::isDirectory).forEach(kept::add);
    }
    return kept;
  }

  /** A started script. */
  record Running(Process process, BufferedReader output) {
    private Running(Process process) {
      this(process, process.inputReader(StandardCharsets.UTF_8));
    }

    /** Reads up to a line. */
    void await(String line) throws IOException {
      List<String> before = new ArrayList<>();
      for (String said = output.readLine(); !line.equals(said); said = output.readLine()) {
        before.add(said);
        assertEquals(true, said != null, () -> "no " + line + " in " + before);
      }
    }

    /** Types a line. */
    void type() throws IOException {
      try (OutputStream input = process.getOutputStream()) {
        input.write('\n');
      }
    }

    /** What the program has yet to say, without the filling; it is to end with 0. */
    List<String> rest() throws InterruptedException {
      List<String> lines;
      try {
        lines = output.readAllLines();
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
      assertEquals(0, process.waitFor(), () -> String.join("\n", lines));
      return lines.stream()
          .filter(line -> line.startsWith("started") || line.startsWith("late"))
          .map(line -> line.replaceFirst("^(late \\S+) .*", "$1"))
          .toList();
    }
  }
}
