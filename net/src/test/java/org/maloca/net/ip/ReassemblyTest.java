package org.maloca.net.ip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.maloca.core.backend.NetFrame;

class ReassemblyTest {
  private final Reassembly reassembly = new Reassembly();
  private final NetFrame frame = new NetFrame();
  private final NetFrame whole = new NetFrame();
  private final IpPacket packet = new IpPacket();

  private boolean add(int port, int id, int offset, int length, boolean hasMore, long nowNanos) {
    frame.clear();
    packet.start = 14;
    packet.payloadStart = 34;
    packet.end = 34 + length;
    packet.fragmentId = id;
    packet.fragmentOffset = offset;
    packet.hasMoreFragments = hasMore;
    for (int i = 0; i < length; i++) {
      frame.bytes().put(34 + i, (byte) (offset + i));
    }
    return reassembly.add(port, frame, packet, whole, nowNanos);
  }

  @Test
  void joinsFragmentsInAnyOrder() {
    assertFalse(add(1, 5, 16, 5, false, 0));
    assertFalse(add(1, 5, 0, 8, true, 0));
    assertTrue(add(1, 5, 8, 8, true, 0));

    assertEquals(21, packet.end() - packet.payloadStart());
    for (int i = 0; i < 21; i++) {
      assertEquals(i, whole.bytes().get(packet.payloadStart() + i));
    }
    assertEquals(0, reassembly.pending());
  }

  @Test
  void dropsAPacketWithOverlaps() {
    add(1, 5, 0, 16, true, 0);
    assertFalse(add(1, 5, 8, 16, true, 0));

    assertEquals(0, reassembly.pending());
  }

  @Test
  void dropsFragmentsBeyondTheEndAndBeyondWhatAPacketHolds() {
    add(1, 5, 16, 8, false, 0);
    assertFalse(add(1, 5, 24, 8, true, 0));
    assertFalse(add(1, 6, 65528, 16, false, 0));
    assertFalse(add(1, 7, 0, 7, true, 0));

    assertEquals(0, reassembly.pending());
  }

  @Test
  void aMachineThatSendsOnlyPartsPushesOutItsOwn() {
    add(2, 1, 0, 8, true, 0);
    for (int id = 0; id < 1000; id++) {
      add(1, id, 0, 8, true, 0);
    }

    assertEquals(Reassembly.MAX_PER_PORT + 1, reassembly.pending());
    assertTrue(add(2, 1, 8, 8, false, 0));
  }

  @Test
  void forgetsPartsAfterATime() {
    add(1, 5, 0, 8, true, 0);
    add(1, 6, 0, 8, true, Reassembly.TIMEOUT_NANOS + 1);

    assertEquals(1, reassembly.pending());
  }
}
