package org.maloca.cli.cloud;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.block.disk.AllowedPaths;
import org.maloca.block.file.HostFile;
import org.maloca.block.file.ImageFile;

@Timeout(60)
final class ImageStoreTest {
  private static final long MAX_BYTES = 10 << 20;

  @TempDir Path folder;

  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  private final List<Duration> waits = new ArrayList<>();
  private final Deque<Integer> busy = new ArrayDeque<>();
  private String retryAfter = "";
  private byte[] content = new byte[3 << 20];
  private String tag = "\"one\"";
  private String checksums = "";
  private int breakAfter = Integer.MAX_VALUE;
  private boolean knowsRanges = true;
  private boolean isSilentAfterBreak;
  private final CountDownLatch end = new CountDownLatch(1);
  private List<String> machines = List.of();
  private HttpServer server;
  private ImageStore store;
  private CatalogueEntry entry;

  @BeforeEach
  void serve() throws Exception {
    new Random(1).nextBytes(content);
    checksums = "0".repeat(64) + "  other.img\n" + sha256(content) + " *disk.img\n";
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/SUMS",
        exchange -> {
          if (!isBusy(exchange)) {
            whole(exchange, checksums.getBytes(StandardCharsets.UTF_8));
          }
        });
    server.createContext("/disk.img", this::serveImage);
    server.start();
    String base = "http://127.0.0.1:" + server.getAddress().getPort();
    entry =
        new CatalogueEntry(
            "disk",
            "a disk",
            URI.create(base + "/disk.img"),
            URI.create(base + "/SUMS"),
            "SHA-256",
            "ana");
    store = new ImageStore(folder, image -> machines, download(Duration.ofSeconds(60)));
  }

  private Download download(Duration patience) {
    return new Download(new Retries(Duration.ofSeconds(1), waits::add), patience, MAX_BYTES);
  }

  @AfterEach
  void stop() {
    end.countDown();
    server.stop(0);
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private static void whole(HttpExchange exchange, byte[] bytes) throws IOException {
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  /** Answers with the next status of those that are set. */
  private boolean isBusy(HttpExchange exchange) throws IOException {
    if (busy.isEmpty()) {
      return false;
    }
    if (!retryAfter.isEmpty()) {
      exchange.getResponseHeaders().set("Retry-After", retryAfter);
    }
    exchange.sendResponseHeaders(busy.remove(), -1);
    exchange.close();
    return true;
  }

  private void serveImage(HttpExchange exchange) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    String condition = exchange.getRequestHeaders().getFirst("If-Range");
    requests.add(String.valueOf(range));
    if (isBusy(exchange)) {
      return;
    }
    int from = 0;
    exchange.getResponseHeaders().set("ETag", tag);
    boolean isPartial = knowsRanges && range != null && tag.equals(condition);
    if (isPartial) {
      from = Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
      exchange
          .getResponseHeaders()
          .set(
              "Content-Range",
              "bytes %d-%d/%d".formatted(from, content.length - 1, content.length));
    }
    exchange.sendResponseHeaders(isPartial ? 206 : 200, content.length - from);
    int to = Math.min(content.length, from + breakAfter);
    try (exchange) {
      exchange.getResponseBody().write(content, from, to - from);
      exchange.getResponseBody().flush();
      if (isSilentAfterBreak && to < content.length) {
        end.await();
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void fetchesAnImageChecksItAndTellsHowFarItIs() throws Exception {
    long[] last = new long[2];
    ImageStore.Image image =
        store.pull(
            entry,
            (done, total) -> {
              assertTrue(done > last[0]);
              last[0] = done;
              last[1] = total;
            });

    assertArrayEquals(content, Files.readAllBytes(image.file()));
    assertArrayEquals(new long[] {content.length, content.length}, last);
    assertEquals(List.of(image), store.list());
    assertFalse(Files.exists(folder.resolve("disk.part")));
  }

  @Test
  void anImageThatIsHereAndRightIsNotFetchedAgain() throws Exception {
    store.pull(entry, (done, total) -> {});
    store.pull(entry, (done, total) -> {});
    assertEquals(1, requests.size());
  }

  @Test
  void goesOnWhereTheConnectionBroke() throws Exception {
    breakAfter = 1 << 20;
    ImageStore.Image image = store.pull(entry, (done, total) -> {});

    assertArrayEquals(content, Files.readAllBytes(image.file()));
    assertTrue(requests.size() >= 3, requests.toString());
    assertEquals("null", requests.getFirst());
    assertTrue(requests.stream().skip(1).allMatch(range -> range.startsWith("bytes=")));
  }

  @Test
  void goesOnWhereTheServerFellSilent() throws Exception {
    breakAfter = 1 << 20;
    isSilentAfterBreak = true;
    ImageStore impatient =
        new ImageStore(folder, image -> machines, download(Duration.ofMillis(300)));

    ImageStore.Image image = impatient.pull(entry, (done, total) -> {});

    assertArrayEquals(content, Files.readAllBytes(image.file()));
    assertTrue(requests.size() >= 3, requests.toString());
  }

  @Test
  void asksABusyServerAgainEachTimeLater() throws Exception {
    busy.addAll(List.of(503, 500, 429, 504));
    assertArrayEquals(content, Files.readAllBytes(store.pull(entry, (done, total) -> {}).file()));
    assertEquals(Stream.of(1, 2, 4, 8).map(Duration::ofSeconds).toList(), waits);
  }

  @Test
  void givesAServerUpThatStaysBusyAndSaysWhatItAnswered() {
    busy.addAll(List.of(503, 503, 503, 503, 502, 503));
    IOException failure =
        assertThrows(IOException.class, () -> store.pull(entry, (done, total) -> {}));
    assertEquals(entry.checksums() + ": the server answered 502", failure.getMessage());
    assertEquals(1, busy.size());
  }

  @Test
  void waitsAsLongAsABusyServerWishesAndTellsWhy() throws Exception {
    busy.add(429);
    retryAfter = "77";
    List<String> told = new ArrayList<>();
    store.pull(
        entry,
        new DownloadProgress() {
          @Override
          public void at(long doneBytes, long totalBytes) {}

          @Override
          public void waits(String reason, Duration time) {
            told.add(reason + " " + time);
          }
        });
    assertEquals(List.of(Duration.ofSeconds(77)), waits);
    assertEquals(List.of(entry.checksums() + ": the server answered 429 PT1M17S"), told);
  }

  @Test
  void doesNotWaitForHours() {
    busy.add(503);
    retryAfter = "7200";
    IOException failure =
        assertThrows(IOException.class, () -> store.pull(entry, (done, total) -> {}));
    assertEquals(
        entry.checksums()
            + ": the server answered 503, and wants to be asked again in 120 minutes only",
        failure.getMessage());
    assertEquals(List.of(), waits);
  }

  @Test
  void asksNoMoreForWhatIsNotThere() {
    busy.add(404);
    IOException failure =
        assertThrows(IOException.class, () -> store.pull(entry, (done, total) -> {}));
    assertEquals(entry.checksums() + ": the server answered 404", failure.getMessage());
    assertEquals(List.of(), waits);
  }

  @Test
  void readsBothFormsInWhichServersTellWhenToComeBack() {
    Instant now = Instant.parse("2026-11-06T08:49:00Z");
    assertEquals(Optional.of(Duration.ofSeconds(120)), ServerBusy.retryAfter(" 120", now));
    assertEquals(
        Optional.of(Duration.ofSeconds(37)),
        ServerBusy.retryAfter("Fri, 06 Nov 2026 08:49:37 GMT", now));
    assertEquals(
        Optional.of(Duration.ZERO), ServerBusy.retryAfter("Fri, 06 Nov 2026 08:48:37 GMT", now));
    for (String nonsense : List.of("", "-1", "soon", "9".repeat(40))) {
      assertEquals(Optional.empty(), ServerBusy.retryAfter(nonsense, now), nonsense);
    }
  }

  @Test
  void saysWhereTheServerSendsItInVain() {
    server.createContext(
        "/loop.img",
        exchange -> {
          exchange.getResponseHeaders().set("Location", "/loop.img");
          exchange.sendResponseHeaders(302, -1);
          exchange.close();
        });
    URI loop = entry.address().resolve("/loop.img");
    checksums = "0".repeat(64) + "  loop.img\n";
    CatalogueEntry lost =
        new CatalogueEntry("disk", "a disk", loop, entry.checksums(), "SHA-256", "ana");
    IOException failure =
        assertThrows(IOException.class, () -> store.pull(lost, (done, total) -> {}));
    assertEquals(
        loop + ": the server answered 302 and sends on to /loop.img, which is not followed",
        failure.getMessage());
  }

  @Test
  void beginsAgainWhenTheFileHasChangedOrTheServerKnowsNoRanges() throws Exception {
    Files.createDirectories(folder);
    for (String oldTag : new String[] {"\"zero\"", tag}) {
      knowsRanges = !oldTag.equals(tag);
      Files.write(folder.resolve("disk.part"), new byte[1000]);
      Files.writeString(folder.resolve("disk.part.tag"), oldTag);
      assertArrayEquals(content, Files.readAllBytes(store.pull(entry, (done, total) -> {}).file()));
      store.remove("disk");
    }
    assertEquals(List.of("bytes=1000-", "bytes=1000-"), requests);
  }

  @Test
  void followsWhereTheServerSendsIt() throws Exception {
    server.createContext(
        "/old/disk.img",
        exchange -> {
          exchange.getResponseHeaders().set("Location", "/disk.img");
          exchange.sendResponseHeaders(302, -1);
          exchange.close();
        });
    URI moved = entry.address().resolve("/old/disk.img");
    CatalogueEntry old =
        new CatalogueEntry("disk", "a disk", moved, entry.checksums(), "SHA-256", "ana");

    assertArrayEquals(content, Files.readAllBytes(store.pull(old, (done, total) -> {}).file()));
  }

  @Test
  void saysWhichServerCannotBeReached() {
    server.stop(0);
    IOException failure =
        assertThrows(IOException.class, () -> store.pull(entry, (done, total) -> {}));
    assertEquals("127.0.0.1 cannot be reached", failure.getMessage());
  }

  @Test
  void throwsAnImageAwayThatIsNotWhatItsChecksumSays() throws Exception {
    content[77] ^= 1;
    ImageException refusal =
        assertThrows(ImageException.class, () -> store.pull(entry, (done, total) -> {}));
    assertEquals(ImageException.Kind.DAMAGED, refusal.kind());
    assertTrue(store.list().isEmpty());
    assertFalse(Files.exists(folder.resolve("disk.part")));
  }

  @Test
  void refusesWhatHasNoChecksumOrIsFarTooLarge() {
    checksums = "nothing here\n";
    assertThrows(ImageException.class, () -> store.pull(entry, (done, total) -> {}));
    assertTrue(requests.isEmpty());
    checksums = "f".repeat(64);
    content = new byte[(int) MAX_BYTES + 1];
    assertThrows(IOException.class, () -> store.pull(entry, (done, total) -> {}));
    assertEquals(1, requests.size());
  }

  @Test
  void keepsCopiesOfAUsersOwnImagesAndRemovesThem() throws Exception {
    Path own = Files.write(folder.resolve("own.qcow2"), new byte[] {1, 2, 3});
    ImageStore images = new ImageStore(folder.resolve("images"), image -> machines);
    ImageStore.Image image = images.importFile(own, "mine", AllowedPaths.OWN_FOLDER);
    assertArrayEquals(new byte[] {1, 2, 3}, Files.readAllBytes(image.file()));
    assertThrows(
        ImageException.class, () -> images.importFile(own, "mine", AllowedPaths.OWN_FOLDER));
    assertEquals(List.of(image), images.list());

    images.remove("mine");
    assertTrue(images.list().isEmpty());
    assertThrows(ImageException.class, () -> images.remove("mine"));
    for (String name : new String[] {"", "../x", "a/b", ".hidden", "a b"}) {
      assertThrows(
          ImageException.class, () -> images.importFile(own, name, AllowedPaths.OWN_FOLDER));
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void theHolesOfAnImageStayHoles() throws Exception {
    Path own = folder.resolve("own.raw");
    try (ImageFile file = HostFile.open(own, HostFile.Option.CREATE_NEW)) {
      file.setSize(100 << 20);
      file.write(0, ByteBuffer.allocateDirect(4096).put(0, (byte) 1));
      file.write(50 << 20, ByteBuffer.wrap(content));
    }
    ImageStore images = new ImageStore(folder.resolve("images"), image -> machines);
    Path copy = images.importFile(own, "mine", AllowedPaths.OWN_FOLDER).file();
    assertEquals(-1, Files.mismatch(own, copy));
    try (ImageFile file = HostFile.open(copy, HostFile.Option.READ_ONLY)) {
      assertTrue(file.allocatedBytes() < 10 << 20);
    }
    try (ImageFile written = HostFile.open(own)) {
      IOException inUse =
          assertThrows(
              IOException.class, () -> images.importFile(own, "other", AllowedPaths.OWN_FOLDER));
      assertTrue(inUse.getMessage().contains("in use"), inUse.getMessage());
    }
    assertEquals(List.of("mine"), images.list().stream().map(ImageStore.Image::name).toList());
    assertEquals(List.of("mine.img"), names(images.list().getFirst().file().getParent()));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> "" + file.getFileName()).toList();
    }
  }

  @Test
  void findsChecksumsHoweverVendorsWriteThem() {
    String hex = "AB".repeat(32);
    String lower = hex.toLowerCase(java.util.Locale.ROOT);
    for (String list :
        List.of(
            hex + "  a.img\n",
            hex + " *a.img\n",
            "x\n" + hex + "  ./a.img\n",
            "# a.img: 5 bytes\nSHA256 (b.img) = " + "0".repeat(64) + "\nSHA256 (a.img) = " + hex,
            hex + "\n")) {
      assertEquals(lower, Checksums.find(list, "a.img", "SHA-256").orElseThrow(), list);
      assertTrue(Checksums.find(list, "a.img", "SHA-512").isEmpty(), list);
    }
    assertTrue(Checksums.find(hex + "  aa.img\n", "a.img", "SHA-256").isEmpty());
  }

  @Test
  void theCatalogueThatComesWithMalocaIsWellFormed() {
    List<CatalogueEntry> entries = ImageCatalogue.builtIn().entries();
    assertFalse(entries.isEmpty());
    for (CatalogueEntry known : entries) {
      assertEquals("https", known.address().getScheme(), known.name());
      assertEquals("https", known.checksums().getScheme(), known.name());
      assertTrue(Arrays.asList("SHA-256", "SHA-512").contains(known.algorithm()), known.name());
      assertTrue(known.name().matches("[a-z]+-[0-9.]+"), known.name());
    }
  }

  @Test
  void anImageThatMachinesAreOverIsNeitherReplacedNorRemoved() throws Exception {
    store.pull(entry, (done, total) -> {});
    byte[] before = content.clone();
    machines = List.of("shop", "web");
    assertArrayEquals(before, Files.readAllBytes(store.pull(entry, (done, total) -> {}).file()));
    content[0]++;
    checksums = sha256(content) + " *disk.img\n";
    ImageException newer =
        assertThrows(ImageException.class, () -> store.pull(entry, (done, total) -> {}));
    assertTrue(newer.getMessage().endsWith(": shop, web"), newer.getMessage());
    assertThrows(ImageException.class, () -> store.remove("disk"));
    assertArrayEquals(before, Files.readAllBytes(store.find("disk").orElseThrow().file()));
    machines = List.of();
    assertArrayEquals(content, Files.readAllBytes(store.pull(entry, (done, total) -> {}).file()));
    store.remove("disk");
    assertTrue(store.find("disk").isEmpty());
  }
}
