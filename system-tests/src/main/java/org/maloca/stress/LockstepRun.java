package org.maloca.stress;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.maloca.core.backend.CharBackend;
import org.maloca.machine.board.AcceleratorFactory;
import org.maloca.machine.board.Accelerators;
import org.maloca.machine.boot.BootException;
import org.maloca.machine.config.BootConfig;
import org.maloca.machine.config.DeviceConfig;
import org.maloca.machine.config.MachineConfig;
import org.maloca.machine.lifecycle.Vm;
import org.maloca.machine.lifecycle.VmExit;
import org.maloca.x86.lockstep.LockstepAccelerator;

/** Runs one machine whose translated code the interpreter checks, and tells how it went. */
final class LockstepRun {
  private static final long MEMORY_BYTES = 256L << 20;

  private final PrintStream out;
  private final boolean showsConsole;

  /**
   * @param out takes the report
   * @param showsConsole whether what the guest writes to its serial port goes there, too
   */
  LockstepRun(PrintStream out, boolean showsConsole) {
    this.out = out;
    this.showsConsole = showsConsole;
  }

  /** Returns whether the guest came to its end and the engines agreed all the way. */
  boolean run(String name, BootConfig boot)
      throws BootException, IOException, InterruptedException {
    var exitPort = new DeviceConfig.DebugExit(DeviceConfig.DebugExit.DEFAULT_PORT);
    var config = new MachineConfig("lockstep", MEMORY_BYTES, 1, boot, List.of(exitPort), false);
    var accelerator = new AtomicReference<LockstepAccelerator>();
    AcceleratorFactory engines =
        (cpus, ramPages, clock) -> {
          var made = Accelerators.lockstep().create(cpus, ramPages, clock);
          accelerator.set((LockstepAccelerator) made);
          return made;
        };
    long began = System.nanoTime();
    VmExit exit;
    long instructions;
    try (Vm vm = Vm.create(config, engines, new Console())) {
      vm.start();
      exit = vm.await();
      instructions = vm.instructionsExecuted();
    }
    String divergence = Objects.requireNonNull(accelerator.get()).divergence();
    boolean agreed = divergence == null && exit.reason() != VmExit.Reason.CRASH;
    out.printf(
        Locale.ROOT,
        "%s %s: %s %d, %.1f s, %.0f M instructions; %d times regions ran, %d stores%n",
        agreed ? "ok" : "FAIL",
        name,
        exit.reason(),
        exit.code(),
        (System.nanoTime() - began) / 1e9,
        instructions / 1e6,
        compared(accelerator.get(), "region-runs"),
        compared(accelerator.get(), "stores"));
    if (divergence != null) {
      out.println(divergence);
    }
    return agreed;
  }

  private static long compared(LockstepAccelerator accelerator, String what) {
    return accelerator.statistics().value("lockstep", what).orElse(0);
  }

  /** Runs a guest of {@code guests/bench}. */
  boolean runBare(String title, Path folder)
      throws BootException, IOException, InterruptedException {
    Path image = folder.resolve(title + ".elf");
    BareGuest.assemble("bench/" + title + ".asm", Map.of("ROUNDS", 1), image);
    return run(title, new BootConfig(image, List.of(), ""));
  }

  private final class Console implements CharBackend {
    @Override
    public void transmit(byte value) {
      if (showsConsole) {
        out.write(value);
        out.flush();
      }
    }

    @Override
    public void connect(Receiver receiver) {}
  }
}
