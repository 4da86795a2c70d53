package org.maloca.cli;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.maloca.cli.guest.DataFolder;

/**
 * Where other processes of the user ask a running machine for something: a Unix socket in the data
 * folder, which nobody else can reach. A connection carries one line and its answer, in front of
 * which stands whether it went well.
 */
final class MachineSocket implements AutoCloseable {
  private static final int MAX_BYTES = 65536;
  private static final char WELL = '+';
  private static final char NOT_WELL = '-';

  /** What is done with a request. */
  @FunctionalInterface
  interface Service {
    /** Answers a line; the message of an exception is for who asked. */
    String answer(String request) throws IOException;
  }

  private final Path path;
  private final ServerSocketChannel server;
  private final Service service;
  private final @Nullable Object fileKey;

  private MachineSocket(Path path, ServerSocketChannel server, Service service) throws IOException {
    this.path = path;
    this.server = server;
    this.service = service;
    fileKey = fileKey(path);
  }

  /** The folder of all machines' sockets. */
  static Path folder() {
    return DataFolder.locate().resolve("control");
  }

  /** Where a machine has its socket. */
  static Path of(String machineName) {
    return folder().resolve(machineName);
  }

  /** Listens, in place of a machine of the same name before. */
  static MachineSocket open(Path path, Service service) throws IOException {
    Path folder = Objects.requireNonNull(path.getParent());
    Files.createDirectories(folder);
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }
    Files.deleteIfExists(path);
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      server.bind(UnixDomainSocketAddress.of(path));
      MachineSocket socket = new MachineSocket(path, server, service);
      Thread.ofVirtual().name("maloca-control").start(socket::serve);
      return socket;
    } catch (IOException | RuntimeException failure) {
      server.close();
      throw failure;
    }
  }

  private void serve() {
    while (server.isOpen()) {
      try {
        SocketChannel client = server.accept();
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException closing) {
        return;
      }
    }
  }

  private void serve(SocketChannel client) {
    try (client) {
      String answer;
      try {
        answer = WELL + service.answer(read(client, true));
      } catch (IOException refused) {
        answer = NOT_WELL + String.valueOf(refused.getMessage());
      }
      write(client, answer);
    } catch (IOException gone) {
      // Nobody is there to be told.
    }
  }

  /**
   * Asks a machine.
   *
   * @throws MachineRefusal if it says no
   * @throws IOException if no machine is there
   */
  static String ask(Path path, String request) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      write(channel, request + "\n");
      String answer = read(channel, false);
      if (answer.isEmpty() || answer.charAt(0) != WELL) {
        throw new MachineRefusal(answer.isEmpty() ? "the machine has ended" : answer.substring(1));
      }
      return answer.substring(1);
    }
  }

  /** A machine is there, and says why not. */
  static final class MachineRefusal extends IOException {
    private static final long serialVersionUID = 1;

    MachineRefusal(String message) {
      super(message);
    }
  }

  private static void write(SocketChannel channel, String text) throws IOException {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Reads to the end, or to that of a line. */
  private static String read(SocketChannel channel, boolean isLine) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(MAX_BYTES);
    while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
      if (isLine && bytes.position() > 0 && bytes.get(bytes.position() - 1) == '\n') {
        break;
      }
    }
    return StandardCharsets.UTF_8.decode(bytes.flip()).toString().strip();
  }

  private static @Nullable Object fileKey(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
  }

  /** Ends; what a machine that came later made in its place stays. */
  @Override
  public void close() {
    try {
      server.close();
      if (Files.exists(path) && Objects.equals(fileKey, fileKey(path))) {
        Files.deleteIfExists(path);
      }
    } catch (IOException leftBehind) {
      // The next machine of the name takes its place, and nobody answers there until then.
    }
  }
}
