package org.maloca.net.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.maloca.net.service.StreamService;

/**
 * One request as its bytes come (RFC 9112), and the answer to it, behind which the connection ends.
 * Not thread-safe.
 */
final class PostRequest {
  static final int MAX_BODY_BYTES = 16 * 1024;
  static final int MAX_HEAD_BYTES = 8 * 1024;
  private static final int FIRST_BYTES = 512;

  private final PostService service;
  private final StreamService.Answers answers;

  /** The head as far as it came, then the body. */
  private byte[] bytes = new byte[FIRST_BYTES];

  private int length;
  private int lineBytes;
  private @Nullable Consumer<byte[]> receiver;
  private boolean isOver;

  PostRequest(PostService service, StreamService.Answers answers) {
    this.service = service;
    this.answers = answers;
  }

  /** Takes bytes of the client's. */
  void take(ByteBuffer source) {
    while (source.hasRemaining() && !isOver) {
      if (receiver == null) {
        takeHead(source.get());
      } else {
        takeBody(source, receiver);
      }
    }
  }

  private void takeHead(byte value) {
    if (length == MAX_HEAD_BYTES) {
      answer(Status.FIELDS_TOO_LARGE);
      return;
    }
    if (length == bytes.length) {
      bytes = Arrays.copyOf(bytes, 2 * length);
    }
    // A line may end in LF alone, and empty ones come before a request (RFC 9112, section 2.2).
    boolean isLineEnd = value == '\n';
    boolean isEmptyLine = isLineEnd && lineBytes == 0;
    if (value != '\r') {
      lineBytes = isLineEnd ? 0 : lineBytes + 1;
    }
    if (isEmptyLine && length > 0) {
      String head = new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
      // Which may have the empty line's CR behind it.
      judge(PostHead.parse(head.stripTrailing().lines().toList()));
    } else if (lineBytes > 0 || length > 0) {
      bytes[length++] = value;
    }
  }

  private void judge(PostHead head) {
    Consumer<byte[]> waiting = service.at(head.path());
    if (!head.problem().isEmpty()) {
      answer(head.problem());
    } else if (waiting == null) {
      answer(Status.NOT_FOUND);
    } else if (!head.method().equals("POST")) {
      answer(Status.METHOD_NOT_ALLOWED);
    } else if (head.bodyBytes() == PostHead.UNKNOWN) {
      answer(Status.LENGTH_REQUIRED);
    } else if (head.bodyBytes() > MAX_BODY_BYTES) {
      answer(Status.CONTENT_TOO_LARGE);
    } else {
      receiver = waiting;
      bytes = new byte[head.bodyBytes()];
      length = 0;
      if (head.isAsking()) {
        answers.send(line(Status.CONTINUE + "\r\n"));
      }
      takeBody(ByteBuffer.allocate(0), waiting);
    }
  }

  private void takeBody(ByteBuffer source, Consumer<byte[]> waiting) {
    int count = Math.min(source.remaining(), bytes.length - length);
    source.get(bytes, length, count);
    length += count;
    if (length == bytes.length) {
      waiting.accept(bytes);
      answer(Status.NO_CONTENT);
    }
  }

  private void answer(String status) {
    isOver = true;
    bytes = new byte[0];
    String allowed = status.equals(Status.METHOD_NOT_ALLOWED) ? "Allow: POST\r\n" : "";
    String size = status.equals(Status.NO_CONTENT) ? "" : "Content-Length: 0\r\n";
    answers.send(line(status + "\r\n" + allowed + size + "Connection: close\r\n"));
    answers.end();
  }

  private static byte[] line(String text) {
    return ("HTTP/1.1 " + text + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
  }
}
