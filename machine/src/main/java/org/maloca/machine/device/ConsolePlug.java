package org.maloca.machine.device;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.maloca.devices.virtio.VirtioPci;
import org.maloca.devices.virtio.console.VirtioConsole;
import org.maloca.machine.board.DevicePlug;
import org.maloca.machine.board.DeviceSite;

/** A virtio console with one port or more. */
public final class ConsolePlug implements DevicePlug {
  private final List<VirtioConsole.PortOptions> ports;
  private final AtomicReference<VirtioConsole> device = new AtomicReference<>();

  /** Will make a console; the ports' backends are closed with the machine. */
  public ConsolePlug(List<VirtioConsole.PortOptions> ports) {
    this.ports = List.copyOf(ports);
  }

  @Override
  public void plugInto(DeviceSite site) {
    VirtioConsole console = new VirtioConsole(site.newId("console"), site.memory(), ports, false);
    site.addVirtio(console, VirtioPci.Identity.CONSOLE);
    device.set(console);
  }

  /** Tells the guest of the size of the terminal behind a port. Any thread. */
  public void resize(int port, int columns, int rows) {
    VirtioConsole console = device.get();
    if (console != null) {
      console.resize(port, columns, rows);
    }
  }
}
