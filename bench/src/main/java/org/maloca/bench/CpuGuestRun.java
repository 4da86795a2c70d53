package org.maloca.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.CharBackend;
import org.maloca.machine.board.AcceleratorFactory;
import org.maloca.machine.board.Accelerators;
import org.maloca.machine.boot.BootException;
import org.maloca.machine.config.BootConfig;
import org.maloca.machine.config.DeviceConfig;
import org.maloca.machine.config.MachineConfig;
import org.maloca.machine.lifecycle.Vm;

/**
 * Runs one bare guest in a JVM of its own, so that no other guest has shaped the compiled code.
 * Prints each line of the guest with the time and the instructions executed so far.
 */
public final class CpuGuestRun implements CharBackend {
  private static final long MEMORY_BYTES = 512L << 20;

  private final StringBuilder line = new StringBuilder();
  private volatile @Nullable Vm vm;

  private CpuGuestRun() {}

  /** Takes the image and the engine. */
  public static void main(String[] arguments)
      throws BootException, IOException, InterruptedException {
    BootConfig boot = new BootConfig(Path.of(arguments[0]), List.of(), "");
    DeviceConfig exit = new DeviceConfig.DebugExit(DeviceConfig.DebugExit.DEFAULT_PORT);
    MachineConfig config = new MachineConfig("bench", MEMORY_BYTES, 1, boot, List.of(exit), false);
    AcceleratorFactory engine =
        arguments[1].equals("translator") ? Accelerators.translator() : Accelerators.interpreter();
    CpuGuestRun console = new CpuGuestRun();
    try (Vm machine = Vm.create(config, engine, console)) {
      console.vm = machine;
      machine.start();
      System.out.println("end " + machine.await());
    }
  }

  @Override
  public void connect(Receiver receiver) {}

  @Override
  public void transmit(byte value) {
    Vm machine = vm;
    if (value == '\n' && machine != null) {
      System.out.printf("%s %d %d%n", line, System.nanoTime(), machine.instructionsExecuted());
      line.setLength(0);
    } else {
      line.append((char) (value & 0xff));
    }
  }
}
