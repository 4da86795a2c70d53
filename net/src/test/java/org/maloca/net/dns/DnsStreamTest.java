package org.maloca.net.dns;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DnsStreamTest {
  private final DnsStream stream = new DnsStream();
  private final List<byte[]> questions = new ArrayList<>();

  @Test
  void putsMessagesTogetherHoweverTheyAreCut() {
    byte[] first = DnsMessages.query(1, "a.example", 1);
    byte[] second = DnsMessages.query(2, "bb.example", 28);
    ByteBuffer both = ByteBuffer.allocate(4 + first.length + second.length);
    both.put(DnsStream.frame(first)).put(DnsStream.frame(second)).flip();

    for (int cut = 0; cut <= both.limit(); cut++) {
      questions.clear();
      assertTrue(stream.receive(both.slice(0, cut), questions::add));
      assertTrue(stream.receive(both.slice(cut, both.limit() - cut), questions::add));
      assertEquals(2, questions.size());
      assertArrayEquals(first, questions.get(0));
      assertArrayEquals(second, questions.get(1));
    }
  }

  @Test
  void endsWithWhoeverSendsNonsense() {
    assertFalse(stream.receive(ByteBuffer.wrap(new byte[] {0, 3}), questions::add));
    assertFalse(
        new DnsStream().receive(ByteBuffer.wrap(new byte[] {(byte) 0xff, 3}), questions::add));
  }
}
