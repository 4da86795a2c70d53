package org.maloca.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.maloca.cli.guest.BusyboxInitrd;
import org.maloca.cli.guest.DebianLinuxGuest;
import org.maloca.cli.guest.LinuxGuest;

/**
 * How long the Debian cloud kernel takes from the start of the host's process to the first words of
 * its process 1, in Maloca as its launcher starts it and in QEMU with TCG, which has several ways;
 * and how much memory Maloca uses for a guest of 512 MiB that has touched 100.
 */
public final class BootBench {
  private static final String UP = "bench-guest-is-up";
  private static final String TOUCHED = "bench-guest-has-touched";
  private static final int MEMORY_MEBIBYTES = 512;

  /** Of the time of QEMU's fastest way. */
  private static final double BAR = 1.5;

  private static final String INIT =
      """
      #!/bin/sh
      mount -t proc proc /proc
      echo %s
      """
          .formatted(UP);

  private static final String INIT_POWEROFF = INIT + "poweroff -f\n";

  private static final String INIT_TOUCH =
      INIT
          + """
          mount -t tmpfs -o size=200m tmpfs /mnt
          yes maloca | head -c 1048576 > /mnt/block
          i=0
          while [ $i -lt 100 ]; do cat /mnt/block; i=$((i + 1)); done > /mnt/file
          echo %s
          sleep 100000
          """
              .formatted(TOUCHED);

  private static final Pattern STATS =
      Pattern.compile("([0-9]+) ms from JVM start.* ([0-9.]+) M instructions, ([0-9.]+) MIPS");

  private final BenchOptions options;
  private final Maloca maloca;
  private final Qemu qemu;
  private final LinuxGuest guest;
  private final Path folder;
  private final Map<String, Measured> machines = new LinkedHashMap<>();
  private final Samples jvmStartMillis = new Samples();
  private final Samples instructions = new Samples();

  /** One way to boot and its times. */
  private record Measured(List<String> command, Samples seconds, Samples cpuSeconds) {}

  private BootBench(BenchOptions options, Maloca maloca, LinuxGuest guest, Path folder) {
    this.options = options;
    this.maloca = maloca;
    this.qemu = new Qemu(options.qemu());
    this.guest = guest;
    this.folder = folder;
  }

