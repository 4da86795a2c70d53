package org.maloca.net.dns;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Names and addresses of the machines on a network: {@code NAME} and {@code NAME.maloca}. Who puts
 * names in is the network's owner, who sees to it that no machine takes another's. Thread-safe.
 */
public final class LocalNames {
  /** The domain of all machines. */
  public static final String DOMAIN = "maloca";

  private static final int MAX_ADDRESSES = 16;
  private static final String IN_ADDR_ARPA = ".in-addr.arpa";
  private static final String IP6_ARPA = ".ip6.arpa";

  private final Map<String, List<InetAddress>> addresses = new ConcurrentHashMap<>();
  private final Map<InetAddress, String> names = new ConcurrentHashMap<>();

  /**
   * Adds an address of a name; the oldest gives way when there are very many.
   *
   * @throws IllegalArgumentException if the name is not one label
   */
  public synchronized void add(String name, InetAddress address) {
    String label = NameSyntax.canonical(name);
    if (!NameSyntax.isValid(label) || label.contains(".")) {
      throw new IllegalArgumentException("'" + name + "' is not a machine's name");
    }
    remove(address);
    List<InetAddress> list = new ArrayList<>(addresses.getOrDefault(label, List.of()));
    list.add(address);
    if (list.size() > MAX_ADDRESSES) {
      names.remove(list.removeFirst());
    }
    addresses.put(label, List.copyOf(list));
    names.put(address, label);
  }

  /** Takes an address out. */
  public synchronized void remove(InetAddress address) {
    String name = names.remove(address);
    if (name == null) {
      return;
    }
    List<InetAddress> left =
        addresses.getOrDefault(name, List.of()).stream().filter(a -> !a.equals(address)).toList();
    if (left.isEmpty()) {
      addresses.remove(name);
    } else {
      addresses.put(name, left);
    }
  }

  /** The addresses of a name as it is asked for; null if it is not of this network. */
  public @Nullable List<InetAddress> lookUp(String name) {
    List<InetAddress> known = addresses.get(label(name));
    if (known != null) {
      return known;
    }
    return isOurs(name) ? List.of() : null;
  }

  /** Whether the name is in our domain, where nobody else has anything to say. */
  boolean isOurs(String name) {
    return name.equals(DOMAIN) || name.endsWith("." + DOMAIN);
  }

  boolean isKnown(String name) {
    return name.equals(DOMAIN) || addresses.containsKey(label(name));
  }

  /** The full name of an address that is asked for by its reverse name; null if not of ours. */
  @Nullable String reverse(String reverseName) {
    byte[] bytes = address(reverseName);
    if (bytes == null) {
      return null;
    }
    try {
      String label = names.get(InetAddress.getByAddress(bytes));
      return label == null ? null : label + "." + DOMAIN;
    } catch (java.net.UnknownHostException wrongLength) {
      throw new IllegalStateException(wrongLength);
    }
  }

  private static String label(String name) {
    String suffix = "." + DOMAIN;
    return name.endsWith(suffix) ? name.substring(0, name.length() - suffix.length()) : name;
  }

  /** The address of {@code 4.3.2.1.in-addr.arpa} and of its like for IPv6 (RFC 3596, 2.5). */
  static byte @Nullable [] address(String name) {
    if (name.endsWith(IN_ADDR_ARPA)) {
      return digits(name.substring(0, name.length() - IN_ADDR_ARPA.length()), 4, 10, 255);
    }
    if (!name.endsWith(IP6_ARPA)) {
      return null;
    }
    byte[] nibbles = digits(name.substring(0, name.length() - IP6_ARPA.length()), 32, 16, 15);
    if (nibbles == null) {
      return null;
    }
    byte[] bytes = new byte[16];
    for (int i = 0; i < 16; i++) {
      bytes[i] = (byte) (nibbles[2 * i] << 4 | nibbles[2 * i + 1]);
    }
    return bytes;
  }

  /** Numbers between dots, the last one first. */
  private static byte @Nullable [] digits(String text, int count, int radix, int largest) {
    String[] parts = text.split("\\.", -1);
    if (parts.length != count) {
      return null;
    }
    byte[] values = new byte[count];
    for (int i = 0; i < count; i++) {
      int value = parts[i].length() > 3 ? -1 : number(parts[i], radix);
      if (value < 0 || value > largest) {
        return null;
      }
      values[count - 1 - i] = (byte) value;
    }
    return values;
  }

  private static int number(String text, int radix) {
    int value = text.isEmpty() ? -1 : 0;
    for (int i = 0; i < text.length() && value >= 0; i++) {
      int digit = Character.digit(text.charAt(i), radix);
      value = digit < 0 ? -1 : value * radix + digit;
    }
    return value;
  }
}
