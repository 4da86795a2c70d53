package org.maloca.guests;

import java.io.IOException;
import java.util.List;
import org.maloca.machine.board.AcceleratorFactory;
import org.maloca.machine.board.Accelerators;
import org.maloca.machine.board.BoardBackends;
import org.maloca.machine.board.DevicePlug;
import org.maloca.machine.boot.BootException;
import org.maloca.machine.config.MachineConfig;
import org.maloca.machine.lifecycle.Vm;
import org.maloca.machine.lifecycle.VmExit;
import org.maloca.machine.lifecycle.VmListener;
import org.maloca.machine.lifecycle.VmState;

/**
 * A machine under test and its serial console, for one test thread.
 *
 * <p>{@link #run} needs a guest whose {@code /init} is {@code shell-init}: it prints {@link
 * #READY}, and then does as {@link SerialLine#run} has it.
 */
final class GuestConsole implements AutoCloseable {
  static final String READY = "@@ready@@";

  /** Has the kernel's modules loaded for all devices that it has found. */
  static final String LOAD_DRIVERS =
      "echo /bin/modprobe > /proc/sys/kernel/modprobe; for i in 1 2; do"
          + " cat /sys/bus/*/devices/*/modalias | sort -u | xargs -n1 modprobe -a -q 2>/dev/null;"
          + " done; true";

  private final Vm vm;
  private final SerialLine line;

  private GuestConsole(Vm vm, SerialLine line) {
    this.vm = vm;
    this.line = line;
  }

  /** Makes a machine and starts it. */
  static GuestConsole boot(MachineConfig config) throws BootException, IOException {
    return boot(config, Accelerators.interpreter(), List.of());
  }

  /** Makes a machine with further devices and starts it. */
  static GuestConsole boot(
      MachineConfig config, AcceleratorFactory engine, List<DevicePlug> devices)
      throws BootException, IOException {
    SerialLine line = new SerialLine();
    Vm vm = Vm.create(config, engine, new BoardBackends(line, null, null, devices));
    vm.addListener(
        new VmListener() {
          @Override
          public void stateChanged(VmState state) {
            if (state.isFinal()) {
              line.hangUp();
            }
          }
        });
    vm.start();
    return new GuestConsole(vm, line);
  }

  /** Waits for a text after what was waited for last; answers what came before it. */
  String await(String text) {
    return line.await(text);
  }

  /** Types a line. */
  void send(String text) {
    line.send(text);
  }

  /** Types a shell command; answers what it prints, without white space at either end. */
  String run(String command) {
    return line.run(command);
  }

  /** Loads the drivers of all devices that the kernel has found. */
  void loadDrivers() {
    line.run(LOAD_DRIVERS);
  }

  Vm vm() {
    return vm;
  }

  /** Waits until the machine has ended of itself. */
  VmExit awaitEnd() throws InterruptedException {
    line.awaitHangUp();
    return vm.await();
  }

  @Override
  public void close() {
    vm.close();
  }
}
