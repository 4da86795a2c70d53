package org.maloca.net.dns;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class DnsServerTest {
  private static final int A = 1;
  private static final int PTR = 12;
  private static final int TXT = 16;
  private static final int AAAA = 28;
  private static final int NXDOMAIN = 3;
  private static final int REFUSED = 5;

  private final LocalNames names = new LocalNames();
  private final List<byte[]> replies = new ArrayList<>();
  private final List<String> resolved = new ArrayList<>();
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
  private DnsUpstream upstream = DnsUpstream.NONE;
  private final DnsServer server =
      new DnsServer(
          names,
          (query, isStream) -> upstream.ask(query, isStream),
          (port, name, isAlias, address, ttl) ->
              resolved.add(name + (isAlias ? "* " : " ") + address.getHostAddress() + " " + ttl),
          (port, name) -> !name.equals("secret.example"),
          tasks::add);

  private byte[] ask(byte[] query) {
    replies.clear();
    server.receive(query, 1, "client", false, replies::add);
    while (!tasks.isEmpty()) {
      tasks.remove().run();
    }
    return replies.isEmpty() ? null : replies.getFirst();
  }

  private static InetAddress address(String text) {
    return InetAddress.ofLiteral(text);
  }

  @Test
  void knowsTheMachinesByShortAndFullNames() {
    names.add("Anna", address("10.0.2.15"));
    names.add("anna", address("fd00::15"));

    byte[] reply = ask(DnsMessages.query(0x1234, "anna", A));
    assertEquals(0x1234, ByteBuffer.wrap(reply).getShort(0));
    assertEquals(1, DnsMessages.answers(reply));
    assertArrayEquals(
        new byte[] {10, 0, 2, 15}, Arrays.copyOfRange(reply, reply.length - 4, reply.length));
    byte[] six = ask(DnsMessages.query(1, "ANNA.maloca", AAAA));
    assertArrayEquals(
        address("fd00::15").getAddress(), Arrays.copyOfRange(six, six.length - 16, six.length));
  }

  @Test
  void aKnownNameWithoutSuchRecordsIsNoError() {
    names.add("anna", address("10.0.2.15"));

    byte[] reply = ask(DnsMessages.query(1, "anna.maloca", TXT));
    assertEquals(0, DnsMessages.rcode(reply));
    assertEquals(0, DnsMessages.answers(reply));
    assertEquals(NXDOMAIN, DnsMessages.rcode(ask(DnsMessages.query(1, "bert.maloca", A))));
  }

  @Test
  void findsNamesOfAddresses() {
    names.add("anna", address("10.0.2.15"));
    names.add("anna", address("fd00::15"));

    byte[] four = ask(DnsMessages.query(1, "15.2.0.10.in-addr.arpa", PTR));
    byte[] name = NameSyntax.encode("anna.maloca");
    assertArrayEquals(name, Arrays.copyOfRange(four, four.length - name.length, four.length));
    String reverse = "5.1." + "0.".repeat(26) + "0.0.d.f.ip6.arpa";
    assertEquals(1, DnsMessages.answers(ask(DnsMessages.query(1, reverse, PTR))));
  }

  @Test
  void aMachineThatWentIsForgotten() {
    names.add("anna", address("10.0.2.15"));
    names.remove(address("10.0.2.15"));

    assertEquals(NXDOMAIN, DnsMessages.rcode(ask(DnsMessages.query(1, "anna.maloca", A))));
    assertNull(names.reverse("15.2.0.10.in-addr.arpa"));
  }

  @Test
  void forwardsTheRestAndTellsWhatNamesResolvedTo() {
    byte[] query = DnsMessages.query(7, "www.example", A);
    byte[] alias = NameSyntax.encode("cdn.example");
    byte[] answer =
        DnsMessages.answer(
            query,
            0,
            DnsMessages.record(new byte[] {(byte) 0xc0, 12}, 5, 60, alias),
            DnsMessages.record(alias, A, 30, (byte) 192, (byte) 0, (byte) 2, (byte) 1),
            DnsMessages.record(NameSyntax.encode("other.example"), A, 30, new byte[4]));
    upstream = (q, isStream) -> answer;

    assertArrayEquals(answer, ask(query));
    assertEquals(List.of("www.example 192.0.2.1 30", "cdn.example* 192.0.2.1 30"), resolved);
  }

  @Test
  void refusesNamesThatRulesForbidAndWholeZones() {
    upstream = (q, isStream) -> DnsMessages.answer(q, 0);

    assertEquals(REFUSED, DnsMessages.rcode(ask(DnsMessages.query(1, "secret.example", A))));
    assertEquals(REFUSED, DnsMessages.rcode(ask(DnsMessages.query(1, "www.example", 252))));
    assertEquals(0, DnsMessages.rcode(ask(DnsMessages.query(1, "www.example", A))));
  }

  @Test
  void withoutAResolverItSaysSo() {
    assertEquals(2, DnsMessages.rcode(ask(DnsMessages.query(1, "www.example", A))));
  }

  @Test
  void truncatesWhatTheClientCannotTakeByUdp() {
    byte[] name = NameSyntax.encode("www.example");
    byte[][] records = new byte[100][];
    Arrays.fill(records, DnsMessages.record(new byte[] {(byte) 0xc0, 12}, A, 9, new byte[4]));
    upstream = (q, isStream) -> DnsMessages.answer(DnsMessages.query(1, name, A, 0), 0, records);

    byte[] small = ask(DnsMessages.query(1, name, A, 0));
    assertTrue(DnsMessages.isTruncated(small) && small.length <= 512);
    assertEquals(0, DnsMessages.answers(small));
    byte[] large = ask(DnsMessages.query(1, name, A, 4096));
    assertFalse(DnsMessages.isTruncated(large));
    assertEquals(100, DnsMessages.answers(large));
  }

  @Test
  void forwardsARepeatedQuestionOnce() {
    byte[] query = DnsMessages.query(7, "www.example", A);
    server.receive(query, 1, "client", false, replies::add);
    server.receive(query, 1, "client", false, replies::add);

    assertEquals(1, tasks.size());
    tasks.remove().run();
    server.receive(query, 1, "client", false, replies::add);
    assertEquals(1, tasks.size());
  }

  @Test
  void noPortHasMoreThanItsShareOfQuestionsOnTheirWay() {
    for (int i = 0; i < 1000; i++) {
      server.receive(DnsMessages.query(i, "www.example", A), 1, "c", false, replies::add);
    }
    assertEquals(DnsServer.MAX_PER_PORT, tasks.size());
    server.receive(DnsMessages.query(1, "www.example", A), 2, "c", false, replies::add);
    assertEquals(DnsServer.MAX_PER_PORT + 1, tasks.size());
  }

  @Test
  void answersNonsenseWithAnErrorOrNotAtAll() {
    assertNull(ask(new byte[11]));
    byte[] answer = DnsMessages.query(1, "a", A);
    answer[2] |= (byte) 0x80;
    assertNull(ask(answer));
    byte[] two = DnsMessages.query(1, "a", A);
    two[5] = 2;
    assertEquals(1, DnsMessages.rcode(ask(two)));
    byte[] update = DnsMessages.query(1, "a", A);
    update[2] |= 5 << 3;
    assertEquals(4, DnsMessages.rcode(ask(update)));
  }

  @Test
  void survivesWhateverIsSentAndAnswered() {
    Random random = new Random(11);
    byte[] query = DnsMessages.query(7, NameSyntax.encode("www.example"), A, 1232);
    byte[] answer =
        DnsMessages.answer(
            DnsMessages.query(7, "www.example", A),
            0,
            DnsMessages.record(new byte[] {(byte) 0xc0, 12}, 5, 60, NameSyntax.encode("b.c")),
            DnsMessages.record(NameSyntax.encode("b.c"), A, 30, new byte[4]));
    for (int round = 0; round < 20_000; round++) {
      byte[] mutatedAnswer = mutate(answer, random);
      upstream = (q, isStream) -> mutatedAnswer.length < 12 ? null : mutatedAnswer;
      byte[] reply = ask(mutate(query, random));
      assertTrue(reply == null || reply.length >= 12);
    }
    assertTrue(tasks.isEmpty());
  }

  private static byte[] mutate(byte[] bytes, Random random) {
    byte[] copy = Arrays.copyOf(bytes, random.nextInt(bytes.length / 2, bytes.length + 9));
    for (int flips = random.nextInt(6); flips > 0; flips--) {
      copy[random.nextInt(copy.length)] = (byte) random.nextInt();
    }
    return copy;
  }
}
