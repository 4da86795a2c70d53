package org.maloca.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.maloca.cli.console.HostConsole;
import org.maloca.core.cpu.EngineStatistics;
import org.maloca.machine.lifecycle.Vm;
import org.maloca.machine.lifecycle.VmExit;
import org.maloca.machine.lifecycle.VmListener;

/** One machine and its console, from start to end. */
final class RunSession implements VmListener, HostConsole.Events {
  private static final long RETRY_MILLIS = 1000;

  private final Vm vm;
  private final RunPause pause;
  private final OrderlyEnd end;
  private final HostConsole console;
  private final Consumer<String> notes;
  private final boolean mustComeUp;
  private volatile boolean isOutputLost;
  private volatile boolean failedToComeUp;
  private volatile @Nullable VmExit exit;
  private final AtomicInteger hostFailures = new AtomicInteger();
  private volatile String lastHostFailure = "";
  private long startedAtMillis;
  private long runNanos;
  private long instructions;
  private final Supplier<List<EngineStatistics.Group>> deviceStatistics;
  private EngineStatistics statistics = EngineStatistics.NONE;

  /**
   * Prepares.
   *
   * @param pause whether somebody wants it to stand still
   * @param deviceStatistics what devices did so far; asked at any time, on any thread
   * @param notes hears what people should know
   * @param mustComeUp whether a guest that is reset before it says that it takes input is given up,
   *     because nobody watches it fail again and again
   */
  RunSession(
      Vm vm,
      RunPause pause,
      OrderlyEnd end,
      HostConsole console,
      Supplier<List<EngineStatistics.Group>> deviceStatistics,
      Consumer<String> notes,
      boolean mustComeUp) {
    this.vm = vm;
    this.pause = pause;
    this.end = end;
    this.console = console;
    this.deviceStatistics = deviceStatistics;
    this.notes = notes;
    this.mustComeUp = mustComeUp;
  }

  /**
   * Runs the machine to its end.
   *
   * @param started what to do first once the guest runs
   */
  void run(Runnable started) {
    vm.addListener(this);
    console.start(this);
    long startNanos = System.nanoTime();
    startedAtMillis = System.currentTimeMillis();
    vm.start();
    started.run();
    try {
      exit = vm.await();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      vm.powerOff();
    }
    runNanos = System.nanoTime() - startNanos;
    instructions = vm.instructionsExecuted();
    statistics = statisticsNow();
  }

  VmExit exit() {
    VmExit how = exit;
    return how != null ? how : new VmExit(VmExit.Reason.USER, 0, "");
  }

  boolean isOutputLost() {
    return isOutputLost;
  }

  boolean failedToComeUp() {
    return failedToComeUp;
  }

  private EngineStatistics statisticsNow() {
    List<EngineStatistics.Group> groups = new ArrayList<>(vm.statistics().groups());
    groups.addAll(deviceStatistics.get());
    return new EngineStatistics(groups);
  }

  /** What the CPU engine and devices had done when the machine ended. */
  EngineStatistics finalStatistics() {
    return statistics;
  }

  void printStats(PrintStream out) {
    // Asked only now: the management classes take their time to load.
    long jvmStartMillis = ManagementFactory.getRuntimeMXBean().getStartTime();
    double seconds = runNanos / (double) TimeUnit.SECONDS.toNanos(1);
    out.println(
        String.format(
            Locale.ROOT,
            "maloca: %s; %d ms from JVM start to guest start; %.2f s, %.1f M instructions,"
                + " %.1f MIPS",
            vm.kernelDescription(),
            startedAtMillis - jvmStartMillis,
            seconds,
            instructions / 1e6,
            instructions / 1e6 / Math.max(seconds, 1e-9)));
    StatisticsTable.lines(statistics).forEach(out::println);
  }

  @Override
  public void guestReset(boolean byTripleFault) {
    if (mustComeUp && !console.isGuestReady()) {
      failedToComeUp = true;
      powerOffSoon();
    }
    console.guestReset();
  }

  /** Says once what is wrong, and tries again until it goes. */
  @Override
  public void hostFailed(String deviceId, IOException cause) {
    String words = "%s: %s".formatted(deviceId, cause.getMessage());
    if (!words.equals(lastHostFailure)) {
      lastHostFailure = words;
      System.err.println("\rmaloca: " + words + "\r");
      System.err.println("\rmaloca: the machine is paused, and goes on when that is put right\r");
    }
    int failure = hostFailures.incrementAndGet();
    startDaemon(() -> {
      try {
        Thread.sleep(RETRY_MILLIS);
        if (!pause.retry()) {
          return;
        }
        Thread.sleep(RETRY_MILLIS);
      } catch (InterruptedException ending) {
        return;
      }
      if (hostFailures.get() == failure) {
        wentOn();
      }
    });
  }

  /** What failed is done now; when it happens again, it is news again. */
  private void wentOn() {
    lastHostFailure = "";
    System.err.println("\rmaloca: the machine goes on\r");
  }

  @Override
  public void leave() {
    powerOffSoon();
  }

  @Override
  public void hungUp() {
    startDaemon(end::shutDown);
  }

  @Override
  public void reset() {
    startDaemon(vm::reset);
  }

  @Override
  public void pressPowerButton() {
    startDaemon(() -> {
      if (!end.pressPowerButton()) {
        notes.accept("the guest does not listen to its power button");
      }
    });
  }

  @Override
  public List<String> statistics() {
    return StatisticsTable.lines(statisticsNow());
  }

  @Override
  public void outputLost() {
    isOutputLost = true;
    powerOffSoon();
  }

  /** Neither the machine's nor the console's threads may wait for the machine. */
  private void powerOffSoon() {
    startDaemon(vm::powerOff);
  }

  private static void startDaemon(Runnable body) {
    Thread thread = new Thread(body, "maloca-session");
    thread.setDaemon(true);
    thread.start();
  }
}
