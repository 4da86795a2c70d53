package org.maloca.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.maloca.cli.control.ControlService;
import org.maloca.machine.device.NetworkAdapter;
import org.maloca.net.UserNetwork;
import org.maloca.net.host.PortForward;

/** The port forwards of a running machine, as others ask for them by {@code maloca port}. */
final class PortForwards implements ControlService {
  /** With which requests begin. */
  static final String WORD = "port";

  static final String LIST = "list";
  static final String ADD = "add ";
  static final String REMOVE = "remove ";

  private final Supplier<Optional<NetworkAdapter>> card;

  /** Has those of a card, which may not be plugged in yet. */
  PortForwards(Supplier<Optional<NetworkAdapter>> card) {
    this.card = card;
  }

  @Override
  public Optional<String> answer(String request) throws IOException {
    NetworkAdapter adapter =
        card.get().orElseThrow(() -> new IOException("the machine is not ready yet"));
    if (request.startsWith(ADD)) {
      PortForward wanted = PortForward.parse(request.substring(ADD.length()));
      return Optional.of(adapter.addForward(wanted).toString());
    }
    if (request.startsWith(REMOVE)) {
      return Optional.of(remove(adapter, request.substring(REMOVE.length())));
    }
    if (!request.equals(LIST)) {
      throw new IOException("the machine's version of Maloca is another one");
    }
    return Optional.of(
        adapter.forwards().stream()
            .map(UserNetwork.Forwarding::toString)
            .collect(Collectors.joining("\n")));
  }

  private static String remove(NetworkAdapter adapter, String text) throws IOException {
    // What it led to does not matter.
    PortForward which = PortForward.parse(text.replaceFirst("(/.*)?$", ":1$1"));
    List<UserNetwork.Forwarding> found =
        adapter.forwards().stream()
            .filter(each -> each.isUdp() == which.isUdp() && isAt(each.address(), which))
            .toList();
    if (found.isEmpty()) {
      throw new IOException("no port '%s' leads to the machine".formatted(text));
    }
    adapter.removeForward(found.getFirst().number());
    return "%s no more".formatted(found.getFirst());
  }

  /** The host may say "any address" in another IP version than it was asked for. */
  private static boolean isAt(InetSocketAddress address, PortForward which) {
    boolean isAny =
        address.getAddress().isAnyLocalAddress() && which.hostAddress().isAnyLocalAddress();
    return address.getPort() == which.hostPort()
        && (isAny || address.getAddress().equals(which.hostAddress()));
  }
}
