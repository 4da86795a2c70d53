package org.maloca.guests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.cli.guest.GuestArchitecture;
import org.maloca.devices.virtio.balloon.VirtioBalloon;
import org.maloca.devices.virtio.console.VirtioConsole;
import org.maloca.devices.virtio.net.VirtioNet;
import org.maloca.machine.board.Accelerators;
import org.maloca.machine.board.DevicePlug;
import org.maloca.machine.config.PmemConfig;
import org.maloca.machine.device.BalloonPlug;
import org.maloca.machine.device.ConsolePlug;
import org.maloca.machine.device.NetPlug;
import org.maloca.machine.device.PmemPlug;
import org.maloca.machine.device.RngPlug;
import org.maloca.machine.device.VsockPlug;

/** Debian's kernel drives the virtio devices; one guest for all tests. */
class VirtioDevicesTest {
  private static final byte[] MAC = {0x52, 0x54, 0, 0, 0, 1};

  @TempDir static Path folder;

  private static GuestConsole guest;
  private static final BalloonPlug balloon = new BalloonPlug(0);
  private static final SerialLine login = new SerialLine();
  private static final SerialLine agent = new SerialLine();
  private static boolean hasVsockProgram;

  @BeforeAll
  static void boot() throws Exception {
    Path program = folder.resolve("vsock-try");
    hasVsockProgram = StaticProgram.compile("vsock/vsock-try.c", program);
    List<DevicePlug> plugs =
        List.of(
            new NetPlug(new VirtioNet.Options(MAC, 2, 1400, 1000, false), new EchoPeer()),
            new RngPlug(1 << 20),
            new ConsolePlug(
                List.of(
                    new VirtioConsole.PortOptions("", true, login),
                    new VirtioConsole.PortOptions("org.example.agent", false, agent))),
            balloon,
            new VsockPlug(7, folder.resolve("v")),
            new PmemPlug(new PmemConfig(persistent(), false)));
    var config =
        LinuxGuests.withDevices(
            LinuxGuests.provide(GuestArchitecture.AMD64),
            2,
            "",
            hasVsockProgram ? List.of(program) : List.of(),
            folder);
    guest = GuestConsole.boot(config, Accelerators.translator(), plugs);
    guest.await(GuestConsole.READY);
    guest.loadDrivers();
  }

  private static Path persistent() throws IOException {
    Path file = folder.resolve("persistent");
    byte[] content = new byte[32 << 20];
    content[content.length - 1] = 42;
    Files.write(file, content);
    return file;
  }

