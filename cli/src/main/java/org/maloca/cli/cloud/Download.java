package org.maloca.cli.cloud;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/**
 * Fetches files by HTTP, asking again as {@link Retries} says. A large one that was interrupted
 * goes on where it stopped (RFC 9110, section 14), as long as the server still has the same file:
 * its entity tag, or the time of its last change, is kept beside what is there.
 */
final class Download {
  private static final int MAX_TEXT_BYTES = 1 << 20;
  private static final int CHUNK = 1 << 16;
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(20);

  private final HttpClient client =
      HttpClient.newBuilder()
          .followRedirects(HttpClient.Redirect.NORMAL)
          .connectTimeout(CONNECT_TIMEOUT)
          .build();
  private final Retries retries;
  private final Duration patience;
  private final long maxBytes;

  /**
   * @param retries for what may pass
   * @param patience how long a server may say nothing, before its answer or in the middle of it
   * @param maxBytes no file may be larger
   */
  Download(Retries retries, Duration patience, long maxBytes) {
    this.retries = retries;
    this.patience = patience;
    this.maxBytes = maxBytes;
  }

  /** Fetches a small text. */
  String text(URI address, DownloadProgress progress) throws IOException, InterruptedException {
    return retries.run(() -> text(address), () -> 0, progress);
  }

  private String text(URI address) throws IOException, InterruptedException {
    HttpResponse<InputStream> response = send(HttpRequest.newBuilder(address));
    try (InputStream body = new PatientStream(response.body(), patience)) {
      if (response.statusCode() != 200) {
        throw refused(address, response);
      }
      byte[] bytes = body.readNBytes(MAX_TEXT_BYTES + 1);
      if (bytes.length > MAX_TEXT_BYTES) {
        throw new DownloadRefusal(address + " is too long for a list of checksums");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  /**
   * Fetches a file, or the rest of it.
   *
   * @param part takes it; with what an earlier attempt left there is gone on
   */
  void file(URI address, Path part, DownloadProgress progress)
      throws IOException, InterruptedException {
    retries.run(
        () -> {
          attempt(address, part, progress);
          return part;
        },
        () -> size(part),
        progress);
  }

  private void attempt(URI address, Path part, DownloadProgress progress)
      throws IOException, InterruptedException {
    Path tagFile = part.resolveSibling(part.getFileName() + ".tag");
    long have = size(part);
    String tag = Files.exists(tagFile) ? Files.readString(tagFile) : "";
    HttpRequest.Builder request = HttpRequest.newBuilder(address);
    boolean isResumed = have > 0 && !tag.isEmpty();
    if (isResumed) {
      request.header("Range", "bytes=" + have + "-").header("If-Range", tag);
    }
    HttpResponse<InputStream> response = send(request);
    try (InputStream body = new PatientStream(response.body(), patience)) {
      long start = 0;
      if (isResumed && response.statusCode() == 206 && rangeStart(response) == have) {
        start = have;
      } else if (isResumed && (response.statusCode() == 206 || response.statusCode() == 416)) {
        Files.deleteIfExists(tagFile);
        throw new IOException(address + ": the server does not go on where it stopped");
      } else if (response.statusCode() != 200) {
        throw refused(address, response);
      } else {
        Files.writeString(tagFile, validator(response));
      }
      long length = response.headers().firstValueAsLong("Content-Length").orElse(-1);
      long total = length < 0 ? -1 : start + length;
      if (total > maxBytes) {
        throw new DownloadRefusal(address + " is larger than an image can be");
      }
      copy(address, body, part, start, total, progress);
    }
    Files.deleteIfExists(tagFile);
  }

  private void copy(
      URI address, InputStream body, Path part, long start, long total, DownloadProgress progress)
      throws IOException {
    byte[] chunk = new byte[CHUNK];
    long done = start;
    try (FileChannel file =
        FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      file.truncate(start).position(start);
      for (int count = body.read(chunk); count >= 0; count = body.read(chunk)) {
        ByteBuffer bytes = ByteBuffer.wrap(chunk, 0, count);
        write(bytes, file, part);
        done += count;
        if (done > maxBytes) {
          throw new DownloadRefusal(address + " is larger than an image can be");
        }
        progress.at(done, total);
      }
    }
    if (total >= 0 && done != total) {
      throw new IOException("%s ended after %d of %d bytes".formatted(address, done, total));
    }
  }

  private static void write(ByteBuffer bytes, FileChannel file, Path part) throws DownloadRefusal {
    try {
      while (bytes.hasRemaining()) {
        file.write(bytes);
      }
    } catch (IOException full) {
      throw new DownloadRefusal(
          "cannot write to %s: %s (what has come so far is kept)"
              .formatted(part, full.getMessage()),
          full);
    }
  }

  private HttpResponse<InputStream> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    HttpRequest built = request.timeout(patience).header("User-Agent", "maloca").build();
    try {
      return client.send(built, BodyHandlers.ofInputStream());
    } catch (ConnectException | HttpConnectTimeoutException unreachable) {
      // Its own message, if it has one, does not say whom it could not reach.
      throw new IOException(built.uri().getHost() + " cannot be reached", unreachable);
    }
  }

  /** What tells this file from a later one; a weak tag is no use for ranges. */
  private static String validator(HttpResponse<?> response) {
    String tag = response.headers().firstValue("ETag").orElse("");
    return tag.startsWith("\"") ? tag : response.headers().firstValue("Last-Modified").orElse("");
  }

  private static long rangeStart(HttpResponse<?> response) {
    String range =
        response.headers().firstValue("Content-Range").orElse("").toLowerCase(Locale.ROOT);
    String prefix = "bytes ";
    int dash = range.indexOf('-');
    try {
      return range.startsWith(prefix) && dash > 0
          ? Long.parseLong(range.substring(prefix.length(), dash))
          : -1;
    } catch (NumberFormatException nonsense) {
      return -1;
    }
  }

  private static long size(Path file) throws IOException {
    return Files.exists(file) ? Files.size(file) : 0;
  }

  private static IOException refused(URI address, HttpResponse<?> response) {
    int status = response.statusCode();
    String words = "%s: the server answered %d".formatted(address, status);
    if (ServerBusy.isSaidBy(status)) {
      return new ServerBusy(
          words,
          response
              .headers()
              .firstValue("Retry-After")
              .flatMap(header -> ServerBusy.retryAfter(header, Instant.now())));
    }
    // Too many in a row, or from HTTPS to HTTP.
    return new DownloadRefusal(
        response
            .headers()
            .firstValue("Location")
            .map(place -> words + " and sends on to " + place + ", which is not followed")
            .orElse(words));
  }
}
