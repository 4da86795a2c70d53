package org.maloca.net.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.maloca.net.service.StreamService;

final class PostServiceTest {
  private static final InetSocketAddress CLIENT = new InetSocketAddress("10.0.2.15", 40000);
  private static final String HOST = "Host: 10.0.2.3\r\n";

  private final PostService service = new PostService();
  private final List<String> posted = new ArrayList<>();

  PostServiceTest() {
    service.receive("/secret", body -> posted.add(new String(body, StandardCharsets.UTF_8)));
  }

  /** A client's end of a connection. */
  private static final class Client implements StreamService.Answers {
    private final StringBuilder heard = new StringBuilder();
    private boolean isEnded;

    @Override
    public void send(byte[] bytes) {
      assertFalse(isEnded);
      heard.append(new String(bytes, StandardCharsets.ISO_8859_1));
    }

    @Override
    public void end() {
      isEnded = true;
    }
  }

  private Client ask(String... pieces) {
    Client client = new Client();
    StreamService.Session session = service.open(1, CLIENT, client);
    for (String piece : pieces) {
      assertTrue(session.receive(ByteBuffer.wrap(piece.getBytes(StandardCharsets.ISO_8859_1))));
    }
    return client;
  }

  private static String post(String path, String fields, String body) {
    return "POST " + path + " HTTP/1.1\r\n" + HOST + fields + "\r\n" + body;
  }

  @Test
  void takesWhatIsPostedHoweverItIsCut() {
    String request = post("/secret", "Content-Length: 6\r\nX: y z \r\n", "a\r\n\r\nb");
    for (int cut = 0; cut <= request.length(); cut++) {
      posted.clear();
      Client client = ask(request.substring(0, cut), request.substring(cut));
      assertEquals(List.of("a\r\n\r\nb"), posted);
      assertEquals("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", client.heard.toString());
      assertTrue(client.isEnded);
    }
  }

  @Test
  void takesFormsThatOldAndOtherClientsSend() {
    ask("\r\nPOST /secret HTTP/1.0\ncontent-length:2\n\nab");
    ask("POST http://10.0.2.3/secret HTTP/1.1\r\n" + HOST + "Content-Length: 0\r\n\r\n");
    Client curl = ask(post("/secret", "Content-Length: 1\r\nExpect: 100-continue\r\n", ""), "c");
    assertEquals(List.of("ab", "", "c"), posted);
    assertTrue(curl.heard.toString().startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 "));
  }

  @Test
  void hearsNothingBehindTheOneRequest() {
    String request = post("/secret", "Content-Length: 1\r\n", "a");
    Client client = ask(request + request, request);
    assertEquals(List.of("a"), posted);
    assertEquals(client.heard.indexOf("HTTP/1.1"), client.heard.lastIndexOf("HTTP/1.1"));
  }

  @Test
  void isDeafWhereNobodyWaitsAnyLonger() {
    service.forget("/secret");
    assertTrue(
        ask(post("/secret", "Content-Length: 1\r\n", "a"))
            .heard
            .toString()
            .startsWith("HTTP/1.1 404 "));
    assertEquals(List.of(), posted);
  }

  @ParameterizedTest
  @CsvSource({
    "404, POST /other HTTP/1.1, Content-Length: 1",
    "404, POST / HTTP/1.1, Content-Length: 1",
    "405, GET /secret HTTP/1.1, X: y",
    "411, POST /secret HTTP/1.1, X: y",
    "411, POST /secret HTTP/1.1, Transfer-Encoding: chunked",
    "413, POST /secret HTTP/1.1, Content-Length: 16385",
    "413, POST /secret HTTP/1.1, Content-Length: 99999999999999999999",
    "400, POST /secret HTTP/1.1, Content-Length: -1",
    "400, POST /secret HTTP/1.1, Content-Length : 1",
    "400, POST secret HTTP/1.1, Content-Length: 1",
    "400, POST /secret, Content-Length: 1",
    "400, nonsense, Content-Length: 1",
    "505, POST /secret HTTP/2.0, Content-Length: 1"
  })
  void refusesAllElse(String status, String line, String field) {
    Client client = ask(line + "\r\n" + HOST + field + "\r\n\r\na");
    assertTrue(
        client.heard.toString().startsWith("HTTP/1.1 " + status + " "), client.heard::toString);
    assertTrue(client.heard.toString().endsWith("\r\n\r\n"));
    assertTrue(client.isEnded);
    assertEquals(List.of(), posted);
  }

  @Test
  void refusesTwoLengthsAndAMissingHost() {
    String two = post("/secret", "Content-Length: 1\r\nContent-Length: 2\r\n", "ab");
    assertTrue(ask(two).heard.toString().startsWith("HTTP/1.1 400 "));
    String hostless = "POST /secret HTTP/1.1\r\nContent-Length: 1\r\n\r\na";
    assertTrue(ask(hostless).heard.toString().startsWith("HTTP/1.1 400 "));
    assertEquals(List.of(), posted);
  }

  @Test
  void keepsNoHeadWithoutEnd() {
    String line = "X: " + "y".repeat(1000) + "\r\n";
    Client client = ask("POST /secret HTTP/1.1\r\n", line.repeat(9));
    assertTrue(client.heard.toString().startsWith("HTTP/1.1 431 "));
    assertTrue(client.isEnded);
  }
}
