package org.maloca.cli.cloud;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.File;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PhoneHomeTest {
  @TempDir Path folder;

  private final LinkedBlockingQueue<String> told = new LinkedBlockingQueue<>();
  private final CloudInitVerdict verdict = new CloudInitVerdict(told::add);
  private final PhoneHome home = new PhoneHome(verdict);

  private void post(String body) {
    home.receive(body.getBytes(StandardCharsets.UTF_8));
  }

  private String words() throws InterruptedException {
    return told.poll(60, TimeUnit.SECONDS);
  }

  @Test
  void tellsWhatTheGuestSays() throws InterruptedException {
    post("done\n");
    assertEquals("cloud-init has set the machine up", words());
    post("error\n('scripts_user', RuntimeError('1 of 1 failed'))\nmore");
    assertEquals("cloud-init failed: ('scripts_user', RuntimeError('1 of 1 failed'))", words());
    assertTrue(verdict.isOver());
  }

  @Test
  void tellsOfWhatDidNotKeepItFromItsEnd() throws InterruptedException {
    post("degraded\nno \u001b[31mnet\u00e7" + "x".repeat(1000));
    String words = words();
    assertTrue(
        words.startsWith("cloud-init has finished, but something went wrong: no ?[31mnet?x"),
        words);
    assertTrue(words.length() < 250);
  }

  @Test
  void isNotTwiceTold() throws InterruptedException {
    verdict.accept(CloudInitFinding.setUp());
    assertEquals("cloud-init has set the machine up", words());
    post("done");
    post("degraded\nfirst");
    assertTrue(words().contains("first"));
    post("error\nsecond");
    post("done");
    verdict.accept(CloudInitFinding.failed("third"));
    assertNull(told.poll());
  }

  /** Runs what the guest would, with cloud-init's results in a folder. */
  private String said(String result, String status) throws Exception {
    CompletableFuture<String> body = new CompletableFuture<>();
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext(
        home.path(),
        exchange -> {
          byte[] bytes = exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
          body.complete(new String(bytes, StandardCharsets.UTF_8));
        });
    server.start();
    try {
      String host = "127.0.0.1:" + server.getAddress().getPort();
      String script =
          new String(home.vendorData(host), StandardCharsets.US_ASCII)
              .replace("#cloud-boothook\n", "")
              .replace("/run/cloud-init/", folder + "/");
      Path hook = Files.writeString(folder.resolve("hook"), script);
      Process process = new ProcessBuilder("sh", hook.toString()).start();
      // cloud-init waits for this, and has no result before.
      process.getInputStream().readAllBytes();
      process.getErrorStream().readAllBytes();
      assertEquals(0, process.waitFor());
      Files.writeString(folder.resolve("status.json"), status);
      Files.writeString(folder.resolve("result.json"), result);
      return body.get(60, TimeUnit.SECONDS);
    } finally {
      server.stop(0);
    }
  }

  @Test
  @Timeout(120)
  void theGuestSaysWhatCloudInitsFilesSay() throws Exception {
    for (String program : List.of("sh", "python3")) {
      assumeTrue(
          Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
              .anyMatch(place -> Files.isExecutable(Path.of(place, program))));
    }
    String unharmed = "{'v1': {'datasource': 'DataSourceNoCloud', 'errors': []}}";
    // As of 22.4 and, with what could be recovered from, of 23.4 and later.
    String status = "{'v1': {'init': {'errors': [], 'finished': 1.5}, 'stage': null}}";
    assertEquals("done", said(json(unharmed), json(status)));
    Files.delete(folder.resolve("result.json"));
    String warned =
        "{'v1': {'init': {'recoverable_errors': {'DEPRECATED': ['x'], 'WARNING': ['a\\nb']}}}}";
    assertEquals("degraded\na b", said(json(unharmed), json(warned)));
    Files.delete(folder.resolve("result.json"));
    assertEquals(
        "error\nscripts\na b", said(json("{'v1': {'errors': ['scripts']}}"), json(warned)));
  }

  private static String json(String text) {
    return text.replace('\'', '"');
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "hello", "Done", "done done", "\u0000", "error: x"})
  void makesNothingOfNonsense(String body) {
    post(body);
    assertFalse(verdict.isOver());
  }

  @Test
  void isAtAnAddressThatNobodyGuesses() {
    String script = new String(home.vendorData("192.0.2.9"), StandardCharsets.US_ASCII);
    assertTrue(script.startsWith("#cloud-boothook\n#!/bin/sh\n"), script);
    assertTrue(script.contains("opener.open(\"http://192.0.2.9" + home.path() + "\""), script);
    assertTrue(home.path().matches("/cloud-init/[0-9a-f]{32}"));
    assertNotEquals(home.path(), new PhoneHome(verdict).path());
  }
}
