package org.maloca.guests;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * A host of a test's own, as far as networks go, without privileges (namespaces(7)): two cables
 * lead to an outside, which is another namespace with an address behind both of them. Tests are
 * skipped where the system forbids that.
 */
final class HostNamespace implements AutoCloseable {
  /** The host's address on each cable, and the outside's. */
  static final String HOST = "192.0.2.1";

  static final String ROUTER = "192.0.2.2";
  static final String OTHER_HOST = "203.0.113.1";
  static final String OTHER_ROUTER = "203.0.113.2";

  /** Behind the cables. */
  static final String FAR = "198.51.100.7";

  static final String FAR6 = "2001:db8:7::7";

  /** Behind the outside: the way there goes on, or does not. */
  static final String FARTHER = "198.51.100.200";

  static final String NOWHERE = "198.51.100.99";

  /** On the cable, where nobody answers. */
  static final String ABSENT = "192.0.2.9";

  private static final int LIFE_SECONDS = 1800;
  private static final String SLEEP = "exec sleep " + LIFE_SECONDS;

  private final Process host;
  private final Process outside;
  private final Path resolvers;

  private HostNamespace(Process host, Process outside, Path resolvers) {
    this.host = host;
    this.outside = outside;
    this.resolvers = resolvers;
  }

  /** Makes both. */
  static HostNamespace make(Path folder) throws IOException, InterruptedException {
    Path resolvers = folder.resolve("resolv.conf");
    Files.writeString(resolvers, "nameserver " + ROUTER + "\n");
    Process host = null;
    Process outside = null;
    try {
      host =
          namespace(
              List.of("unshare", "--map-root-user", "--net", "--mount"),
              "mount --bind '%s' /etc/resolv.conf && ".formatted(resolvers));
      outside = namespace(with(entering(host), "unshare", "--net"), "");
      HostNamespace made = new HostNamespace(host, outside, resolvers);
      made.lay();
      return made;
    } catch (IOException | IllegalStateException forbidden) {
      end(outside);
      end(host);
      return Assumptions.abort("no namespaces here: " + forbidden.getMessage());
    }
  }

  private static Process namespace(List<String> command, String preparation)
      throws IOException, InterruptedException {
    String script = preparation + "ip link set lo up && echo made && " + SLEEP;
    Process process =
        new ProcessBuilder(with(command, "sh", "-c", script)).redirectErrorStream(true).start();
    String said = process.inputReader().readLine();
    if (!"made".equals(said)) {
      end(process);
      throw new IOException(said == null ? "unshare says nothing" : said);
    }
    return process;
  }

  private static List<String> with(List<String> command, String... more) {
    List<String> all = new ArrayList<>(command);
    all.addAll(List.of(more));
    return all;
  }

  private static List<String> entering(Process process) {
    return List.of("nsenter", "-t", "" + process.pid(), "-U", "--preserve-credentials", "-n", "-m");
  }

  private void lay() throws IOException, InterruptedException {
    inHost("ip link add h0 type veth peer name o0 netns " + outside.pid());
    inHost("ip link add h1 type veth peer name o1 netns " + outside.pid());
    // IPv6 addresses are to be good at once.
    inHost(
        "ip -6 addr add 2001:db8:1::1/64 dev h0 nodad; ip addr add %s/24 dev h0".formatted(HOST));
    inHost("ip addr add %s/24 dev h1".formatted(OTHER_HOST));
    inOutside(
        "ip -6 addr add 2001:db8:1::2/64 dev o0 nodad; ip addr add %s/24 dev o0".formatted(ROUTER));
    inOutside(
        "ip addr add %s/24 dev o1; ip link set o0 up; ip link set o1 up".formatted(OTHER_ROUTER));
    inOutside("ip addr add %s/32 dev lo; ip -6 addr add %s/128 dev lo nodad".formatted(FAR, FAR6));
    inOutside("ip route add %s/32 dev o1; ip route add unreachable %s".formatted(FARTHER, NOWHERE));
    inOutside("echo 1 > /proc/sys/net/ipv4/ip_forward");
    inHost("echo 0 0 > /proc/sys/net/ipv4/ping_group_range");
    plugIn();
  }

  /** The cable that the host's way out is. */
  void plugIn() throws IOException, InterruptedException {
    inHost("ip link set h0 up && ip route replace default via " + ROUTER);
    inHost("ip -6 addr replace 2001:db8:1::1/64 dev h0 nodad");
    inHost("ip -6 route replace default via 2001:db8:1::2");
  }

  /** As when somebody pulls it: the routes over it go. */
  void unplug() throws IOException, InterruptedException {
    inHost("ip link set h0 down");
  }

  /** Has the link beyond the outside take no more than so many bytes at once. */
  void narrow(int mtuBytes) throws IOException, InterruptedException {
    inOutside("ip link set o1 mtu " + mtuBytes);
  }

  /** Has the host's resolvers be others. */
  void setResolver(String address) throws IOException {
    Files.writeString(resolvers, "# by somebody else\nnameserver " + address + "\n");
  }

  void inHost(String script) throws IOException, InterruptedException {
    run(host, script);
  }

  private void inOutside(String script) throws IOException, InterruptedException {
    run(outside, script);
  }

  private static void run(Process where, String script) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(with(entering(where), "sh", "-c", script))
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException("%s: %s".formatted(script, said.strip()));
    }
  }

  /** A program that sees the host's network. */
  ProcessBuilder hostProgram(List<String> command) {
    return new ProcessBuilder(with(entering(host), command.toArray(String[]::new)));
  }

  /** A program that sees the outside's. */
  ProcessBuilder outsideProgram(List<String> command) {
    return new ProcessBuilder(with(entering(outside), command.toArray(String[]::new)));
  }

  private static void end(Process process) {
    if (process != null) {
      process.destroyForcibly();
    }
  }

  @Override
  public void close() throws InterruptedException {
    end(outside);
    end(host);
    outside.waitFor(10, TimeUnit.SECONDS);
    host.waitFor(10, TimeUnit.SECONDS);
  }
}
