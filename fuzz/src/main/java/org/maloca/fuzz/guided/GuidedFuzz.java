package org.maloca.fuzz.guided;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * {@code ./dev fuzz jazzer}: runs targets under Jazzer, each in a JVM of its own with a small heap,
 * for so many minutes. What it learns is kept in {@code fuzz/target/run/TARGET} from run to run, a
 * finding too.
 */
public final class GuidedFuzz {
  private static final String USAGE =
      """
      usage: ./dev fuzz jazzer TARGET... [--minutes N]   (10 minutes for each by default)
             ./dev fuzz jazzer all [--minutes N]
             ./dev fuzz jazzer TARGET --input FILE       (runs one input again)
             ./dev fuzz jazzer TARGET --keep             (makes a small corpus of what was learnt)
      targets: %s\
      """;

  private final Path fuzzModule;

  private GuidedFuzz(Path fuzzModule) {
    this.fuzzModule = fuzzModule;
  }

  /** Status 1 when something was found, 2 when it was asked for wrongly. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    List<String> names = new ArrayList<>();
    int minutes = 10;
    Path input = null;
    boolean keeps = false;
    try {
      for (int i = 0; i < arguments.length; i++) {
        switch (arguments[i]) {
          case "--minutes" -> minutes = Integer.parseInt(arguments[++i]);
          case "--input" -> input = Path.of(arguments[++i]);
          case "--keep" -> keeps = true;
          case "all" -> names.addAll(Targets.names());
          default -> names.add(arguments[i]);
        }
      }
    } catch (ArrayIndexOutOfBoundsException | NumberFormatException wrong) {
      names.clear();
    }
    if (names.isEmpty() || !Targets.names().containsAll(names)) {
      System.err.println(USAGE.formatted(String.join(" ", Targets.names())));
      System.exit(2);
    }
    GuidedFuzz fuzz = new GuidedFuzz(Path.of(System.getProperty("maloca.root", "."), "fuzz"));
    int found = 0;
    for (String name : names) {
      if (input != null) {
        found += fuzz.replay(name, input);
      } else if (keeps) {
        found += fuzz.keep(name);
      } else {
        found += fuzz.run(name, minutes);
      }
    }
    System.exit(found == 0 ? 0 : 1);
  }

  private Path folder(String name) throws IOException {
    return Files.createDirectories(fuzzModule.resolve("target/run").resolve(name));
  }

  private Path learnt(String name) throws IOException {
    return Files.createDirectories(folder(name).resolve("learnt"));
  }

  private Path corpus(String name) throws IOException {
    return Files.createDirectories(fuzzModule.resolve("corpus").resolve(name));
  }

  private Path writeSeeds(String name) throws IOException {
    Path seeds = Files.createDirectories(folder(name).resolve("seeds"));
    try (FuzzTarget target = Targets.open(name)) {
      int number = 0;
      for (byte[] seed : target.seeds()) {
        Files.write(seeds.resolve("seed-%02d".formatted(number++)), seed);
      }
    }
    return seeds;
  }

  private int run(String name, int minutes) throws IOException, InterruptedException {
    Path folder = folder(name);
    Path log = folder.resolve("log.txt");
    List<String> command = jazzer(name);
    command.addAll(
        List.of(
            "-max_total_time=" + 60 * minutes,
            "-timeout=120",
            "-max_len=16384",
            "-print_final_stats=1",
            "-artifact_prefix=" + folder.toAbsolutePath() + "/",
            learnt(name).toString(),
            writeSeeds(name).toString(),
            corpus(name).toString()));
    int status =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    String output = Files.readString(log, StandardCharsets.ISO_8859_1);
    System.out.printf(
        "%s: %d min, %s inputs, %s edges: %s%n",
        name,
        minutes,
        last("stat::number_of_executed_units:\\s+(\\d+)", output),
        last("cov: (\\d+)", output),
        status == 0 ? "nothing found" : "FOUND something, see " + log);
    return status == 0 ? 0 : 1;
  }

  private static String last(String pattern, String text) {
    String last = "?";
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    while (matcher.find()) {
      last = matcher.group(1);
    }
    return last;
  }

  /** Of the inputs learnt, the smallest ones that together reach all that they reach. */
  private int keep(String name) throws IOException, InterruptedException {
    Path few = Files.createDirectories(folder(name).resolve("few"));
    try (Stream<Path> old = Files.list(few)) {
      for (Path file : old.toList()) {
        Files.delete(file);
      }
    }
    List<String> command = jazzer(name);
    command.addAll(
        List.of("-merge=1", few.toString(), corpus(name).toString(), learnt(name).toString()));
    int status = new ProcessBuilder(command).inheritIO().start().waitFor();
    System.out.println(name + ": now in " + few);
    return status == 0 ? 0 : 1;
  }

  private int replay(String name, Path input) throws IOException, InterruptedException {
    List<String> command = jazzer(name);
    command.add(input.toString());
    return new ProcessBuilder(command).inheritIO().start().waitFor() == 0 ? 0 : 1;
  }

  private List<String> jazzer(String name) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--add-exports",
            "java.base/jdk.internal.misc=ALL-UNNAMED",
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+EnableDynamicAgentLoading",
            "-XX:+UseSerialGC",
            "-Xms256m",
            "-Xmx256m",
            "-XX:+AlwaysPreTouch",
            "-XX:MaxDirectMemorySize=64m",
            "-cp",
            System.getProperty("java.class.path"),
            "com.code_intelligence.jazzer.Jazzer",
            "--target_class=" + JazzerEntry.class.getName(),
            "--target_args=" + name,
            "--instrumentation_includes=org.maloca.**",
            "--instrumentation_excludes=org.maloca.fuzz.**",
            "--disabled_hooks=" + String.join(":", sanitizers()),
            "--reproducer_path=" + folder(name).toAbsolutePath(),
            "-rss_limit_mb=0"));
    return command;
  }

  /** Detectors for Java programs of other kinds; some would forbid what we do on purpose. */
  private static List<String> sanitizers() {
    return Stream.of(
            "BigDecimal",
            "ClojureLangHooks",
            "Deserialization",
            "ExpressionLanguageInjection",
            "FilePathTraversal",
            "LdapInjection",
            "NamingContextLookup",
            "OsCommandInjection",
            "ReflectiveCall",
            "RegexInjection",
            "RegexRoadblocks",
            "ScriptEngineInjection",
            "ServerSideRequestForgery",
            "SqlInjection",
            "TemplateInjection",
            "UnsafeSanitizer",
            "XPathInjection",
            "XmlParserSsrfGuidance")
        .map(hooks -> "com.code_intelligence.jazzer.sanitizers." + hooks)
        .toList();
  }
}
