package org.maloca.stress;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.maloca.core.backend.CharBackend;
import org.maloca.machine.board.AcceleratorFactory;
import org.maloca.machine.board.BoardBackends;
import org.maloca.machine.boot.BootException;
import org.maloca.machine.config.BootConfig;
import org.maloca.machine.config.DeviceConfig;
import org.maloca.machine.config.MachineConfig;
import org.maloca.machine.lifecycle.Vm;
import org.maloca.machine.lifecycle.VmExit;

/**
 * Runs a guest in assembly to its end on the whole PC, and keeps what it wrote to the debug
 * console.
 *
 * @param lines the debug console's lines
 * @param exit how the machine ended; {@link VmExit.Reason#USER} when it had not ended in time
 * @param instructions guest instructions of all CPUs
 * @param nanos how long it ran
 */
public record BareGuestRun(List<String> lines, VmExit exit, long instructions, long nanos) {
  /** {@link VmExit#code} of a guest that wrote 0 to the debug-exit port. */
  public static final int EXIT_OF_ZERO = 1;

  /**
   * Runs.
   *
   * @param image a PVH or multiboot image
   * @param timeoutSeconds after which the machine is ended from outside
   */
  public static BareGuestRun of(
      Path image, int cpus, long memoryBytes, AcceleratorFactory engine, long timeoutSeconds)
      throws BootException, IOException, InterruptedException {
    var exit = new DeviceConfig.DebugExit(DeviceConfig.DebugExit.DEFAULT_PORT);
    var boot = new BootConfig(image, List.of(), "");
    var config = new MachineConfig("stress", memoryBytes, cpus, boot, List.of(exit), false);
    var console = new Console();
    try (Vm vm =
            Vm.create(config, engine, new BoardBackends(new Console(), null, console, List.of()));
        ScheduledExecutorService watchdog = Executors.newSingleThreadScheduledExecutor()) {
      watchdog.schedule(vm::powerOff, timeoutSeconds, TimeUnit.SECONDS);
      long began = System.nanoTime();
      vm.start();
      VmExit ending = vm.await();
      long nanos = System.nanoTime() - began;
      watchdog.shutdownNow();
      return new BareGuestRun(console.lines(), ending, vm.instructionsExecuted(), nanos);
    }
  }

  /** Whether the guest got to its end and found nothing wrong. */
  public boolean passed() {
    return exit.reason() == VmExit.Reason.DEBUG_EXIT
        && exit.code() == EXIT_OF_ZERO
        && lines.contains("done")
        && lines.stream().noneMatch(line -> line.startsWith("FAIL"));
  }

  private static final class Console implements CharBackend {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override
    public synchronized void transmit(byte value) {
      bytes.write(value);
    }

    @Override
    public void connect(Receiver receiver) {}

    synchronized List<String> lines() {
      return bytes.toString(StandardCharsets.ISO_8859_1).lines().toList();
    }
  }
}
