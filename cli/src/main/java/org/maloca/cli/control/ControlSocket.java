package org.maloca.cli.control;

import java.io.IOException;
import java.net.BindException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.maloca.cli.guest.DataFolder;
import org.maloca.core.defect.DefectLog;

/**
 * Where a machine is asked by other processes of the user, in the way of {@link RunningMachine}: a
 * Unix socket in a folder that nobody else may enter. Its name is the machine's and a number, which
 * is larger for a machine that came later.
 */
public final class ControlSocket implements AutoCloseable {
  private static final long RETRY_NANOS = 100_000_000L;

  private final DefectLog defects = new DefectLog(System.getLogger(ControlSocket.class.getName()));
  private final Path path;
  private final ServerSocketChannel server;
  private final Map<String, ControlService> services = new ConcurrentHashMap<>();

  private ControlSocket(Path path, ServerSocketChannel server) {
    this.path = path;
    this.server = server;
  }

  /** The folder of all machines' sockets. */
  public static Path folder() {
    return DataFolder.locate().resolve("control");
  }

  /**
   * Listens until it is closed; any number of machines may have the same name.
   *
   * @throws IOException when the host cannot, as when the path is too long for its sockets
   * @throws UnsupportedOperationException when the host has no such sockets
   */
  public static ControlSocket open(Path folder, String machineName) throws IOException {
    Files.createDirectories(folder);
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      // Removes what killed machines left, which nobody else may ever look at.
      RunningMachine.all(folder);
      ControlSocket socket = new ControlSocket(bind(server, folder, machineName), server);
      startThread(socket::listen);
      return socket;
    } catch (IOException | RuntimeException failure) {
      server.close();
      throw failure;
    }
  }

  /**
   * A thread of the host's: for virtual ones that wait for sockets the JDK keeps threads that wait
   * in the host's kernel for ever, and the JVM gives such threads 0.3 s when it ends.
   */
  private static void startThread(Runnable work) {
    Thread.ofPlatform().daemon().name("maloca-control").start(work);
  }

  private static Path bind(ServerSocketChannel server, Path folder, String machineName)
      throws IOException {
    for (long number = System.currentTimeMillis(); ; number++) {
      Path path = folder.resolve(RunningMachine.fileName(machineName, number));
      try {
        server.bind(UnixDomainSocketAddress.of(path));
        return path;
      } catch (BindException failure) {
        if (!Files.exists(path)) {
          throw failure;
        }
      }
    }
  }

  /** Has requests that begin with a word answered from now on. */
  public void serve(String word, ControlService service) {
    services.put(word, service);
  }

  private void listen() {
    while (server.isOpen()) {
      try {
        SocketChannel client = server.accept();
        startThread(() -> serve(client));
      } catch (IOException failure) {
        // The end, or a host that has no file descriptor left for now.
        LockSupport.parkNanos(RETRY_NANOS);
      } catch (RuntimeException | Error defect) {
        // No thread, for example.
        defects.tell("a request to the machine is not heard", defect);
        LockSupport.parkNanos(RETRY_NANOS);
      }
    }
  }

  private void serve(SocketChannel client) {
    try (client) {
      String answer;
      try (SignsOfWork signs = new SignsOfWork(client)) {
        answer = answer(Exchange.read(client));
      } catch (IOException | RuntimeException refused) {
        answer = Exchange.REFUSED + Objects.requireNonNullElse(refused.getMessage(), "" + refused);
      }
      Exchange.write(client, answer);
    } catch (IOException gone) {
      // Nobody is there to be told.
    }
  }

  private String answer(String request) throws IOException {
    String[] words = request.split(" ", 2);
    ControlService service = services.get(words[0]);
    if (service == null) {
      return "" + Exchange.NOT_OURS;
    }
    return service
        .answer(words.length > 1 ? words[1] : "")
        .map(text -> Exchange.DONE + text)
        .orElse("" + Exchange.NOT_OURS);
  }

  @Override
  public void close() {
    try {
      server.close();
      Files.deleteIfExists(path);
    } catch (IOException leftBehind) {
      // Whoever lists machines or starts one finds that nobody answers, and deletes it.
    }
  }
}
