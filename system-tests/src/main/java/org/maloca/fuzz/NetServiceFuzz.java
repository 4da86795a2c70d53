package org.maloca.fuzz;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.maloca.core.backend.NetFrame;
import org.maloca.core.backend.NetFrame.Segmentation;
import org.maloca.core.time.ManualClock;
import org.maloca.net.dhcp.Dhcp6Config;
import org.maloca.net.dhcp.Dhcp6Server;
import org.maloca.net.dhcp.DhcpConfig;
import org.maloca.net.dhcp.DhcpReply;
import org.maloca.net.dhcp.DhcpServer;
import org.maloca.net.dhcp.LeaseListener;
import org.maloca.net.dns.DnsServer;
import org.maloca.net.dns.DnsStream;
import org.maloca.net.dns.LocalNames;
import org.maloca.net.egress.EgressPolicy;
import org.maloca.net.egress.ResolvedNames;
import org.maloca.net.frame.FrameSegmenter;
import org.maloca.net.host.PortForward;
import org.maloca.net.replay.PacketFileReader;

/**
 * Sends a network's services what no honest machine or resolver would send: DHCP of both versions,
 * DNS questions and answers, frames to be cut, and to the parsers of rules, forwards and packet
 * files what no user would write. Each must answer or refuse; an exception that is not theirs to
 * throw, or an answer longer than its protocol has, ends the run.
 */
public final class NetServiceFuzz {
  private static final int FIRST_ADDRESS = 0x0a00_020f;

  private final Random random;
  private final ManualClock clock = new ManualClock();
  private final ResolvedNames resolved = new ResolvedNames(clock);
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
  private final FrameSegmenter segmenter = new FrameSegmenter();
  private final NetFrame frame = new NetFrame();
  private final Path file;
  private final DhcpServer dhcp;
  private final Dhcp6Server dhcp6;
  private final DnsServer dns;
  private byte[] upstreamAnswer = {};
  private long answers;

  private NetServiceFuzz(long seed, Path file) {
    random = new Random(seed);
    this.file = file;
    dhcp =
        new DhcpServer(
            new DhcpConfig(
                0x0a00_0202,
                24,
                0x0a00_0202,
                FIRST_ADDRESS,
                FIRST_ADDRESS + 100,
                List.of(0x0a00_0203),
                "maloca",
                1500,
                3600),
            clock,
            LeaseListener.NONE);
    Inet6Address prefix = (Inet6Address) InetAddress.ofLiteral("fd00::");
    dhcp6 =
        new Dhcp6Server(
            new Dhcp6Config(prefix, 0x5254_0000_0002L, 0x100, 100, List.of(prefix), "maloca", 3600),
            clock);
    LocalNames names = new LocalNames();
    names.add("anna", InetAddress.ofLiteral("10.0.2.15"));
    dns =
        new DnsServer(
            names,
            (query, isStream) -> upstreamAnswer.length < 12 ? null : upstreamAnswer,
            (port, name, isAlias, address, ttl) -> resolved.add(name, isAlias, address, ttl),
            (port, name) -> name.length() % 7 != 0,
            tasks::add);
  }

  /** Runs {@code --cases} cases from {@code --seed}; ends with status 1 at the first that fails. */
  public static void main(String[] arguments) throws IOException {
    FuzzOptions options = FuzzOptions.parse(arguments);
    try {
      long answers = run(options.cases(), options.seed());
      System.out.printf(
          "%,d cases from seed %d: %,d were answered, none broke a rule%n",
          options.cases(), options.seed(), answers);
    } catch (IllegalStateException broken) {
      broken.printStackTrace(System.out);
      System.exit(1);
    }
  }

