package org.maloca.net.frame;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.maloca.core.backend.NetFrame;
import org.maloca.core.backend.NetFrame.Segmentation;

final class FrameSegmenterTest {
  private static final int FIN_PSH_ACK_CWR = 0x99;

  private final FrameSegmenter segmenter = new FrameSegmenter();
  private final List<byte[]> frames = new ArrayList<>();

  private boolean segment(NetFrame frame) {
    frames.clear();
    return segmenter.segment(frame, bytes -> frames.add(Frames.copy(bytes)));
  }

  private static NetFrame largeTcp(boolean isIpv6, int payload, int size) {
    NetFrame frame = Frames.tcp(isIpv6, payload, FIN_PSH_ACK_CWR);
    frame.setChecksum(isIpv6 ? 54 : 34, 16);
    frame.setSegmentation(isIpv6 ? Segmentation.TCP_IPV6 : Segmentation.TCP_IPV4, size, true);
    return frame;
  }

  @ParameterizedTest
  @CsvSource({"false,65000,1448", "true,65000,1428", "false,1448,1448", "false,1449,1448"})
  void cutsTcpIntoSegmentsThatCarryTheSame(boolean isIpv6, int payload, int size) {
    NetFrame large = largeTcp(isIpv6, payload, size);
    byte[] whole = Frames.copy(large.bytes());
    int headers = (isIpv6 ? 54 : 34) + 24;

    assertTrue(segment(large));

    assertEquals((payload + size - 1) / size, frames.size());
    ByteArrayOutputStream carried = new ByteArrayOutputStream();
    for (int i = 0; i < frames.size(); i++) {
      byte[] frame = frames.get(i);
      ByteBuffer bytes = ByteBuffer.wrap(frame);
      assertTrue(Frames.hasGoodChecksums(frame), "frame " + i);
      assertTrue(frame.length <= headers + size);
      assertEquals(0x7fff_fff0 + i * size, bytes.getInt(headers - 20));
      if (isIpv6) {
        assertEquals(frame.length - 54, bytes.getShort(18));
      } else {
        assertEquals(frame.length - 14, bytes.getShort(16));
        assertEquals((short) (0xfffe + i), bytes.getShort(18));
      }
      boolean isLast = i == frames.size() - 1;
      int expected = 0x10 | (isLast ? 0x09 : 0) | (i == 0 ? 0x80 : 0);
      assertEquals(expected, frame[headers - 24 + 13] & 0xff);
      carried.write(frame, headers, frame.length - headers);
    }
    assertArrayEquals(Arrays.copyOfRange(whole, headers, whole.length), carried.toByteArray());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void cutsUdpIntoDatagrams(boolean isIpv6) {
    NetFrame large = Frames.udp(isIpv6, 3000);
    large.setSegmentation(Segmentation.UDP, 1400, false);

    assertTrue(segment(large));

    assertEquals(3, frames.size());
    int transport = isIpv6 ? 54 : 34;
    assertEquals(transport + 8 + 200, frames.get(2).length);
    assertEquals(208, ByteBuffer.wrap(frames.get(2)).getShort(transport + 4));
    assertTrue(frames.stream().allMatch(Frames::hasGoodChecksums));
  }

  @Test
  void findsHeadersBehindVlanTagsAndExtensions() {
    NetFrame tagged = largeTcp(false, 4000, 1000);
    byte[] plain = Frames.copy(tagged.bytes());
    tagged.bytes().limit(plain.length + 4);
    tagged.bytes().put(12, new byte[] {(byte) 0x81, 0, 0, 5}).put(16, plain, 12, plain.length - 12);
    assertTrue(segment(tagged));
    assertEquals(4, frames.size());
    assertEquals(4 + 34 + 24 + 1000 - 14 - 4, ByteBuffer.wrap(frames.get(0)).getShort(20));

    NetFrame extended = largeTcp(true, 4000, 1000);
    plain = Frames.copy(extended.bytes());
    extended.bytes().limit(plain.length + 8).put(62, plain, 54, plain.length - 54);
    extended.bytes().put(20, (byte) 60).put(54, new byte[] {6, 0, 1, 4, 0, 0, 0, 0});
    assertTrue(segment(extended));
    assertEquals(4, frames.size());
    assertEquals(0x8000_03d8, ByteBuffer.wrap(frames.get(1)).getInt(66));
  }

  @Test
  void passesSmallFramesAndFillsTheirChecksumIn() {
    NetFrame frame = Frames.tcp(false, 101, 0x10);
    ByteBuffer bytes = frame.bytes();
    // What a driver leaves: the pseudo-header's sum.
    byte[] addresses = new byte[8];
    bytes.get(26, addresses);
    bytes.putShort(50, (short) Frames.folded(Frames.slowSum(addresses) + 6 + 125));
    frame.setChecksum(34, 16);
    byte[] header = new byte[20];
    bytes.get(14, header);
    bytes.putShort(24, (short) ~Frames.folded(Frames.slowSum(header)));

    assertTrue(segment(frame));
    assertEquals(1, frames.size());
    assertTrue(Frames.hasGoodChecksums(frames.getFirst()));
    assertFalse(frame.needsChecksum());
    assertTrue(segment(frame));
    assertTrue(Frames.hasGoodChecksums(frames.getFirst()));
  }

  @Test
  void aUdpChecksumIsNeverZero() {
    NetFrame frame = Frames.numbered(0, 42);
    for (int i = 0; i < 8; i++) {
      frame.bytes().put(34 + i, (byte) (i < 2 ? 0xff : 0));
    }
    frame.setChecksum(34, 6);
    assertTrue(segment(frame));
    assertEquals((short) 0xffff, ByteBuffer.wrap(frames.getFirst()).getShort(40));
  }

  @Test
  void refusesWhatTheGuestLiesAbout() {
    assertFalse(segment(largeTcp(false, 60_000, 0)));
    assertFalse(segment(largeTcp(false, 60_000, -5)));
    assertFalse(segment(largeTcp(false, 60_000, 8)));
    NetFrame otherKind = largeTcp(false, 6000, 1000);
    otherKind.setSegmentation(Segmentation.UDP, 1000, false);
    assertFalse(segment(otherKind));
    otherKind.setSegmentation(Segmentation.TCP_IPV6, 1000, false);
    assertFalse(segment(otherKind));
    NetFrame longHeader = largeTcp(false, 0, 1000);
    longHeader.bytes().put(46, (byte) 0xf0);
    assertFalse(segment(longHeader));
    NetFrame fragment = largeTcp(false, 6000, 1000);
    fragment.bytes().putShort(20, (short) 0x2000);
    assertFalse(segment(fragment));
    NetFrame outside = Frames.tcp(false, 10, 0);
    outside.setChecksum(outside.bytes().limit() - 1, 0);
    assertFalse(segment(outside));
    outside.setChecksum(Integer.MAX_VALUE, Integer.MAX_VALUE);
    assertFalse(segment(outside));
    outside.setChecksum(-4, 20);
    assertFalse(segment(outside));
    assertTrue(frames.isEmpty());
  }

  @Test
  void survivesAnyFrame() {
    Random random = new Random(5);
    Segmentation[] kinds = Segmentation.values();
    int given = 0;
    for (int round = 0; round < 30_000; round++) {
      NetFrame frame = FRAMES[random.nextInt(FRAMES.length)];
      ByteBuffer bytes = frame.bytes();
      int length = random.nextInt(random.nextBoolean() ? 80 : 3000);
      bytes.limit(length);
      for (int flips = Math.min(length, random.nextInt(12)); flips > 0; flips--) {
        bytes.put(random.nextInt(Math.min(length, 70)), (byte) random.nextInt());
      }
      frame.setSegmentation(
          kinds[random.nextInt(kinds.length)], random.nextInt(-2, 2000), random.nextBoolean());
      frame.setChecksum(random.nextInt(-3, 3000), random.nextInt(-3, 40));
      frames.clear();
      boolean isGood = segment(frame);
      assertEquals(isGood, !frames.isEmpty());
      given += frames.size();
    }
    assertTrue(given > 1000);
  }

  private static final NetFrame[] FRAMES = {
    Frames.tcp(false, 3000, 0x10), Frames.tcp(true, 3000, 0x10),
    Frames.udp(false, 3000), Frames.udp(true, 3000)
  };

  @Test
  void countsWhatALargeFrameStandsFor() {
    assertEquals(1, FrameSegmenter.count(Frames.tcp(false, 100, 0)));
    assertEquals(5, FrameSegmenter.count(largeTcp(false, 4900, 1000)));
  }
}
