package org.maloca.machine.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.maloca.core.backend.NetBackend;
import org.maloca.core.backend.NetFrame;
import org.maloca.core.time.ManualClock;
import org.maloca.machine.config.ConfigException;
import org.maloca.machine.config.NetCable;
import org.maloca.net.NetworkMode;
import org.maloca.net.egress.EgressPolicy;
import org.maloca.net.ethernet.SwitchPort;

class SharedNetworksTest {
  private static final EgressPolicy ALL = EgressPolicy.parse(List.of(), true);

  private final SharedNetworks networks = new SharedNetworks();
  private final ManualClock clock = new ManualClock();

  private static NetCable.UserMode cable(NetworkMode mode, @Nullable String name) {
    return new NetCable.UserMode(mode, name, null, false, null, true, List.of());
  }

  private MachineNetwork join(NetworkMode mode, @Nullable String name) throws IOException {
    return networks.join(cable(mode, name), "net0", clock);
  }

  @Test
  void cards_meet_by_name_until_the_last_has_gone() throws IOException {
    MachineNetwork first = join(NetworkMode.NAT, "lan");
    SwitchPort one = first.attach("anna", 1, ALL);
    MachineNetwork second = join(NetworkMode.NAT, "lan");
    SwitchPort two = second.attach("bert", 2, ALL);
    assertSame(first, second);
    assertNotEquals(one.number(), two.number());

    first.detach();
    assertSame(first, join(NetworkMode.NAT, "lan"));
    second.detach();

    MachineNetwork later = join(NetworkMode.NAT, "lan");
    assertNotSame(first, later);
    later.attach("carl", 3, ALL);
    later.detach();
  }

  @Test
  void a_card_with_other_wishes_is_refused() throws IOException {
    MachineNetwork first = join(NetworkMode.NAT, "lan");
    first.attach("anna", 1, ALL);

    assertThrows(ConfigException.class, () -> join(NetworkMode.ISOLATED, "lan"));

    first.detach();
  }

  @Test
  void a_machine_is_known_by_the_ipv6_addresses_that_it_uses() throws IOException {
    MachineNetwork network = join(NetworkMode.ISOLATED, null);
    SwitchPort anna = network.attach("anna", 0x52_54_00_00_00_01L, ALL);
    SwitchPort bert = network.attach("bert", 0x52_54_00_00_00_02L, ALL);
    byte[] own = network.network().config().gateway6().getAddress();
    own[15] = 0x77;
    anna.connect(new QuietCard(1));
    QuietCard asking = new QuietCard(2);
    bert.connect(asking);

    // An advertisement of its own address, as after duplicate address detection.
    ByteBuffer frame = ByteBuffer.allocate(14 + 40 + 24);
    frame.putInt(0x3333_0000).putInt(0x0001_5254).putInt(1).putShort((short) 0x86dd);
    frame.putInt(0x6000_0000).putShort((short) 24).put((byte) 58).put((byte) 255).put(own);
    frame.put(InetAddress.ofLiteral("ff02::1").getAddress());
    frame.putInt(136 << 24).putInt(0).put(own);
    send(anna, frame.array());
    send(bert, question("anna", network.network().config().dns4()));

    byte[] answer = asking.frames.stream().filter(f -> f[12] == 8).findFirst().orElseThrow();
    byte[] address = Arrays.copyOfRange(answer, answer.length - 16, answer.length);
    assertArrayEquals(own, address);
    network.detach();
    network.detach();
  }

  @Test
  void who_has_left_takes_nothing_along() throws IOException {
    MachineNetwork network = join(NetworkMode.NAT, null);
    network.attach("stays", 0x52_54_00_00_00_01L, ALL);
    for (int i = 0; i < 300; i++) {
      SwitchPort port = network.attach("goes", 0x52_54_00_00_01_00L + i, ALL);
      port.close();
    }
    SwitchPort port = network.attach("comes", 0x52_54_00_00_00_02L, ALL);
    QuietCard card = new QuietCard(2);
    port.connect(card);

    send(port, discover(2));

    // The address behind that of who stays, as if nobody had been there.
    byte[] offer = card.frames.stream().filter(f -> f[12] == 8).findFirst().orElseThrow();
    assertArrayEquals(new byte[] {10, 0, 2, 16}, Arrays.copyOfRange(offer, 42 + 16, 42 + 20));
    network.detach();
  }

