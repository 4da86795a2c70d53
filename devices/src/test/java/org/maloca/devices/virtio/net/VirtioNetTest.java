package org.maloca.devices.virtio.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.maloca.core.backend.NetBackend;
import org.maloca.core.backend.NetFrame;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.devices.virtio.DriverRing;
import org.maloca.devices.virtio.RingKind;
import org.maloca.devices.virtio.VirtioDevice;
import org.maloca.devices.virtio.VirtioDriver;

/** The network card and a driver, over rings in a small memory. */
class VirtioNetTest {
  private static final long CSUM = 1L;
  private static final long GUEST_CSUM = 1L << 1;
  private static final long CTRL_GUEST_OFFLOADS = 1L << 2;
  private static final long GUEST_TSO4 = 1L << 7;
  private static final long HOST_TSO4 = 1L << 11;
  private static final long MRG_RXBUF = 1L << 15;
  private static final long STATUS = 1L << 16;
  private static final long CTRL_VQ = 1L << 17;
  private static final long CTRL_RX = 1L << 18;
  private static final long CTRL_VLAN = 1L << 19;
  private static final long ANNOUNCE = 1L << 21;
  private static final long MQ = 1L << 22;
  private static final long CTRL_MAC_ADDR = 1L << 23;

  private static final int RX = 0;
  private static final int TX = 1;
  private static final byte[] MAC = {0x52, 0x54, 0, 1, 2, 3};
  private static final byte[] OTHER_MAC = {0x52, 0x54, 0, 9, 9, 9};

  private final RecordingNet net = new RecordingNet();
  private VirtioNet card;
  private VirtioDriver driver = new VirtioDriver(memory -> make(memory, 4));
  private DriverRing rx;
  private DriverRing tx;
  private DriverRing control;

  private VirtioDevice make(GuestMemory memory, int pairs) {
    card = new VirtioNet("net0", memory, net, new VirtioNet.Options(MAC, pairs, 1500, 1000, true));
    return card;
  }

  @AfterEach
  void close() {
    driver.close();
  }

  private void start(RingKind kind, long features) {
    driver.negotiate(kind, features);
    rx = driver.ring(RX, 64);
    tx = driver.ring(TX, 64);
    control = driver.ring((features & MQ) != 0 ? 8 : 2, 16);
    driver.start();
  }