  /** Measures and prints. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    BenchCommand.run(
        arguments,
        (options, folder) -> {
          LinuxGuest guest = DebianLinuxGuest.ofUser().provide(false, System.err::println);
          Maloca maloca = new Maloca(Repository.root().resolve("maloca"), options.engine());
          new BootBench(options, maloca, guest, folder).run();
          return true;
        });
  }

  private void run() throws IOException, InterruptedException, BenchException {
    System.out.printf("%s%n%s%n%n", Host.describe(), qemu.version());
    maloca.build();
    Path initrd = folder.resolve("up.cpio");
    BusyboxInitrd.write(guest.busybox(), INIT_POWEROFF, Map.of(), initrd);
    addMachines(boot(guest.kernel(), initrd));
    for (int run = 1; run <= options.runs(); run++) {
      for (Map.Entry<String, Measured> machine : machines.entrySet()) {
        System.err.printf("run %d of %d: %s%n", run, options.runs(), machine.getKey());
        measure(machine.getValue());
      }
    }
    printBoot();
    printMemory();
    printNotes();
  }

  private static GuestBoot boot(Path kernel, Path initrd) {
    return new GuestBoot(kernel, initrd, GuestBoot.COMMAND_LINE, 1, MEMORY_MEBIBYTES);
  }

  private void addMachines(GuestBoot boot) throws IOException, BenchException {
    Path vmlinux = guest.unpackedKernel();
    if (vmlinux == null) {
      throw new BenchException("the kernel cannot be unpacked for a start by PVH");
    }
    add("Maloca " + options.engine(), malocaCommand(boot));
    add("Maloca " + options.engine() + ", PVH", malocaCommand(boot(vmlinux, boot.initrd())));
    if (qemu.isPresent()) {
      add("QEMU TCG, pc", qemu.pc(boot));
      add("QEMU TCG, microvm", qemu.microvm(boot));
      add("QEMU TCG, microvm, PVH", qemu.microvm(boot(vmlinux, boot.initrd())));
    }
  }

  private void add(String name, List<String> command) {
    machines.put(name, new Measured(command, new Samples(), new Samples()));
  }

  private List<String> malocaCommand(GuestBoot boot) {
    List<String> command = maloca.command(boot);
    command.add("--stats");
    return command;
  }

  private void measure(Measured machine) throws IOException, InterruptedException, BenchException {
    try (TimedProcess process = new TimedProcess(machine.command())) {
      machine.seconds().add(process.await(UP));
      machine.cpuSeconds().add(process.cpuSeconds());
      if (machine == machines.values().iterator().next()) {
        readStats(process.awaitEnd());
      }
    }
  }

  private void readStats(String words) {
    Matcher stats = STATS.matcher(words);
    if (stats.find()) {
      jvmStartMillis.add(Double.parseDouble(stats.group(1)));
      instructions.add(Double.parseDouble(stats.group(2)));
    }
  }

  private void printBoot() {
    double maloca = machines.values().iterator().next().seconds().median();
    Table table = new Table("boot to init", "seconds", "CPU seconds", "Maloca / this");
    machines.forEach((name, machine) ->
        table.row(
            name,
            machine.seconds().summary(2),
            machine.cpuSeconds().summary(2),
            String.format(Locale.ROOT, "%.2f", maloca / machine.seconds().median())));
    table.print(System.out);
    machines.entrySet().stream()
        .filter(machine -> machine.getKey().startsWith("Maloca"))
        .forEach(machine -> printVerdict(machine.getKey(), machine.getValue()));
    System.out.println();
  }

  private void printVerdict(String name, Measured maloca) {
    machines.entrySet().stream()
        .filter(machine -> machine.getKey().startsWith("QEMU"))
        .mapToDouble(machine -> machine.getValue().seconds().median())
        .min()
        .ifPresent(fastest -> {
          double ratio = maloca.seconds().median() / fastest;
          System.out.printf(
              Locale.ROOT,
              "%s against QEMU's fastest way: %.2f, at most %.2f: %s%n",
              name,
              ratio,
              BAR,
              ratio <= BAR ? "met" : "MISSED");
        });
  }

  private void printMemory() throws IOException, BenchException {
    Path initrd = folder.resolve("touch.cpio");
    BusyboxInitrd.write(guest.busybox(), INIT_TOUCH, Map.of(), initrd);
    GuestBoot boot = boot(guest.kernel(), initrd);
    Table table = new Table("resident memory, MiB", "at init", "100 MiB touched");
    table.row(memory("Maloca " + options.engine(), malocaCommand(boot)));
    if (qemu.isPresent()) {
      table.row(memory("QEMU TCG, pc", qemu.pc(boot)));
    }
    table.print(System.out);
    System.out.println();
  }

  private static String[] memory(String name, List<String> command)
      throws IOException, BenchException {
    try (TimedProcess process = new TimedProcess(command)) {
      double ignored = process.await(UP);
      double atInit = process.residentMebibytes();
      ignored = process.await(TOUCHED);
      double touched = process.residentMebibytes();
      return new String[] {
        name,
        String.format(Locale.ROOT, "%.0f", atInit),
        String.format(Locale.ROOT, "%.0f", touched)
      };
    }
  }

  private void printNotes() {
    System.out.printf(
        Locale.ROOT,
        """
        Maloca: JVM start to first guest instruction %s ms; %s M instructions until power-off.
        Medians of %d alternating runs, with the least and the most, wall clock from the start of
        the process (launcher and JVM included) to the line on the serial console; CPU seconds are
        those of the whole process until then. 512 MiB, one CPU, kernel %s.
        The microvm has far fewer devices to probe, so its kernel does less work than a PC's; by PVH it
        does not unpack itself either.
        """,
        jvmStartMillis.summary(0),
        instructions.summary(1),
        options.runs(),
        guest.version());
  }
}