  @AfterAll
  static void close() {
    if (guest != null) {
      guest.close();
    }
  }

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    for (int i = 0; i < 1200; i++) {
      if (condition.getAsBoolean()) {
        return;
      }
      Thread.sleep(50);
    }
    throw new AssertionError(what);
  }

  @Test
  void networkCardPings() {
    assertEquals("52:54:00:00:00:01", guest.run("cat /sys/class/net/eth0/address"));
    assertEquals("1400", guest.run("cat /sys/class/net/eth0/mtu"));
    assertEquals("2", guest.run("ls -d /sys/class/net/eth0/queues/tx-* | wc -l"));
    guest.run("ip link set eth0 up && ip addr add 10.9.0.1/24 dev eth0");
    assertEquals("1000", guest.run("cat /sys/class/net/eth0/speed"));
    assertTrue(guest.run("ping -c 3 -i 0.2 10.9.0.2").contains("3 packets received"));
    assertTrue(
        guest.run("ping -c 2 -i 0.2 -s 4000 10.9.0.2 || true").contains("2 packets transmitted"));
    guest.run("ip link set eth0 down && ip link set eth0 up && ping -c 1 10.9.0.2");
    guest.run(
        "cd /sys/bus/virtio/drivers/virtio_net && d=$(basename $(readlink -f"
            + " /sys/class/net/eth0/device)) && echo $d > unbind && echo $d > bind && ip link set"
            + " eth0 up && ip addr add 10.9.0.1/24 dev eth0 && ping -c 1 10.9.0.2");
  }

  @Test
  void entropyComesFromTheHost() {
    assertTrue(guest.run("cat /sys/class/misc/hw_random/rng_current").startsWith("virtio_rng"));
    assertEquals("4096", guest.run("dd if=/dev/hwrng bs=512 count=8 2>/dev/null | wc -c"));
  }

  @Test
  void portsHaveNamesAndCarryBytes() {
    String port = guest.run("dirname $(grep -l org.example.agent /sys/class/virtio-ports/*/name)");
    String device = "/dev/" + port.substring(port.lastIndexOf('/') + 1);
    guest.run("echo from the guest > " + device);
    agent.await("from the guest\n");
    guest.send("head -n 1 " + device);
    agent.type("from the host\n".getBytes(StandardCharsets.US_ASCII));
    assertTrue(guest.await("@@done 0@@").contains("from the host"));
    guest.run("echo to people > /dev/hvc0");
    login.await("to people");
  }

  @Test
  void balloonGivesMemoryBack() throws Exception {
    VirtioBalloon device = balloon.balloon().orElseThrow();
    long before = sharedBytes();
    guest.run(
        "mkdir -p /fill && mount -t tmpfs tmpfs /fill && dd if=/dev/urandom of=/fill/x bs=1M count=120 2>&1");
    await("RAM is in use", () -> sharedBytes() > before + (80 << 20));
    long full = sharedBytes();
    guest.run("umount /fill");
    await("free pages are reported", () -> sharedBytes() < full - (60 << 20));

    device.setTargetBytes(100 << 20);
    await("the balloon is full", () -> device.actualBytes() == 100 << 20);
    device.requestStatistics();
    device.setTargetBytes(0);
    await("the balloon is empty", () -> device.actualBytes() == 0);
    assertEquals(
        "5",
        guest.run(
            "dd if=/dev/zero of=/fill.bin bs=1M count=5 2>/dev/null && du -m /fill.bin | cut -f1"));
  }

  /** Shared memory of this process that is in RAM: the guest's. */
  private static long sharedBytes() {
    try {
      return Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ")[2]) * 4096;
    } catch (IOException none) {
      return Assumptions.abort("no /proc");
    }
  }

  @Test
  void persistentMemoryIsAFileOfTheHost() throws IOException {
    guest.run("modprobe nd_pmem && test -b /dev/pmem0");
    guest.run("echo kept | dd of=/dev/pmem0 bs=4096 conv=sync,fsync 2>&1");
    assertEquals("42", guest.run("tail -c 1 /dev/pmem0 | od -An -tu1"));
    byte[] content = Files.readAllBytes(folder.resolve("persistent"));
    assertEquals("kept\n", new String(content, 0, 5, StandardCharsets.US_ASCII));
    assertEquals(0, content[5]);
  }

  @Test
  void socketsReachTheHostAndBack() throws IOException {
    Assumptions.assumeTrue(hasVsockProgram, "gcc cannot make vsock-try here");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(folder.resolve("v_1234")));
      guest.send("vsock-try connect 1234 hello");
      try (SocketChannel host = server.accept()) {
        assertEquals("hello", readAll(host));
        host.write(ByteBuffer.wrap("good day\n".getBytes(StandardCharsets.US_ASCII)));
      }
      assertTrue(guest.await("@@done 0@@").contains("good day"));
    }
    guest.send("vsock-try serve 5000");
    guest.await("listening");
    try (SocketChannel host = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      host.connect(UnixDomainSocketAddress.of(folder.resolve("v")));
      host.write(ByteBuffer.wrap("CONNECT 5000\n".getBytes(StandardCharsets.US_ASCII)));
      ByteBuffer answer = ByteBuffer.allocate(3);
      while (answer.hasRemaining() && host.read(answer) >= 0) {
        // The port follows.
      }
      assertEquals("OK ", new String(answer.array(), StandardCharsets.US_ASCII));
      host.write(ByteBuffer.wrap("knock knock\n".getBytes(StandardCharsets.US_ASCII)));
    }
    assertTrue(guest.await("@@done 0@@").contains("knock knock"));
  }

  private static String readAll(SocketChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(1000);
    while (channel.read(bytes) >= 0) {
      // Until the guest has no more.
    }
    return new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII);
  }
}
