package org.maloca.machine.device;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.maloca.core.cpu.EngineStatistics.Counter;
import org.maloca.core.cpu.EngineStatistics.Group;
import org.maloca.core.cpu.EngineStatistics.Unit;
import org.maloca.devices.virtio.net.NetCounters;
import org.maloca.devices.virtio.net.VirtioNet;
import org.maloca.net.FlowStatistics;
import org.maloca.net.UserNetwork;
import org.maloca.net.egress.EgressPolicy;
import org.maloca.net.ethernet.SwitchPort;
import org.maloca.net.host.PortForward;

/**
 * A network card that is plugged in, for whoever runs the machine: what passed, and forwards while
 * it runs. Safe for any thread.
 */
public final class NetworkAdapter {
  private static final int SHOWN_FLOWS = 10;

  private final VirtioNet card;
  private final @Nullable UserNetwork network;
  private final @Nullable SwitchPort port;
  private final Consumer<EgressPolicy> egress;
  private volatile @Nullable List<FlowStatistics> lastFlows;

  NetworkAdapter(
      VirtioNet card,
      @Nullable UserNetwork network,
      @Nullable SwitchPort port,
      Consumer<EgressPolicy> egress) {
    this.card = card;
    this.network = network;
    this.port = port;
    this.egress = egress;
  }

  /** The card's id in its machine. */
  public String id() {
    return card.id();
  }

  /** What passed through the card, as the guest sees directions. */
  public NetCounters.Snapshot counters() {
    return card.counters().snapshot();
  }

  /** The user-mode network that it is on, if its cable leads to one. */
  public Optional<UserNetwork> network() {
    return Optional.ofNullable(network);
  }

  /**
   * The machine's conversations with the outside, the busiest first; those of its end once the
   * machine is closed. Empty where the cable does not lead to a user-mode network.
   */
  public List<FlowStatistics> flows() {
    List<FlowStatistics> last = lastFlows;
    if (last != null) {
      return last;
    }
    if (network == null || port == null) {
      return List.of();
    }
    return network.flows(port).stream()
        .sorted(Comparator.comparingLong(FlowStatistics::bytes).reversed())
        .toList();
  }

  /** The network is about to be left. */
  void keepFlows() {
    lastFlows = flows();
  }

  /**
   * Lets ports of the host lead to the machine from now on: all of them, or none.
   *
   * @return numbers for {@link #removeForward}, and the addresses that the host listens on
   * @throws IOException if the host cannot listen there, or the cable leads to no such network
   */
  public List<UserNetwork.Forwarding> addForwards(List<PortForward> forwards) throws IOException {
    if (network == null || port == null) {
      throw new IOException("port forwards need a user-mode network");
    }
    return network.addForwards(port, forwards);
  }

  /** Ends a forward: no new connections come; those that are there stay. */
  public void removeForward(int number) {
    if (network != null) {
      network.removeForward(number);
    }
  }

  /** The forwards that lead to the machine now. */
  public List<UserNetwork.Forwarding> forwards() {
    return network == null || port == null ? List.of() : network.forwards(port);
  }

  /**
   * Sets the rules for what the machine may reach from now on; flows that exist stay. Without
   * effect where the cable does not lead to a user-mode network.
   */
  public void setEgressPolicy(EgressPolicy policy) {
    egress.accept(policy);
  }

  /** The figures in groups, for people and programs. */
  public List<Group> statistics() {
    NetCounters.Snapshot counts = counters();
    List<Group> groups = new ArrayList<>();
    groups.add(
        new Group(
            "network-" + id(),
            "network card " + id(),
            false,
            List.of(
                new Counter("sent-frames", "frames sent", Unit.COUNT, counts.sentFrames()),
                new Counter("sent-bytes", "bytes sent", Unit.BYTES, counts.sentBytes()),
                new Counter("send-drops", "frames not sent", Unit.COUNT, counts.sendDrops()),
                new Counter(
                    "received-frames", "frames received", Unit.COUNT, counts.receivedFrames()),
                new Counter("received-bytes", "bytes received", Unit.BYTES, counts.receivedBytes()),
                new Counter(
                    "receive-drops", "frames not taken", Unit.COUNT, counts.receiveDrops()))));
    List<FlowStatistics> flows = flows();
    if (!flows.isEmpty()) {
      groups.add(flowGroup(flows));
    }
    return groups;
  }

  private Group flowGroup(List<FlowStatistics> flows) {
    List<Counter> counters = new ArrayList<>();
    counters.add(new Counter("open", "open", Unit.COUNT, flows.size()));
    for (FlowStatistics flow : flows.subList(0, Math.min(SHOWN_FLOWS, flows.size()))) {
      String name = flow.toString();
      counters.add(new Counter(name + "-sent", name + ", sent", Unit.BYTES, flow.bytesFromGuest()));
      counters.add(
          new Counter(name + "-received", name + ", received", Unit.BYTES, flow.bytesToGuest()));
    }
    return new Group("flows-" + id(), "flows of " + id(), false, counters);
  }
}
