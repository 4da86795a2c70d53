package org.maloca.cli.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.core.backend.CharBackend;

class ChannelSocketTest {
  @TempDir Path folder;
  private final BlockingQueue<Character> received = new LinkedBlockingQueue<>();

  private final CharBackend.Receiver guest =
      new CharBackend.Receiver() {
        @Override
        public int receive(byte[] bytes, int offset, int length) {
          received.add((char) bytes[offset]);
          return 1;
        }

        @Override
        public void awaitRoom() {}
      };

  private SocketChannel connect(String greeting) throws IOException {
    SocketChannel client =
        SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("channel")));
    client.write(ByteBuffer.wrap(greeting.getBytes(StandardCharsets.US_ASCII)));
    return client;
  }

  @Test
  void programsComeOneAfterTheOther() throws Exception {
    ChannelSocket channel = ChannelSocket.open(folder.resolve("channel"));
    channel.connect(guest);
    for (String greeting : new String[] {"ab", "cd"}) {
      try (SocketChannel client = connect(greeting)) {
        assertEquals(greeting.charAt(0), received.take());
        assertEquals(greeting.charAt(1), received.take());
        channel.transmit((byte) 'x');
        ByteBuffer answer = ByteBuffer.allocate(1);
        client.read(answer);
        assertEquals('x', answer.get(0));
      }
    }

    channel.close();

    assertFalse(Files.exists(folder.resolve("channel")));
  }

  @Test
  void whatNobodyHearsIsLost() throws IOException {
    ChannelSocket channel = ChannelSocket.open(folder.resolve("channel"));
    channel.connect(guest);

    for (int i = 0; i < 1 << 18; i++) {
      channel.transmit((byte) i);
    }

    channel.close();
  }
}
