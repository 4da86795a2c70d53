package org.maloca.cli.disk;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.maloca.cli.guest.DataFolder;
import org.maloca.core.backend.BlockBackend;

/**
 * Lets {@code maloca disk resize} reach the disks of a machine that runs, which nobody else may
 * open: a Unix socket in a folder of the user's. A request is a file and a size in a line each,
 * ended by the client's shutdown; an answer is {@code ok} and the new size, {@code other} where the
 * file is not one of the machine's, or {@code no} and why.
 */
public final class RunningDisks implements AutoCloseable {
  static final String OK = "ok ";
  static final String OTHER = "other";
  static final String NO = "no ";
  static final String SUFFIX = ".sock";

  /** Two lines of which one is a path. */
  private static final int MAX_REQUEST_BYTES = 8192;

  private final List<Disk> disks;
  private final Path path;
  private final ServerSocketChannel socket;

  /** A disk that may grow, and its image's file. */
  public record Disk(Path file, BlockBackend backend) {}

  private RunningDisks(List<Disk> disks, Path path, ServerSocketChannel socket) {
    this.disks = List.copyOf(disks);
    this.path = path;
    this.socket = socket;
  }

  /** Where the machines of a user listen. */
  public static Path folder() {
    return DataFolder.locate().resolve("disks");
  }

  /** Listens until it is closed, on a thread of its own. */
  public static RunningDisks serve(Path folder, List<Disk> disks) throws IOException {
    Files.createDirectories(folder);
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }
    String name =
        "%d-%08x%s"
            .formatted(
                ProcessHandle.current().pid(), ThreadLocalRandom.current().nextInt(), SUFFIX);
    Path path = folder.resolve(name);
    ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      socket.bind(UnixDomainSocketAddress.of(path));
    } catch (IOException | IllegalArgumentException failure) {
      socket.close();
      throw failure;
    }
    RunningDisks running = new RunningDisks(disks, path, socket);
    Thread.ofPlatform().daemon().name("maloca-disks").start(running::listen);
    return running;
  }

  private void listen() {
    while (socket.isOpen()) {
      try (SocketChannel client = socket.accept()) {
        ByteBuffer answer = StandardCharsets.UTF_8.encode(answer(request(client)));
        while (answer.hasRemaining()) {
          client.write(answer);
        }
      } catch (IOException gone) {
        // The client, or the end of the machine.
      }
    }
  }

  private static String request(SocketChannel client) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(MAX_REQUEST_BYTES);
    while (buffer.hasRemaining() && client.read(buffer) >= 0) {
      // Until the client has said all.
    }
    return StandardCharsets.UTF_8.decode(buffer.flip()).toString();
  }

  private String answer(String request) {
    String[] lines = request.split("\n", -1);
    try {
      Path wanted = Path.of(lines[0]);
      for (Disk disk : disks) {
        if (lines.length > 1 && Files.isSameFile(disk.file, wanted)) {
          return OK + resize(disk.backend, DiskSize.parse(lines[1]));
        }
      }
      return OTHER;
    } catch (IOException | IllegalArgumentException | UnsupportedOperationException refusal) {
      return NO + refusal.getMessage();
    }
  }

  private static long resize(BlockBackend disk, DiskSize size) throws IOException {
    long before = disk.sizeBytes();
    long after = size.after(before);
    if (after < before) {
      throw new IOException("a machine uses the disk, which can only be made larger now");
    }
    disk.resize(after);
    disk.flush();
    return disk.sizeBytes();
  }

  @Override
  public void close() {
    try {
      socket.close();
      Files.deleteIfExists(path);
    } catch (IOException leftBehind) {
      // Whoever asks next finds that nobody answers, and deletes it.
    }
  }
}