  @Test
  void forwards_end_with_whom_they_lead_to() throws IOException {
    MachineNetwork network = join(NetworkMode.NAT, null);
    network.attach("stays", 0x52_54_00_00_00_01L, ALL);
    SwitchPort port = network.attach("goes", 0x52_54_00_00_00_02L, ALL);
    InetSocketAddress any = new InetSocketAddress("127.0.0.1", 0);
    InetSocketAddress at = network.network().addForward(port, any, 80, false).address();

    port.close();

    assertEquals(List.of(), network.network().forwards(port));
    assertThrows(IOException.class, () -> new Socket(at.getAddress(), at.getPort()).close());
    network.detach();
  }

  @Test
  void rules_can_change_while_a_machine_runs() throws IOException {
    MachineNetwork network = join(NetworkMode.NAT, null);
    SwitchPort bert = network.attach("bert", 0x52_54_00_00_00_02L, ALL);
    bert.connect(new QuietCard(2));
    byte[] datagram = question("x", InetAddress.ofLiteral("198.51.100.1"));

    network.setPolicy(bert, EgressPolicy.parse(List.of("deny 198.51.100.0/24"), true));
    send(bert, datagram);
    assertEquals(0, network.network().flows(bert).size());

    network.setPolicy(bert, ALL);
    send(bert, datagram);
    assertEquals(1, network.network().flows(bert).size());
    network.detach();
  }

  private static void send(SwitchPort port, byte[] bytes) {
    NetFrame frame = new NetFrame();
    frame.clear();
    frame.bytes().put(0, bytes).limit(bytes.length);
    frame.setChecksumGood(true);
    port.transmit(frame);
  }

  /** A question for an AAAA record (RFC 1035, RFC 3596), from the second machine. */
  private static byte[] question(String name, InetAddress server) {
    ByteBuffer message = ByteBuffer.allocate(12 + 1 + name.length() + 1 + 4);
    message.putInt(0x0001_0100).putInt(0x0001_0000).putInt(0);
    message.put((byte) name.length()).put(name.getBytes(StandardCharsets.US_ASCII)).put((byte) 0);
    message.putInt(28 << 16 | 1);
    return datagram(InetAddress.ofLiteral("10.0.2.16"), 5000, server, 53, message.array());
  }

  /** A DHCPDISCOVER (RFC 2131) of a card. */
  private static byte[] discover(int number) {
    ByteBuffer message = ByteBuffer.allocate(244).putInt(0x0101_0600);
    message.putInt(28, 0x5254_0000).putShort(32, (short) number);
    message.position(236).putInt(0x6382_5363).put(new byte[] {53, 1, 1, -1});
    return datagram(
        InetAddress.ofLiteral("0.0.0.0"),
        68,
        InetAddress.ofLiteral("255.255.255.255"),
        67,
        message.array());
  }

  private static byte[] datagram(
      InetAddress from, int fromPort, InetAddress to, int toPort, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(14 + 20 + 8 + payload.length);
    frame.putInt(0x5255_0a00).putInt(0x0202_5254).putInt(2).putShort((short) 0x0800);
    frame.putShort((short) 0x4500).putShort((short) (28 + payload.length)).putInt(0);
    frame.put((byte) 64).put((byte) 17).putShort((short) 0).put(from.getAddress());
    frame.put(to.getAddress());
    int sum = 0;
    for (int i = 14; i < 34; i += 2) {
      sum += frame.getShort(i) & 0xffff;
    }
    frame.putShort(24, (short) ~((sum & 0xffff) + (sum >> 16)));
    frame.putShort((short) fromPort).putShort((short) toPort);
    frame.putShort((short) (8 + payload.length)).putShort((short) 0).put(payload);
    return frame.array();
  }

  private static final class QuietCard implements NetBackend.Port {
    final List<byte[]> frames = new CopyOnWriteArrayList<>();
    private final int number;

    QuietCard(int number) {
      this.number = number;
    }

    @Override
    public boolean receive(NetFrame frame) {
      byte[] copy = new byte[frame.bytes().limit()];
      frame.bytes().get(0, copy);
      frames.add(copy);
      return true;
    }

    @Override
    public int features() {
      return 0;
    }

    @Override
    public byte[] macAddress() {
      return new byte[] {0x52, 0x54, 0, 0, 0, (byte) number};
    }
  }
}
