package org.maloca.stress;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.maloca.core.backend.CharBackend;
import org.maloca.core.time.VirtualClock;
import org.maloca.machine.board.AcceleratorFactory;
import org.maloca.machine.board.BoardBackends;
import org.maloca.machine.boot.BootException;
import org.maloca.machine.config.BootConfig;
import org.maloca.machine.config.DeviceConfig;
import org.maloca.machine.config.MachineConfig;
import org.maloca.machine.lifecycle.Vm;
import org.maloca.machine.lifecycle.VmState;
import org.maloca.x86.SoftwareAccelerator;
import org.maloca.x86.TimeStampCounter;
import org.maloca.x86.translate.TranslatorOptions;

/**
 * Has a guest make ever new hot code for a long time, with room for few regions, and watches that
 * what the JVM holds does not grow and the speed does not fall.
 *
 * <pre>
 * --minutes N       how long (default 40)
 * --regions N       most regions in use (default 400)
 * --cpus N          of the guest (default 1)
 * --seed S          which functions (default 1)
 * </pre>
 *
 * Exits with 0 if the last quarter was like the second, else with 1.
 */
public final class Soak {
  private static final long MEMORY_BYTES = 256L << 20;
  private static final int INTERVALS = 40;

  private final SoakOptions options;
  private final PrintStream out;
  private final AtomicLong ticks = new AtomicLong();
  private volatile String lastWords = "";

  Soak(SoakOptions options, PrintStream out) {
    this.options = options;
    this.out = out;
  }

  public static void main(String[] arguments)
      throws BootException, IOException, InterruptedException {
    SoakOptions options;
    try {
      options = SoakOptions.parse(arguments);
    } catch (IllegalArgumentException wrong) {
      System.err.println(wrong.getMessage());
      System.exit(2);
      return;
    }
    System.exit(new Soak(options, System.out).run() ? 0 : 1);
  }

  private record Ticks(VirtualClock clock) implements TimeStampCounter {
    @Override
    public long ticks() {
      return clock.nanos();
    }

    @Override
    public long frequencyHz() {
      return 1_000_000_000;
    }
  }

  /** CPUs whose regions are few. */
  static AcceleratorFactory engine(int mostRegions) {
    var translator = new TranslatorOptions(1, mostRegions, null);
    return (cpus, ramPages, clock) ->
        new SoftwareAccelerator(
            new SoftwareAccelerator.Options(cpus, ramPages, true, true, translator),
            new Ticks(clock));
  }

  /** The guest as a machine; its ticks are counted. */
  Vm machine(Path image) throws BootException, IOException {
    var exit = new DeviceConfig.DebugExit(DeviceConfig.DebugExit.DEFAULT_PORT);
    var boot = new BootConfig(image, List.of(), "");
    var config =
        new MachineConfig("soak", MEMORY_BYTES, options.cpus(), boot, List.of(exit), false);
    var backends = new BoardBackends(new Console(), null, new Console(), List.of());
    return Vm.create(config, engine(options.regions()), backends);
  }

  /** Assembles the guest, which goes on until it is ended. */
  void assemble(Path image) throws IOException, InterruptedException {
    BareGuest.assemble(
        "smp/soak.asm", Map.of("CPUS", options.cpus(), "SEED", options.seed(), "PASSES", 0), image);
  }

  long ticks() {
    return ticks.get();
  }

  /** Whether it was flat at its end. */
  boolean run() throws BootException, IOException, InterruptedException {
    Path image = Files.createTempFile("maloca-soak", ".elf");
    List<SoakSample> samples = new ArrayList<>();
    try {
      assemble(image);
      try (Vm vm = machine(image)) {
        vm.start();
        watch(vm, samples);
      }
    } finally {
      Files.delete(image);
    }
    List<String> complaints = SoakVerdict.of(samples);
    if (!lastWords.isEmpty()) {
      complaints.add("the guest ended: " + lastWords);
    }
    complaints.forEach(out::println);
    out.println(complaints.isEmpty() ? "flat" : "NOT FLAT");
    return complaints.isEmpty();
  }

  private void watch(Vm vm, List<SoakSample> samples) throws IOException, InterruptedException {
    out.println(SoakSample.HEADER);
    long began = System.nanoTime();
    long length = options.minutes() * 60_000_000_000L / INTERVALS;
    samples.add(SoakSample.take(0, vm.statistics()));
    long last = began;
    for (int i = 1; i <= INTERVALS && vm.state() == VmState.RUNNING; i++) {
      long rest = began + i * length - System.nanoTime();
      Thread.sleep(Math.max(0, rest / 1_000_000));
      SoakSample before = samples.getLast();
      SoakSample now = SoakSample.take(ticks.get(), vm.statistics());
      long at = System.nanoTime();
      out.println(now.line(before, (at - began) / 60e9, (at - last) / 1e9));
      samples.add(now);
      last = at;
    }
  }

  private final class Console implements CharBackend {
    private final StringBuilder line = new StringBuilder();

    @Override
    public synchronized void transmit(byte value) {
      if (value != '\n') {
        line.append((char) (value & 0xff));
        return;
      }
      String words = line.toString();
      line.setLength(0);
      if (words.equals("tick")) {
        ticks.incrementAndGet();
      } else if (!words.startsWith("test ")) {
        lastWords = words;
      }
    }

    @Override
    public void connect(Receiver receiver) {}
  }
}
