package org.maloca.devices.virtio.vsock;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** A stream between a guest's port and a socket of the host. Guarded by the device's bridge. */
final class VsockConnection {
  /** What the guest may send before the host has taken it. */
  static final int BUFFER_BYTES = 64 << 10;

  /** How far a connection has come. */
  enum State {
    /** The host has connected and is to name the guest's port. */
    NAMING,
    /** The guest was asked. */
    REQUESTED,
    ESTABLISHED
  }

  final SocketChannel channel;
  final SelectionKey key;
  final StringBuilder greeting = new StringBuilder();
  State state;
  int hostPort;
  int guestPort;

  /** What the guest has room for, and has taken. */
  private int peerBufferBytes;

  private int peerForwarded;
  private int sent;
  private int forwarded;
  private int forwardedTold;
  private @Nullable ByteBuffer unwritten;
  private boolean isGuestDone;
  private boolean isHostDone;
  private boolean isGuestDeaf;

  VsockConnection(SocketChannel channel, SelectionKey key, State state) {
    this.channel = channel;
    this.key = key;
    this.state = state;
  }

  void learnCredit(VsockPacket packet) {
    peerBufferBytes = packet.bufferBytes();
    peerForwarded = packet.forwarded();
  }

  /** Bytes that the guest has room for. */
  int credit() {
    long room = (peerBufferBytes & 0xffff_ffffL) - (sent - peerForwarded & 0xffff_ffffL);
    return (int) Math.clamp(room, 0, BUFFER_BYTES);
  }

  void noteSent(int bytes) {
    sent += bytes;
  }

  int forwarded() {
    forwardedTold = forwarded;
    return forwarded;
  }

  /** Whether the guest should hear of what was taken since it was told last. */
  boolean owesCredit() {
    return forwarded - forwardedTold >= BUFFER_BYTES / 2;
  }

  /**
   * Writes the guest's bytes to the socket, and keeps what it does not take now.
   *
   * @return false when the guest sent more than it may
   */
  boolean write(ByteBuffer bytes) throws IOException {
    if (unwritten == null) {
      forwarded += channel.write(bytes);
      if (!bytes.hasRemaining()) {
        return true;
      }
      unwritten = ByteBuffer.allocateDirect(BUFFER_BYTES).limit(0);
    }
    ByteBuffer kept = unwritten.compact();
    boolean fits = kept.remaining() >= bytes.remaining();
    if (fits) {
      kept.put(bytes);
    }
    kept.flip();
    return fits;
  }

  /** Writes what was kept. */
  void flush() throws IOException {
    ByteBuffer kept = unwritten;
    if (kept != null) {
      forwarded += channel.write(kept);
      if (!kept.hasRemaining()) {
        unwritten = null;
      }
    }
    if (unwritten == null && isGuestDone) {
      channel.shutdownOutput();
    }
  }

  /** The guest sends no more. */
  void setGuestDone() throws IOException {
    if (!isGuestDone) {
      isGuestDone = true;
      flush();
    }
  }

  void setGuestDeaf() {
    isGuestDeaf = true;
  }

  void setHostDone() {
    isHostDone = true;
  }

  boolean isOver() {
    return unwritten == null && isGuestDone && (isHostDone || isGuestDeaf);
  }

  /** Says what to wait for at the socket. */
  void updateInterest(boolean hasBuffers) {
    boolean reads =
        switch (state) {
          case NAMING -> true;
          case REQUESTED -> false;
          case ESTABLISHED -> hasBuffers && !isHostDone && !isGuestDeaf && credit() > 0;
        };
    int wanted =
        (reads ? SelectionKey.OP_READ : 0) | (unwritten != null ? SelectionKey.OP_WRITE : 0);
    if (key.isValid() && key.interestOps() != wanted) {
      key.interestOps(wanted);
      key.selector().wakeup();
    }
  }

  void close() {
    key.cancel();
    try {
      channel.close();
    } catch (IOException gone) {
      System.getLogger(VsockConnection.class.getName())
          .log(System.Logger.Level.DEBUG, "closing a socket", gone);
    }
    // A cancelled key keeps the socket until the next selection.
    key.selector().wakeup();
  }
}
