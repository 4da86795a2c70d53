package org.maloca.net.dns;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The resolvers in {@code /etc/resolv.conf} (resolv.conf(5)). The file is read again whenever it
 * has changed, as it does when a VPN comes up. Thread-safe.
 */
final class ResolvConf implements HostResolvers {
  private static final int PORT = 53;
  private static final int MAX_SERVERS = 3;
  private static final int MAX_FILE_BYTES = 1 << 16;

  /** What a file was when it was read: a replaced one has another key. */
  private record Version(@Nullable Object key, long modifiedMillis, long size) {}

  private final Path file;
  private @Nullable Version version;
  private List<InetSocketAddress> servers = List.of();

  ResolvConf(Path file) {
    this.file = file;
  }

  @Override
  public synchronized List<InetSocketAddress> servers() {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      Version current =
          new Version(
              attributes.fileKey(), attributes.lastModifiedTime().toMillis(), attributes.size());
      if (!current.equals(version)) {
        servers = parse(read());
        version = current;
      }
    } catch (IOException gone) {
      // While somebody replaces the file, the old one holds.
      version = null;
    }
    return servers;
  }

  private String read() throws IOException {
    try (var stream = Files.newInputStream(file)) {
      return new String(stream.readNBytes(MAX_FILE_BYTES), StandardCharsets.ISO_8859_1);
    }
  }

  /** The servers that a file names; lines that say nothing sensible are skipped. */
  static List<InetSocketAddress> parse(String text) {
    List<InetSocketAddress> servers = new ArrayList<>();
    for (String line : text.lines().toList()) {
      String[] words = line.strip().split("\\s+");
      if (words.length < 2 || !words[0].equals("nameserver") || servers.size() == MAX_SERVERS) {
        continue;
      }
      InetAddress address = literal(words[1]);
      if (address != null) {
        servers.add(new InetSocketAddress(address, PORT));
      }
    }
    return List.copyOf(servers);
  }

  /** An address that is written as one; a name is not looked up. */
  static @Nullable InetAddress literal(String text) {
    try {
      return InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException notAnAddress) {
      return null;
    }
  }
}
