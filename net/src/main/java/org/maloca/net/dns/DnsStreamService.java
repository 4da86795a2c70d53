package org.maloca.net.dns;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.maloca.net.service.StreamService;

/** A {@link DnsServer} on TCP port {@link DnsServer#PORT} (RFC 7766). */
public final class DnsStreamService implements StreamService {
  private final DnsServer server;

  public DnsStreamService(DnsServer server) {
    this.server = server;
  }

  @Override
  public Session open(int switchPort, InetSocketAddress client, Answers answers) {
    return new Questions(switchPort, client, answers);
  }

  /** Those of one connection, which may end its side before it has its answers. */
  private final class Questions implements Session {
    private final DnsStream stream = new DnsStream();
    private final int switchPort;
    private final InetSocketAddress client;
    private final Answers answers;
    private int unanswered;
    private boolean isInputOver;

    Questions(int switchPort, InetSocketAddress client, Answers answers) {
      this.switchPort = switchPort;
      this.client = client;
      this.answers = answers;
    }

    @Override
    public boolean receive(ByteBuffer bytes) {
      return stream.receive(bytes, this::ask);
    }

    private void ask(byte[] question) {
      count(1);
      if (!server.receive(question, switchPort, client, true, this::answer)) {
        count(-1);
      }
    }

    private void answer(byte[] reply) {
      answers.send(DnsStream.frame(reply));
      if (count(-1)) {
        answers.end();
      }
    }

    /** Counts questions; whether all are answered that there will be. */
    private synchronized boolean count(int change) {
      unanswered += change;
      return isInputOver && unanswered == 0;
    }

    @Override
    public synchronized boolean inputOver() {
      isInputOver = true;
      return unanswered == 0;
    }
  }
}