  /**
   * Runs cases.
   *
   * @return how many led to an answer, a frame or something accepted
   * @throws IllegalStateException when one broke a rule
   */
  static long run(long cases, long seed) throws IOException {
    Path file = Files.createTempFile("maloca-net", ".pcapng");
    try {
      NetServiceFuzz fuzz = new NetServiceFuzz(seed, file);
      for (long number = 0; number < cases; number++) {
        try {
          fuzz.step(number);
        } catch (RuntimeException broken) {
          throw new IllegalStateException("case " + number + " from seed " + seed, broken);
        }
      }
      return fuzz.answers;
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private void step(long number) throws IOException {
    clock.advance(random.nextInt(1 << 28));
    switch ((int) (number % 16)) {
      case 0, 1, 2 -> sendDhcp();
      case 3, 4, 5 -> sendDhcp6();
      case 6, 7, 8, 9 -> askDns();
      case 10, 11, 12 -> cutFrame();
      case 13 -> readRule();
      case 14 -> readForward();
      default -> readPackets();
    }
  }

  private void sendDhcp() {
    byte[] message = new byte[300];
    message[0] = 1;
    message[1] = 1;
    message[2] = 6;
    message[33] = (byte) (1 + random.nextInt(40));
    ByteBuffer options = ByteBuffer.wrap(message).putInt(236, 0x6382_5363).position(240);
    options.put(new byte[] {53, 1, (byte) (1 + random.nextInt(8)), 50, 4});
    options.putInt(FIRST_ADDRESS + random.nextInt(-3, 105));
    if (random.nextBoolean()) {
      options.put(new byte[] {54, 4, 10, 0, 2, 2});
    }
    options.put((byte) 255);
    DhcpReply reply = dhcp.receive(ByteBuffer.wrap(mutate(message)), random.nextInt(5));
    count(reply == null ? 0 : reply.message().length, 548);
  }

  private void sendDhcp6() {
    int[] types = {1, 3, 4, 5, 6, 8, 9, 11};
    String client = "0001000a00030001%012x".formatted(random.nextInt(40));
    String server = random.nextBoolean() ? "0002000a00030001525400000002" : "";
    String address = "fd00000000000000%016x".formatted(0x100 + random.nextInt(-3, 105));
    String association =
        "0003002800000007" + "0".repeat(16) + "00050018" + address + "0".repeat(16);
    String head = "%02x123456".formatted(types[random.nextInt(types.length)]);
    byte[] message = HexFormat.of().parseHex(head + client + server + association.repeat(2));
    byte[] reply = dhcp6.receive(ByteBuffer.wrap(mutate(message)), random.nextInt(5));
    count(reply == null ? 0 : reply.length, 1024);
  }

  private void askDns() {
    String[] names = {"04616e6e6100", "03777777076578616d706c6500", "04616e6e61066d616c6f636100"};
    String name = names[random.nextInt(names.length)];
    String question = name + "%04x0001".formatted(random.nextBoolean() ? 1 : 28);
    byte[] query = HexFormat.of().parseHex("000101000001000000000000" + question);
    String records = "c00c00050001000000100002c00c" + "c00c000100010000001000040a000001";
    byte[] answer = HexFormat.of().parseHex("000181800001000200000000" + question + records);
    upstreamAnswer = mutate(answer);
    byte[] sent = mutate(query);
    boolean isStream = random.nextBoolean();
    List<byte[]> replies = new ArrayList<>();
    if (isStream) {
      byte[] framed = random.nextInt(8) == 0 ? sent : DnsStream.frame(sent);
      new DnsStream()
          .receive(
              ByteBuffer.wrap(framed), whole -> dns.receive(whole, 1, "c", true, replies::add));
    } else {
      dns.receive(sent, 1, "c", false, replies::add);
    }
    while (!tasks.isEmpty()) {
      tasks.remove().run();
    }
    replies.forEach(reply -> count(reply.length, isStream ? 65535 : 4096));
  }

  private void cutFrame() {
    boolean isIpv6 = random.nextBoolean();
    boolean isUdp = random.nextInt(3) == 0;
    int transport = isIpv6 ? 54 : 34;
    int length = transport + random.nextInt(random.nextBoolean() ? 100 : 60_000);
    frame.clear();
    ByteBuffer bytes = frame.bytes().limit(length);
    for (int i = 0; i < Math.min(length, 120); i++) {
      bytes.put(i, (byte) 0);
    }
    bytes.putShort(12, (short) (isIpv6 ? 0x86dd : 0x0800)).put(14, (byte) (isIpv6 ? 0x60 : 0x45));
    bytes.put(isIpv6 ? 20 : 23, (byte) (isUdp ? 17 : 6));
    if (length > transport + 12) {
      bytes.put(transport + 12, (byte) 0x50);
    }
    for (int flips = random.nextInt(4); flips > 0; flips--) {
      bytes.put(random.nextInt(Math.min(length, 80)), (byte) random.nextInt());
    }
    Segmentation tcp = isIpv6 ? Segmentation.TCP_IPV6 : Segmentation.TCP_IPV4;
    frame.setSegmentation(
        random.nextInt(5) == 0 ? Segmentation.NONE : isUdp ? Segmentation.UDP : tcp,
        random.nextInt(20) == 0 ? random.nextInt() : 1 + random.nextInt(3000),
        random.nextBoolean());
    if (random.nextBoolean()) {
      frame.setChecksum(random.nextInt(-2, 100), random.nextInt(-2, 40));
    }
    int[] frames = new int[1];
    segmenter.segment(
        frame,
        whole -> {
          frames[0]++;
          count(whole.remaining(), length);
        });
    count(0, frames[0] <= FrameSegmenter.MAX_SEGMENTS ? 0 : -1);
  }

  private void readRule() {
    String rule = words("allow", "deny", "any", "10.0.0.0/8", "fd00::/8", "*.a", "tcp/80,90-99");
    try {
      EgressPolicy policy = EgressPolicy.parse(List.of(rule), true);
      policy.allowsName("b.a");
      policy.allowsIpv4(EgressPolicy.PROTOCOL_TCP, random.nextInt(), 80, resolved);
      answers++;
    } catch (IllegalArgumentException refused) {
      requireMessage(refused);
    }
  }

  private void readForward() {
    try {
      PortForward.parse(
          words("2222:22", "127.0.0.1:", "[::1]:", "/udp", "80", ":").replace(" ", ""));
      answers++;
    } catch (IllegalArgumentException refused) {
      requireMessage(refused);
    }
  }

  /** Refusals name what they refuse; others of their kind would be faults. */
  private static void requireMessage(IllegalArgumentException refused) {
    String message = refused.getMessage();
    if (message == null || !message.contains("'")) {
      throw new IllegalStateException("a refusal that says nothing", refused);
    }
  }

  private void readPackets() throws IOException {
    byte[] whole =
        HexFormat.of()
            .parseHex(
                "0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c000000"
                    + "01000000140000000100000000000100"
                    + "14000000"
                    + "0600000024000000000000000000000000000000"
                    + "0400000004000000010203042400000003000000140000000400000001020304"
                    + "14000000");
    Files.write(file, mutate(whole));
    ByteBuffer packet = ByteBuffer.allocate(NetFrame.MAX_BYTES);
    try (PacketFileReader reader = new PacketFileReader(file)) {
      while (reader.next(packet)) {
        count(packet.limit(), NetFrame.MAX_BYTES);
      }
    } catch (IOException refused) {
      count(0, 0);
    }
  }

  private String words(String... words) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(5); i >= 0; i--) {
      text.append(words[random.nextInt(words.length)]).append(' ');
      if (random.nextInt(6) == 0) {
        text.setCharAt(random.nextInt(text.length()), (char) (32 + random.nextInt(96)));
      }
    }
    return text.toString();
  }

  private byte[] mutate(byte[] bytes) {
    int length = random.nextInt(4) == 0 ? random.nextInt(2 * bytes.length) : bytes.length;
    byte[] copy = Arrays.copyOf(bytes, length);
    for (int flips = length == 0 ? 0 : random.nextInt(5); flips > 0; flips--) {
      copy[random.nextInt(length)] = (byte) random.nextInt();
    }
    return copy;
  }

  private void count(int length, int most) {
    if (length > most) {
      throw new IllegalStateException(length + " bytes, where " + most + " are the most");
    }
    answers += length > 0 ? 1 : 0;
  }
}
