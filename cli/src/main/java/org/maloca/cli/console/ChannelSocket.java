package org.maloca.cli.console;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.CharBackend;
import org.maloca.core.backend.UnixSocketPlace;
import org.maloca.core.defect.DefectLog;

/**
 * A line to the guest as a Unix socket of the host: one program at a time connects to it, others
 * wait. What the guest writes while nobody is connected is lost.
 */
public final class ChannelSocket implements CharBackend {
  private static final int CHUNK_BYTES = 4096;

  /** A host that cannot accept a connection, for want of descriptors, can do so no sooner. */
  private static final long PAUSE_NANOS = 100_000_000L;

  private final DefectLog defects = new DefectLog(System.getLogger(ChannelSocket.class.getName()));

  private final Path path;
  private final ServerSocketChannel listener;
  private final Thread thread;
  private final AtomicBoolean isClosed = new AtomicBoolean();
  private volatile @Nullable Receiver receiver;
  private volatile @Nullable OutputPump pump;

  private ChannelSocket(Path path, ServerSocketChannel listener) {
    this.path = path;
    this.listener = listener;
    thread = Thread.ofPlatform().name("maloca-channel").daemon().unstarted(this::run);
  }

  /** Listens at a path until it is closed. */
  public static ChannelSocket open(Path path) throws IOException {
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      UnixSocketPlace.bind(listener, path);
    } catch (IOException | RuntimeException failure) {
      listener.close();
      throw failure;
    }
    return new ChannelSocket(path, listener);
  }

  @Override
  public void connect(Receiver guest) {
    receiver = guest;
    thread.start();
  }

  @Override
  public void transmit(byte value) {
    OutputPump connected = pump;
    if (connected != null) {
      connected.put(value);
    }
  }

  private void run() {
    while (listener.isOpen()) {
      try (SocketChannel client = listener.accept()) {
        serve(client);
      } catch (IOException gone) {
        // The program has gone, or the machine has; or nobody can come for now.
        LockSupport.parkNanos(PAUSE_NANOS);
      } catch (RuntimeException | Error defect) {
        defects.tell("a channel's connection ends", defect);
        LockSupport.parkNanos(PAUSE_NANOS);
      } catch (InterruptedException ending) {
        return;
      }
    }
  }

  private void serve(SocketChannel client) throws IOException, InterruptedException {
    OutputPump output =
        new OutputPump(Channels.newOutputStream(client), () -> closeQuietly(client));
    pump = output;
    try {
      ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
      while (client.read(chunk.clear()) >= 0) {
        pass(chunk.array(), chunk.position());
      }
    } finally {
      pump = null;
      output.close();
    }
  }

  private void pass(byte[] bytes, int length) throws InterruptedException {
    Receiver guest = Objects.requireNonNull(receiver);
    for (int done = 0; done < length; ) {
      int taken = guest.receive(bytes, done, length - done);
      done += taken;
      if (taken == 0) {
        guest.awaitRoom();
      }
    }
  }

  private static void closeQuietly(SocketChannel client) {
    try {
      client.close();
    } catch (IOException alreadyGone) {
      // Nothing is left to be closed.
    }
  }

  @Override
  public void close() {
    if (!isClosed.compareAndSet(false, true)) {
      return;
    }
    try {
      listener.close();
      Files.deleteIfExists(path);
    } catch (IOException leftBehind) {
      // The next machine finds that nobody listens, and takes the place.
    }
    thread.interrupt();
    OutputPump connected = pump;
    if (connected != null) {
      connected.close();
    }
  }
}
