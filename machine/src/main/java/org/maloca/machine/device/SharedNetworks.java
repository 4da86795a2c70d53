package org.maloca.machine.device;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.maloca.core.time.VirtualClock;
import org.maloca.machine.config.ConfigException;
import org.maloca.machine.config.NetCable;

/**
 * The user-mode networks of a process that cards join by name: those of one machine, or of all
 * machines whose {@link NetworkPlug}s were given the same object. Thread-safe.
 */
public final class SharedNetworks {
  private final Map<String, MachineNetwork> byName = new HashMap<>();

  /**
   * Finds the network that a card asks for, or starts it.
   *
   * @param id for threads
   * @throws ConfigException if it exists and is of another kind
   */
  MachineNetwork join(NetCable.UserMode config, String id, VirtualClock clock) throws IOException {
    String name = config.network();
    if (name == null) {
      return new MachineNetwork(config, id, clock, () -> {});
    }
    synchronized (byName) {
      MachineNetwork known = byName.get(name);
      if (known == null) {
        known = new MachineNetwork(config, name, clock, () -> forget(name));
        byName.put(name, known);
      } else if (!known.suits(config)) {
        throw new ConfigException(
            "--net: network=%s is already there, with another mode or loopback".formatted(name));
      }
      return known;
    }
  }

  private void forget(String name) {
    synchronized (byName) {
      byName.remove(name);
    }
  }
}
