package org.maloca.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
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
      return Optional.of(add(adapter, request.substring(ADD.length())));
    }
    if (request.startsWith(REMOVE)) {
      return Optional.of(remove(adapter, request.substring(REMOVE.length())));
    }
    if (!request.equals(LIST)) {
      throw ControlService.unknownRequest();
    }
    return Optional.of(
        adapter.forwards().stream()
            .map(UserNetwork.Forwarding::toString)
            .collect(Collectors.joining("\n")));
  }

  private static String add(NetworkAdapter adapter, String text) throws IOException {
    try {
      return adapter.addForwards(PortForward.parse(text)).stream()
          .map(UserNetwork.Forwarding::toString)
          .collect(Collectors.joining("\n"));
    } catch (IOException refused) {
      throw new IOException("-p %s: %s".formatted(text, refused.getMessage()), refused);
    }
  }

  private static String remove(NetworkAdapter adapter, String text) throws IOException {
    List<UserNetwork.Forwarding> found = new ArrayList<>();
    for (PortForward which : removed(text)) {
      found.add(find(adapter.forwards(), which, hasAddress(text), text));
    }
    found.forEach(each -> adapter.removeForward(each.number()));
    return found.stream().map("%s no more"::formatted).collect(Collectors.joining("\n"));
  }

  /**
   * What a text for {@link #REMOVE} means.
   *
   * @throws IllegalArgumentException with a message for people
   */
  static List<PortForward> removed(String text) {
    String place = text.replaceFirst("/.*$", "");
    // What it led to does not matter.
    String ports = place.substring(place.lastIndexOf(':') + 1);
    return PortForward.parse(place + ":" + ports + text.substring(place.length()));
  }

  private static boolean hasAddress(String text) {
    return text.contains(":");
  }

  private static UserNetwork.Forwarding find(
      List<UserNetwork.Forwarding> all, PortForward which, boolean hasAddress, String text)
      throws IOException {
    List<UserNetwork.Forwarding> onPort =
        all.stream()
            .filter(each ->
                each.isUdp() == which.isUdp() && each.address().getPort() == which.hostPort())
            .toList();
    List<UserNetwork.Forwarding> exact =
        onPort.stream().filter(each -> isAt(each.address(), which)).toList();
    if (!exact.isEmpty()) {
      return exact.getFirst();
    }
    if (hasAddress || onPort.isEmpty()) {
      throw new IOException("no port '%s' leads to the machine".formatted(text));
    }
    if (onPort.size() > 1) {
      String each =
          onPort.stream().map(UserNetwork.Forwarding::toString).collect(Collectors.joining(", "));
      throw new IOException("which port '%s'? %s".formatted(text, each));
    }
    return onPort.getFirst();
  }

  /** The host may say "any address" in another IP version than it was asked for. */
  private static boolean isAt(InetSocketAddress address, PortForward which) {
    boolean isAny =
        address.getAddress().isAnyLocalAddress() && which.hostAddress().isAnyLocalAddress();
    return isAny || address.getAddress().equals(which.hostAddress());
  }
}
