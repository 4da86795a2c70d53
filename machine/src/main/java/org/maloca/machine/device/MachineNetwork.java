package org.maloca.machine.device;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.maloca.core.time.VirtualClock;
import org.maloca.machine.config.NetCable;
import org.maloca.net.NetworkConfig;
import org.maloca.net.UserNetwork;
import org.maloca.net.egress.EgressPolicy;
import org.maloca.net.ethernet.SwitchPort;
import org.maloca.net.stream.StreamEndpoint;
import org.maloca.net.stream.StreamHub;

/**
 * A user-mode network and what its gateway does for machines; it ends with the last card that is on
 * it. Thread-safe.
 */
final class MachineNetwork {
  private final NetCable.UserMode config;
  private final UserNetwork network;
  private final NetworkServices services;
  private final Runnable whenEnded;
  private final List<StreamHub> hubs = new CopyOnWriteArrayList<>();
  private int cards;

  /**
   * Starts a network without cards.
   *
   * @param id for threads
   * @param whenEnded is run once the last card has gone
   */
  MachineNetwork(NetCable.UserMode config, String id, VirtualClock clock, Runnable whenEnded)
      throws IOException {
    this.config = config;
    this.whenEnded = whenEnded;
    NetworkConfig layout = NetworkConfig.defaults(config.mode());
    network = new UserNetwork(id, config.isLoopbackOpen() ? layout.withLoopbackOpen() : layout);
    services = new NetworkServices(network, clock);
  }

  /** Whether a card with these wishes can be on it. */
  boolean suits(NetCable.UserMode other) {
    return config.mode() == other.mode() && config.isLoopbackOpen() == other.isLoopbackOpen();
  }

  /** What its gateway does. */
  NetworkServices services() {
    return services;
  }

  UserNetwork network() {
    return network;
  }

  /**
   * Adds a port for a card, whose machine is known to the others by name and has an address of its
   * own from the start.
   *
   * @param mac of the card
   * @param policy for what the machine may reach
   */
  synchronized SwitchPort attach(String machineName, long mac, EgressPolicy policy) {
    SwitchPort port = network.addPort();
    services.admit(port.number(), machineName, mac, policy);
    cards++;
    return port;
  }

  /** Sets the rules of a card that is on it. */
  void setPolicy(SwitchPort port, EgressPolicy policy) {
    services.setPolicy(port.number(), policy);
  }

  /**
   * Lets others join by stream sockets, under the rules of the machine that asks for it, for as
   * long as the network is there.
   */
  synchronized void listen(StreamEndpoint endpoint, String id, EgressPolicy policy) {
    hubs.add(
        new StreamHub(
            endpoint,
            () -> {
              SwitchPort port = network.addPort();
              services.admitPeer(port.number(), policy);
              return port;
            },
            id));
  }

  /** A card has gone, and its port with it. */
  void detach() {
    synchronized (this) {
      if (--cards > 0) {
        return;
      }
    }
    whenEnded.run();
    hubs.forEach(StreamHub::close);
    services.close();
    network.close();
  }
}
