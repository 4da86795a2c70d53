package org.maloca.net.dns;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * Cuts a TCP connection's bytes into messages, each behind its length in two bytes (RFC 1035,
 * section 4.2.2), and frames answers. Not thread-safe.
 */
public final class DnsStream {
  /** A question is small: whoever sends a longer one is not worth the memory. */
  private static final int MAX_QUESTION = 4096;

  private final ByteBuffer pending = ByteBuffer.allocate(2 + MAX_QUESTION);

  /**
   * Takes bytes from the client.
   *
   * @param questions takes each whole question
   * @return false if the client sends nonsense, and the connection should end
   */
  public boolean receive(ByteBuffer bytes, Consumer<byte[]> questions) {
    while (bytes.hasRemaining()) {
      pending.put(bytes.get());
      if (pending.position() < 2) {
        continue;
      }
      int length = pending.getShort(0) & 0xffff;
      if (length < DnsCode.HEADER_BYTES || length > MAX_QUESTION) {
        return false;
      }
      int missing = 2 + length - pending.position();
      int count = Math.min(missing, bytes.remaining());
      pending.put(bytes.slice(bytes.position(), count));
      bytes.position(bytes.position() + count);
      if (count == missing) {
        byte[] question = new byte[length];
        pending.get(2, question);
        pending.clear();
        questions.accept(question);
      }
    }
    return true;
  }

  /** An answer with its length before it. */
  public static byte[] frame(byte[] answer) {
    return ByteBuffer.allocate(2 + answer.length)
        .putShort((short) answer.length)
        .put(answer)
        .array();
  }
}
