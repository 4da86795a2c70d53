package org.maloca.cli.control;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * What goes over a connection: the request, a word and behind a space its arguments, to the end of
 * what the client sends, and then an answer, the first character of which says what it is. As long
 * as the machine works on that it sends {@link #WORKING}, so that clients can tell it from one that
 * stands still.
 */
final class Exchange {
  static final char DONE = '+';
  static final char REFUSED = '-';
  static final char NOT_OURS = '?';
  static final char WORKING = '.';

  private static final int MAX_BYTES = 65536;

  private Exchange() {}

  static void write(SocketChannel channel, String text) throws IOException {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Reads to the end. */
  static String read(SocketChannel channel) throws IOException {
    return read(channel, () -> {});
  }

  /** Reads to the end; {@code heard} is told of each piece. */
  static String read(SocketChannel channel, Runnable heard) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(MAX_BYTES);
    while (channel.read(bytes) >= 0) {
      heard.run();
      if (!bytes.hasRemaining()) {
        throw new IOException("more than %d bytes".formatted(MAX_BYTES - 1));
      }
    }
    return StandardCharsets.UTF_8.decode(bytes.flip()).toString();
  }
}
