package org.maloca.stress;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.maloca.cli.guest.BusyboxInitrd;
import org.maloca.cli.guest.CpioArchive;
import org.maloca.cli.guest.DebianLinuxGuest;
import org.maloca.cli.guest.GuestException;
import org.maloca.cli.guest.LinuxGuest;
import org.maloca.machine.boot.BootException;
import org.maloca.machine.config.BootConfig;

/**
 * Compares the translator with the interpreter in whole machines, step by step.
 *
 * <pre>
 * boot              a Debian kernel to its init, a few programs in a shell, power-off (default)
 * bench             the bare guests of guests/bench
 * work [ROWS]       the program of guests/bench/work on that kernel; ROWS are names with commas
 * --console         shows what the guest says
 * </pre>
 *
 * Exits with 0 if the engines agreed, 1 if not, with a report.
 */
public final class LockstepCheck {
  private static final String COMMAND_LINE = "console=ttyS0 loglevel=4 panic=-1";
  private static final List<String> BARE =
      List.of("collatz", "sieve", "sha256", "chase", "fibonacci", "indirect", "copy", "bytes");

  private final LockstepRun lockstep;
  private final Path folder;

  private LockstepCheck(boolean showsConsole, Path folder) {
    lockstep = new LockstepRun(System.out, showsConsole);
    this.folder = folder;
  }

  public static void main(String[] arguments)
      throws BootException, IOException, InterruptedException {
    List<String> words = new ArrayList<>(Arrays.asList(arguments));
    boolean showsConsole = words.remove("--console");
    Path folder = Files.createTempDirectory("maloca-lockstep");
    boolean agreed;
    try {
      agreed = new LockstepCheck(showsConsole, folder).run(words);
    } catch (IllegalArgumentException | GuestException problem) {
      System.err.println(problem.getMessage());
      System.exit(2);
      return;
    } finally {
      delete(folder);
    }
    System.exit(agreed ? 0 : 1);
  }

  private boolean run(List<String> words)
      throws BootException, GuestException, IOException, InterruptedException {
    String what = words.isEmpty() ? "boot" : words.getFirst().toLowerCase(Locale.ROOT);
    switch (what) {
      case "boot" -> {
        return boot();
      }
      case "bench" -> {
        boolean agreed = true;
        for (String title : BARE) {
          agreed &= lockstep.runBare(title, folder);
        }
        return agreed;
      }
      case "work" -> {
        return work(words.size() > 1 ? words.get(1) : "");
      }
      default -> throw new IllegalArgumentException("lockstep of what? boot, bench or work");
    }
  }

  private boolean boot() throws BootException, GuestException, IOException, InterruptedException {
    LinuxGuest guest = linux();
    Path initrd = folder.resolve("boot.cpio");
    BusyboxInitrd.write(guest.busybox(), resource("lockstep-init"), Map.of(), initrd);
    return lockstep.run("boot", new BootConfig(guest.kernel(), List.of(initrd), COMMAND_LINE));
  }

  private boolean work(String rows)
      throws BootException, GuestException, IOException, InterruptedException {
    LinuxGuest guest = linux();
    Path program = folder.resolve("work");
    compile(BareGuest.guests().resolve("bench/work"), program);
    Path initrd = folder.resolve("work.cpio");
    try (CpioArchive archive =
        new CpioArchive(new BufferedOutputStream(Files.newOutputStream(initrd)))) {
      archive.directory("dev", 0755);
      archive.directory("proc", 0755);
      archive.characterDevice("dev/console", 0600, 5, 1);
      archive.file("init", 0755, Files.readAllBytes(program));
    }
    String arguments = rows.isEmpty() ? "" : " -- " + rows;
    return lockstep.run(
        "work", new BootConfig(guest.kernel(), List.of(initrd), COMMAND_LINE + arguments));
  }

  private static LinuxGuest linux() throws GuestException {
    return DebianLinuxGuest.ofUser().provide(false, System.err::println);
  }

  private static void compile(Path sources, Path program) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("gcc"));
    command.addAll(List.of("-std=gnu11", "-O2", "-fno-math-errno", "-static", "-pthread"));
    command.addAll(List.of("-o", program.toString()));
    try (Stream<Path> files = Files.list(sources)) {
      files.map(Path::toString).filter(name -> name.endsWith(".c")).sorted().forEach(command::add);
    }
    Process gcc = new ProcessBuilder(command).inheritIO().start();
    if (gcc.waitFor() != 0) {
      throw new IllegalArgumentException("gcc refuses " + sources);
    }
  }

  private static String resource(String name) throws IOException {
    try (InputStream stream = LockstepCheck.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IOException("this build lacks " + name);
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
