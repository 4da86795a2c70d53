package org.maloca.core.backend;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** Where a Unix socket listens on the host. */
public final class UnixSocketPlace {
  private UnixSocketPlace() {}

  /**
   * Has a socket listen at a path, in place of one that a process left behind when it was killed.
   *
   * @throws IOException when somebody listens there, something else is there, or the host cannot;
   *     with a message for people
   */
  public static void bind(ServerSocketChannel listener, Path path) throws IOException {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
    try {
      listener.bind(address);
      return;
    } catch (BindException taken) {
      if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        throw new IOException(path + ": no socket can be made there", taken);
      }
    }
    boolean isSocket =
        Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).isOther();
    if (!isSocket) {
      throw new FileAlreadyExistsException(path + ": is there already, and no socket");
    }
    try (SocketChannel answers = SocketChannel.open(address)) {
      throw new IOException(path + ": another machine listens there");
    } catch (ConnectException nobody) {
      Files.deleteIfExists(path);
      listener.bind(address);
    }
  }
}
