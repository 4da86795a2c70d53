package org.maloca.cli.disk;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** Asks the machines that run, in the way of {@link RunningDisks}. */
final class RunningDiskClient {
  private static final int MAX_ANSWER_BYTES = 8192;

  private RunningDiskClient() {}

  /**
   * Has the machine that uses an image change the size of its disk.
   *
   * @param size as the user gave it
   * @return the new size, or nothing when no machine that can be asked has the image
   * @throws IOException when the machine refuses
   */
  static OptionalLong resize(Path folder, Path image, String size) throws IOException {
    if (!Files.isDirectory(folder)) {
      return OptionalLong.empty();
    }
    try (DirectoryStream<Path> sockets =
        Files.newDirectoryStream(folder, "*" + RunningDisks.SUFFIX)) {
      for (Path socket : sockets) {
        String answer = ask(socket, "%s\n%s".formatted(image.toRealPath(), size));
        if (answer.startsWith(RunningDisks.OK)) {
          return OptionalLong.of(Long.parseLong(answer.substring(RunningDisks.OK.length())));
        }
        if (answer.startsWith(RunningDisks.NO)) {
          throw new IOException(answer.substring(RunningDisks.NO.length()));
        }
      }
    }
    return OptionalLong.empty();
  }

  private static String ask(Path socket, String request) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      ByteBuffer out = StandardCharsets.UTF_8.encode(request);
      while (out.hasRemaining()) {
        channel.write(out);
      }
      channel.shutdownOutput();
      ByteBuffer in = ByteBuffer.allocate(MAX_ANSWER_BYTES);
      while (in.hasRemaining() && channel.read(in) >= 0) {
        // Until all is said.
      }
      return StandardCharsets.UTF_8.decode(in.flip()).toString();
    } catch (ConnectException nobody) {
      // Its machine was killed.
      Files.deleteIfExists(socket);
      return RunningDisks.OTHER;
    }
  }
}
