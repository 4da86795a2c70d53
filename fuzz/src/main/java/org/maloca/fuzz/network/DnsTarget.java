package org.maloca.fuzz.network;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.core.time.ManualClock;
import org.maloca.fuzz.guided.FuzzTarget;
import org.maloca.fuzz.guided.Input;
import org.maloca.fuzz.guided.Output;
import org.maloca.net.dns.DnsServer;
import org.maloca.net.dns.DnsStream;
import org.maloca.net.dns.LocalNames;
import org.maloca.net.egress.ResolvedNames;

/**
 * Questions to the name server, by datagrams and by a stream, and the resolver's answers: a byte
 * for the way, then question and answer with a length of two bytes each. Answers with the
 * question's id count as such, so the harness puts it in.
 */
public final class DnsTarget implements FuzzTarget {
  private static final int HEADER_BYTES = 12;
  private static final int MAX_QUESTIONS = 30;
  private static final int MAX_DATAGRAM_BYTES = 4096;

  /** A question's additional record, for EDNS. */
  private static final String OPTION = "0000291000000000000000";

  private static final String RECORDS =
      "c00c00050001000000100002c00cc00c000100010000001000040a000001";

  @Override
  public long run(byte[] bytes) {
    Input input = new Input(bytes);
    ResolvedNames resolved = new ResolvedNames(new ManualClock());
    ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    byte[][] upstream = new byte[1][];
    LocalNames names = new LocalNames();
    names.add("anna", InetAddress.ofLiteral("10.0.2.15"));
    DnsServer server =
        new DnsServer(
            names,
            (query, isStream) -> answer(query, upstream[0]),
            (port, name, isAlias, address, ttl) -> resolved.add(name, isAlias, address, ttl),
            (port, name) -> name.length() % 7 != 0,
            tasks::add);
    DnsStream stream = new DnsStream();
    List<byte[]> replies = new ArrayList<>();
    int count = 0;
    for (int i = 0; i < MAX_QUESTIONS && input.hasMore(); i++) {
      boolean isStream = (input.u8() & 1) != 0;
      byte[] question = input.take(input.u16());
      upstream[0] = input.take(input.u16());
      if (isStream) {
        stream.receive(
            ByteBuffer.wrap(question),
            whole -> server.receive(whole, 1, "client", true, replies::add));
      } else {
        server.receive(question, 1, "client", false, replies::add);
      }
      while (!tasks.isEmpty()) {
        tasks.remove().run();
      }
      // Each question's on its own: what a stream's reply may have is too much for a datagram.
      check(replies, isStream ? 65535 : MAX_DATAGRAM_BYTES);
      count += replies.size();
      replies.clear();
    }
    return count;
  }

  private static byte @Nullable [] answer(byte[] query, byte[] upstream) {
    if (upstream.length < HEADER_BYTES) {
      return null;
    }
    byte[] answer = upstream.clone();
    System.arraycopy(query, 0, answer, 0, Math.min(2, answer.length));
    return answer;
  }

  private static void check(List<byte[]> replies, int most) {
    for (byte[] reply : replies) {
      if (reply.length > most || reply.length < 2) {
        throw new IllegalStateException("%d bytes of at most %d".formatted(reply.length, most));
      }
    }
  }

  @Override
  public List<byte[]> seeds() {
    Output output = new Output();
    for (String name : List.of("04616e6e6100", "03777777076578616d706c6500")) {
      for (String type : List.of("0001", "001c", "000c", "00ff")) {
        byte[] question =
            HexFormat.of().parseHex("000101000001000000000001" + name + type + "0001" + OPTION);
        byte[] answer =
            HexFormat.of().parseHex("000181800001000200000000" + name + type + "0001" + RECORDS);
        add(output, 0, question, answer);
        add(output, 1, DnsStream.frame(question), answer);
      }
    }
    return List.of(output.toByteArray());
  }

  private static void add(Output output, int way, byte[] question, byte[] answer) {
    output.u8(way).u16(question.length).bytes(question).u16(answer.length).bytes(answer);
  }
}