  private static byte[] frame(byte[] target, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (i * 7);
    }
    System.arraycopy(target, 0, bytes, 0, 6);
    bytes[12] = 8;
    bytes[13] = 0;
    return bytes;
  }

  private static NetFrame netFrame(byte[] bytes) {
    NetFrame frame = new NetFrame();
    frame.clear();
    frame.bytes().put(0, bytes).limit(bytes.length);
    return frame;
  }

  private static byte[] header(int flags, int gso, int gsoSize, int start, int offset) {
    return ByteBuffer.allocate(12)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put((byte) flags)
        .put((byte) gso)
        .putShort((short) 0)
        .putShort((short) gsoSize)
        .putShort((short) start)
        .putShort((short) offset)
        .array();
  }

  private boolean command(int... bytes) {
    byte[] request = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      request[i] = (byte) bytes[i];
    }
    DriverRing.Piece answer = driver.in(1);
    control.send(driver.out(request), answer);
    assertEquals(1, control.await().written());
    return driver.bytes(answer)[0] == 0;
  }

  @ParameterizedTest
  @EnumSource
  void sendsFrames(RingKind kind) throws InterruptedException {
    start(kind, 0);
    for (int i = 0; i < 200; i++) {
      byte[] frame = frame(OTHER_MAC, 60 + i);
      tx.send(driver.out(new byte[12]), driver.out(frame));
      assertArrayEquals(frame, net.await().bytes());
      assertEquals(0, tx.await().written());
    }
    assertEquals(200, card.counters().snapshot().sentFrames());
  }

  @Test
  void shortFramesGoOutOnTheThreadThatNotifiesAndLongOnesBesideIt() throws InterruptedException {
    start(RingKind.SPLIT, 0);
    tx.send(driver.out(new byte[12]), driver.out(frame(OTHER_MAC, 1500)));
    net.await();
    assertSame(Thread.currentThread(), net.sender);
    tx.send(driver.out(new byte[12]), driver.out(frame(OTHER_MAC, 4000)));
    net.await();
    assertNotSame(Thread.currentThread(), net.sender);
  }

  @ParameterizedTest
  @EnumSource
  void framesWaitInTheRingAsLongAsTheCableTakesNone(RingKind kind) throws InterruptedException {
    start(kind, 0);
    int[] lengths = {60, 4000, 100};
    net.takesFrames = false;
    for (int length : lengths) {
      tx.send(driver.out(new byte[12]), driver.out(frame(OTHER_MAC, length)));
    }
    // A try in vain is no loss.
    net.port.transmitReady();
    assertTrue(net.sent.isEmpty());

    net.takesFrames = true;
    net.port.transmitReady();
    for (int length : lengths) {
      assertArrayEquals(frame(OTHER_MAC, length), net.await().bytes());
      assertEquals(0, tx.await().written());
    }
  }

  @ParameterizedTest
  @EnumSource
  void theDriverHearsOfFramesThatItSentAndForgot(RingKind kind) throws InterruptedException {
    start(kind, 0);
    for (int i = 0; i < 3; i++) {
      tx.send(driver.out(new byte[12]), driver.out(frame(OTHER_MAC, 60)));
      driver.awaitInterrupt(1);
      driver.takeInterrupts();
      assertEquals(0, tx.await().written());
    }
    tx.send(driver.out(new byte[12]), driver.out(frame(OTHER_MAC, 4000)));
    driver.awaitInterrupt(1);
  }

  @Test
  void aPausedCardOwesNoInterrupt() throws InterruptedException {
    start(RingKind.SPLIT, 0);
    for (int i = 0; i < 100; i++) {
      tx.send(driver.out(new byte[12]), driver.out(frame(OTHER_MAC, 60)));
      card.pause();
      assertEquals(1, driver.takeInterrupts());
      card.resume();
      assertEquals(0, tx.await().written());
    }
  }

  @ParameterizedTest
  @EnumSource
  void receivesFrames(RingKind kind) {
    start(kind, 0);
    for (int i = 0; i < 200; i++) {
      DriverRing.Piece room = driver.in(1600);
      rx.send(room);
      byte[] frame = frame(MAC, 60 + i);
      assertTrue(net.port.receive(netFrame(frame)));
      assertEquals(12 + frame.length, rx.await().written());
      byte[] got = driver.bytes(room);
      assertArrayEquals(frame, Arrays.copyOfRange(got, 12, 12 + frame.length));
      assertEquals(1, got[10]);
      if (i % 50 == 49) {
        start(kind, 0);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void frameOverSeveralBuffersShowsAtOnce(RingKind kind) {
    start(kind, MRG_RXBUF);
    for (int round = 0; round < 30; round++) {
      DriverRing.Piece first = driver.in(100);
      DriverRing.Piece second = driver.in(100);
      DriverRing.Piece third = driver.in(100);
      rx.offer(first);
      rx.offer(second);
      rx.send(third);
      byte[] frame = frame(MAC, 210);
      assertTrue(net.port.receive(netFrame(frame)));
      assertEquals(100, rx.await().written());
      assertTrue(rx.hasUsed());
      assertEquals(100, rx.await().written());
      assertTrue(rx.hasUsed());
      assertEquals(22, rx.await().written());
      assertFalse(rx.hasUsed());
      assertEquals(3, driver.bytes(first)[10]);
      assertArrayEquals(Arrays.copyOfRange(frame, 88, 188), driver.bytes(second));
    }
  }

  @ParameterizedTest
  @EnumSource
  void refusedFrameIsAskedForWhenThereIsRoom(RingKind kind) throws InterruptedException {
    start(kind, MRG_RXBUF);
    byte[] frame = frame(MAC, 250);
    rx.send(driver.in(100));
    assertFalse(net.port.receive(netFrame(frame)));
    assertFalse(rx.hasUsed());
    rx.offer(driver.in(100));
    rx.send(driver.in(100));
    net.awaitRoom();
    assertTrue(net.port.receive(netFrame(frame)));
    assertEquals(100, rx.await().written());
  }

  @Test
  void offloadsOfTheDriverReachTheBackend() throws InterruptedException {
    start(RingKind.SPLIT, CSUM | HOST_TSO4);
    byte[] frame = frame(OTHER_MAC, 9000);
    tx.send(driver.out(header(1, 1, 1448, 34, 16)), driver.out(frame));

    RecordingNet.Sent sent = net.await();
    assertTrue(sent.needsChecksum());
    assertEquals(34, sent.checksumStart());
    assertEquals(16, sent.checksumOffset());
    assertEquals(NetFrame.Segmentation.TCP_IPV4, sent.segmentation());
    assertEquals(1448, sent.segmentBytes());
  }

  @Test
  void nonsenseIsDroppedAndGivenBack() {
    start(RingKind.SPLIT, CSUM | HOST_TSO4);
    byte[] frame = frame(OTHER_MAC, 100);
    byte[][] headers = {
      header(1, 0, 0, 90, 9), // checksum outside
      header(1, 0, 0, 0xffff, 0xffff),
      header(1, 1, 0, 34, 16), // segments of nothing
      header(0, 1, 1448, 0, 0), // large without a checksum to fill in
      header(1, 4, 1448, 34, 16), // TCP over IPv6 was not agreed on
      header(1, 0x81, 1448, 34, 16), // nor ECN
      header(1, 77, 1448, 34, 16),
    };
    for (byte[] header : headers) {
      tx.send(driver.out(header), driver.out(frame));
      tx.await();
    }
    tx.send(driver.out(new byte[12]), driver.out(new byte[13]));
    tx.await();
    tx.send(driver.out(new byte[3]));
    tx.await();
    tx.send(driver.out(new byte[12]), driver.out(new byte[NetFrame.MAX_BYTES + 1]));
    tx.await();
    assertEquals(headers.length + 3, card.counters().snapshot().sendDrops());
    assertTrue(net.sent.isEmpty());
  }

  @Test
  void checksumIsFilledInForADriverThatDoesNot() {
    start(RingKind.SPLIT, 0);
    DriverRing.Piece room = driver.in(200);
    rx.send(room);
    byte[] bytes = new byte[14 + 20 + 5];
    System.arraycopy(MAC, 0, bytes, 0, 6);
    bytes[34] = 0x12;
    bytes[35] = 0x34;
    bytes[38] = 0x01; // odd last byte: 0x0100
    NetFrame frame = netFrame(bytes);
    frame.setChecksum(34, 2);
    assertTrue(net.port.receive(frame));
    rx.await();

    byte[] got = driver.bytes(room);
    assertEquals(0, got[0], "nothing is left to do");
    int sum = (got[12 + 36] & 0xff) << 8 | got[12 + 37] & 0xff;
    assertEquals(~(0x1234 + 0x0100) & 0xffff, sum);
  }

  @Test
  void driverThatAsksForItGetsUnfinishedAndLargeFrames() {
    start(RingKind.SPLIT, GUEST_CSUM | GUEST_TSO4 | CTRL_VQ | CTRL_GUEST_OFFLOADS);
    assertEquals(NetBackend.CHECKSUM | NetBackend.TCP_IPV4, net.port.features());
    DriverRing.Piece room = driver.in(4000);
    rx.send(room);
    NetFrame frame = netFrame(frame(MAC, 3000));
    frame.setChecksum(34, 16);
    frame.setSegmentation(NetFrame.Segmentation.TCP_IPV4, 1448, false);
    assertTrue(net.port.receive(frame));
    rx.await();
    assertArrayEquals(
        header(1, 1, 1448, 34, 16), withoutBuffers(Arrays.copyOf(driver.bytes(room), 12)));

    assertTrue(command(5, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    assertEquals(0, net.port.features());
    rx.send(driver.in(4000));
    assertTrue(net.port.receive(frame), "dropped: the driver takes no large frames now");
    assertFalse(rx.hasUsed());
    assertFalse(command(5, 0, 0, 1, 0, 0, 0, 0, 0, 0), "TSO6 was not agreed on");
  }

  private static byte[] withoutBuffers(byte[] header) {
    header[10] = 0;
    return header;
  }

  private boolean passes(byte[] frame) {
    rx.send(driver.in(200));
    assertTrue(net.port.receive(netFrame(frame)));
    if (rx.hasUsed()) {
      rx.await();
      return true;
    }
    return false;
  }

  @Test
  void filtersByAddress() {
    start(RingKind.SPLIT, CTRL_VQ | CTRL_RX | CTRL_MAC_ADDR);
    byte[] group = {1, 0, 0x5e, 0, 0, 5};
    byte[] all = {-1, -1, -1, -1, -1, -1};
    assertTrue(passes(frame(OTHER_MAC, 60)), "everything passes at first");
    assertTrue(command(0, 0, 0));
    assertTrue(passes(frame(MAC, 60)));
    assertTrue(passes(frame(all, 60)));
    assertFalse(passes(frame(OTHER_MAC, 60)));
    assertFalse(passes(frame(group, 60)));
    assertTrue(command(0, 1, 1));
    assertTrue(passes(frame(group, 60)));
    assertTrue(command(0, 1, 0));
    assertTrue(command(1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0x5e, 0, 0, 5));
    assertTrue(passes(frame(group, 60)));
    assertFalse(command(1, 0, 0, 0, 0, 0, -1, -1, -1, -1), "a table that is cut off");
    assertFalse(command(1, 0, -1, -1, -1, -1), "a table that is cut off");
    assertTrue(command(1, 1, 0x52, 0x54, 0, 9, 9, 9));
    assertTrue(passes(frame(OTHER_MAC, 60)));
    assertArrayEquals(OTHER_MAC, net.port.macAddress());
    assertEquals(9, driver.config(5, 1));
    assertFalse(command(9, 0, 0));
    start(RingKind.SPLIT, 0);
    assertEquals(3, driver.config(5, 1), "a reset brings the address back");
  }

  @Test
  void filtersByVlan() {
    start(RingKind.SPLIT, CTRL_VQ | CTRL_RX | CTRL_VLAN);
    byte[] tagged = frame(MAC, 60);
    tagged[12] = (byte) 0x81;
    tagged[13] = 0;
    tagged[14] = 0x20;
    tagged[15] = 5;
    assertTrue(command(0, 0, 0));
    assertFalse(passes(tagged));
    assertTrue(command(2, 0, 5, 0));
    assertTrue(passes(tagged));
    assertTrue(command(2, 1, 5, 0));
    assertFalse(passes(tagged));
    assertFalse(command(2, 0, 0, 0x10));
  }

  @Test
  void flowsComeInByThePairThatTheyGoOutBy() throws InterruptedException {
    driver.negotiate(RingKind.SPLIT, MQ | CTRL_VQ);
    rx = driver.ring(0, 16);
    DriverRing secondRx = driver.ring(2, 16);
    DriverRing secondTx = driver.ring(3, 16);
    control = driver.ring(8, 16);
    driver.start();
    assertEquals(4, driver.config(8, 2));
    assertFalse(command(4, 0, 0, 0));
    assertFalse(command(4, 0, 5, 0));
    assertTrue(command(4, 0, 2, 0));

    byte[] there = udp(0x0a000001, 1000, 0x0a000002, 53);
    secondTx.send(driver.out(new byte[12]), driver.out(there));
    net.await();
    rx.send(driver.in(200));
    secondRx.send(driver.in(200));
    assertTrue(net.port.receive(netFrame(udp(0x0a000002, 53, 0x0a000001, 1000))));
    secondRx.await();
    assertFalse(rx.hasUsed());
    assertTrue(command(4, 0, 1, 0));
    assertTrue(net.port.receive(netFrame(udp(0x0a000002, 53, 0x0a000001, 1000))));
    rx.await();
  }

  private static byte[] udp(int source, int sourcePort, int target, int targetPort) {
    return ByteBuffer.allocate(60)
        .put(MAC)
        .put(OTHER_MAC)
        .putShort((short) 0x0800)
        .put((byte) 0x45)
        .position(14 + 9)
        .put((byte) 17)
        .position(14 + 12)
        .putInt(source)
        .putInt(target)
        .putShort((short) sourcePort)
        .putShort((short) targetPort)
        .array();
  }

  @Test
  void linkGoesDownAndUp() {
    start(RingKind.SPLIT, STATUS);
    assertEquals(1, driver.config(6, 2));
    card.setLinkUp(false);
    driver.awaitInterrupt(2);
    assertEquals(0, driver.config(6, 2));
    rx.send(driver.in(200));
    assertTrue(net.port.receive(netFrame(frame(MAC, 60))));
    tx.send(driver.out(new byte[12]), driver.out(frame(OTHER_MAC, 60)));
    tx.await();
    assertEquals(1, card.counters().snapshot().receiveDrops());
    assertEquals(1, card.counters().snapshot().sendDrops());
    card.setLinkUp(true);
    assertTrue(passes(frame(MAC, 60)));
  }

  @Test
  void linkFollowsTheCablesOtherEnd() {
    start(RingKind.SPLIT, STATUS);
    net.port.linkChanged(false);
    driver.awaitInterrupt(2);
    assertEquals(0, driver.config(6, 2));
    net.port.linkChanged(true);
    assertEquals(1, driver.config(6, 2));
    assertTrue(passes(frame(MAC, 60)));
  }

  @Test
  void framesWithoutADriverAreDropped() {
    assertTrue(net.port.receive(netFrame(frame(MAC, 60))));
    assertEquals(1, card.counters().snapshot().receiveDrops());
  }

  @Test
  void frameThatFitsInNoBufferIsDropped() {
    start(RingKind.SPLIT, 0);
    rx.send(driver.in(40));
    assertTrue(net.port.receive(netFrame(frame(MAC, 60))));
    assertFalse(rx.hasUsed());
    assertEquals(1, card.counters().snapshot().receiveDrops());
  }

  @Test
  void pausedCardHoldsFramesBackAndTellsWhenItGoesOn() throws InterruptedException {
    start(RingKind.PACKED, 0);
    rx.send(driver.in(200));
    driver.registers().pause();
    assertFalse(net.port.receive(netFrame(frame(MAC, 60))));
    driver.registers().resume();
    net.awaitRoom();
    assertTrue(net.port.receive(netFrame(frame(MAC, 60))));
    rx.await();
  }

  @ParameterizedTest
  @EnumSource
  void comesBackFromASnapshot(RingKind kind) {
    start(kind, CTRL_VQ | CTRL_RX | CTRL_VLAN | STATUS | ANNOUNCE);
    assertTrue(command(0, 0, 0));
    rx.send(driver.in(200));
    rx.offer(driver.in(200));
    assertTrue(net.port.receive(netFrame(frame(MAC, 60))));
    driver.registers().pause();
    SnapshotReader snapshot = driver.save();
    driver.registers().reset();
    driver.registers().restore(snapshot);
    assertTrue(rx.hasUsed());
    rx.await();
    driver.registers().resume();
    driver.awaitInterrupt(2);
    assertEquals(3, driver.config(6, 2), "asked to tell the network where it is");
    assertTrue(command(3, 0));
    assertEquals(1, driver.config(6, 2));
    assertTrue(net.port.receive(netFrame(frame(OTHER_MAC, 60))));
    assertFalse(rx.hasUsed(), "the filter is back");
    assertTrue(net.port.receive(netFrame(frame(MAC, 60))));
    rx.await();
  }
}
