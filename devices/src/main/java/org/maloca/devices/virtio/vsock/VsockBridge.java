package org.maloca.devices.virtio.vsock;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.UnixSocketPlace;
import org.maloca.core.defect.DefectLog;
import org.maloca.core.memory.IoVector;

/**
 * Streams of the guest as Unix sockets of the host, the way Firecracker has it: what the guest
 * connects to port P of the host goes to the socket {@code PATH_P}; who connects to {@code PATH}
 * and writes {@code CONNECT P\n} gets to the guest's port P and is answered {@code OK Q\n}, where Q
 * is the host's port.
 *
 * <p>Safe for any thread: everything happens under the bridge's lock. Locks: the device's or a
 * transmit queue's, then the bridge's, then the receive queue's.
 */
final class VsockBridge implements AutoCloseable {
  static final long HOST_CID = 2;

  private static final int MAX_CONNECTIONS = 256;
  private static final int MAX_GREETING = 32;
  private static final int FIRST_HOST_PORT = 1 << 30;
  private static final int MAX_PAYLOAD_BYTES = VsockConnection.BUFFER_BYTES;

  /** A host that cannot accept a connection, for want of descriptors, can do so no sooner. */
  private static final long PAUSE_MILLIS = 100;

  /** After something unexpected, which may come again at once. */
  private static final long DEFECT_PAUSE_NANOS = 10_000_000;

  private final DefectLog defects = new DefectLog(System.getLogger(VsockBridge.class.getName()));
  private final VirtioVsock device;
  private final long guestCid;
  private final Path path;
  private final Selector selector;
  private final ServerSocketChannel listener;
  private final SelectionKey listening;
  private final Thread thread;
  private final Map<Long, VsockConnection> connections = new HashMap<>();

  /** Connections of the host that have not named a port yet, in addition. */
  private final Set<VsockConnection> naming = new HashSet<>();

  private final VsockPacket packet = new VsockPacket();
  private final ByteBuffer payload = ByteBuffer.allocateDirect(MAX_PAYLOAD_BYTES);
  private final long payloadAddress = MemorySegment.ofBuffer(payload).address();
  private int nextHostPort = FIRST_HOST_PORT;
  private boolean hasBuffers = true;
  private volatile boolean isClosing;

  VsockBridge(VirtioVsock device, long guestCid, Path path) throws IOException {
    this.device = device;
    this.guestCid = guestCid;
    this.path = path;
    listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    Selector opened = null;
    SelectionKey key;
    try {
      opened = Selector.open();
      UnixSocketPlace.bind(listener, path);
      listener.configureBlocking(false);
      key = listener.register(opened, SelectionKey.OP_ACCEPT);
    } catch (IOException | RuntimeException failure) {
      listener.close();
      if (opened != null) {
        opened.close();
      }
      throw failure;
    }
    selector = opened;
    listening = key;
    thread = Thread.ofPlatform().name(device.id() + "-sockets").daemon().unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  private static long key(int hostPort, int guestPort) {
    return (long) hostPort << 32 | guestPort & 0xffff_ffffL;
  }

  /** Takes a packet of the guest. */
  synchronized void take(VsockPacket received, IoVector request) {
    if (received.sourceCid() != guestCid) {
      return;
    }
    int hostPort = received.targetPort();
    int guestPort = received.sourcePort();
    boolean isReset = received.operation() == VsockPacket.OP_RST;
    if (received.targetCid() != HOST_CID || received.type() != VsockPacket.TYPE_STREAM) {
      if (!isReset) {
        reject(received);
      }
      return;
    }
    VsockConnection connection = connections.get(key(hostPort, guestPort));
    if (connection == null) {
      if (received.operation() == VsockPacket.OP_REQUEST) {
        connectToHost(received, hostPort, guestPort);
      } else if (!isReset) {
        reject(received);
      }
      return;
    }
    connection.learnCredit(received);
    if (isReset) {
      drop(connection);
      return;
    }
    try {
      obey(connection, received, request);
    } catch (IOException broken) {
      reset(connection);
    }
  }

  private void obey(VsockConnection connection, VsockPacket received, IoVector request)
      throws IOException {
    boolean isGood =
        switch (received.operation()) {
          case VsockPacket.OP_RESPONSE -> answered(connection);
          case VsockPacket.OP_RW ->
              connection.state == VsockConnection.State.ESTABLISHED
                  && write(connection, received.length(), request);
          case VsockPacket.OP_SHUTDOWN -> shutDown(connection, received.flags());
          case VsockPacket.OP_CREDIT_UPDATE -> true;
          case VsockPacket.OP_CREDIT_REQUEST -> {
            send(connection, VsockPacket.OP_CREDIT_UPDATE, 0, 0);
            yield true;
          }
          default -> false;
        };
    settle(connection, isGood);
  }

  /** Ends a connection that is over or wrong, or goes on with it. */
  private void settle(VsockConnection connection, boolean isGood) {
    if (!isGood || connection.isOver()) {
      reset(connection);
      return;
    }
    if (connection.state == VsockConnection.State.ESTABLISHED && connection.owesCredit()) {
      send(connection, VsockPacket.OP_CREDIT_UPDATE, 0, 0);
    }
    connection.updateInterest(hasBuffers);
  }

  private void connectToHost(VsockPacket received, int hostPort, int guestPort) {
    VsockConnection connection = null;
    SocketChannel channel = null;
    if (connections.size() + naming.size() < MAX_CONNECTIONS) {
      try {
        channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.configureBlocking(false);
        String target = path + "_" + Integer.toUnsignedString(hostPort);
        if (channel.connect(UnixDomainSocketAddress.of(target))) {
          SelectionKey key = channel.register(selector, 0);
          connection = new VsockConnection(channel, key, VsockConnection.State.ESTABLISHED);
        }
      } catch (IOException | RuntimeException refused) {
        // Nobody listens there.
        connection = null;
      }
    }
    if (connection == null) {
      closeQuietly(channel);
      reject(received);
      return;
    }
    connection.hostPort = hostPort;
    connection.guestPort = guestPort;
    connection.key.attach(connection);
    connection.learnCredit(received);
    connections.put(key(hostPort, guestPort), connection);
    send(connection, VsockPacket.OP_RESPONSE, 0, 0);
    connection.updateInterest(hasBuffers);
  }

  private static void closeQuietly(@Nullable SocketChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException gone) {
      System.getLogger(VsockBridge.class.getName())
          .log(System.Logger.Level.DEBUG, "closing a socket", gone);
    }
  }

  private boolean answered(VsockConnection connection) throws IOException {
    if (connection.state != VsockConnection.State.REQUESTED) {
      return false;
    }
    connection.state = VsockConnection.State.ESTABLISHED;
    String answer = "OK " + Integer.toUnsignedString(connection.hostPort) + "\n";
    // A fresh socket takes so few bytes at once.
    ByteBuffer bytes = ByteBuffer.wrap(answer.getBytes(StandardCharsets.US_ASCII));
    connection.channel.write(bytes);
    return !bytes.hasRemaining();
  }

  private boolean write(VsockConnection connection, long length, IoVector request)
      throws IOException {
    if (length > request.bytes() - VsockPacket.BYTES || length > MAX_PAYLOAD_BYTES) {
      return false;
    }
    request.copyTo(VsockPacket.BYTES, payloadAddress, length);
    return connection.write(payload.clear().limit((int) length));
  }

  private static boolean shutDown(VsockConnection connection, int flags) throws IOException {
    if ((flags & VsockPacket.SHUTDOWN_RECEIVE) != 0) {
      connection.setGuestDeaf();
    }
    if ((flags & VsockPacket.SHUTDOWN_SEND) != 0) {
      connection.setGuestDone();
    }
    return true;
  }

  private void send(VsockConnection connection, int operation, int flags, int length) {
    packet.setAddresses(HOST_CID, connection.hostPort, guestCid, connection.guestPort);
    packet.setMeaning(operation, flags, length);
    packet.setCredit(VsockConnection.BUFFER_BYTES, connection.forwarded());
    device.deliver(packet.bytes, payloadAddress, length);
  }

  private void reject(VsockPacket received) {
    packet.setAddresses(
        received.targetCid(), received.targetPort(), guestCid, received.sourcePort());
    packet.setMeaning(VsockPacket.OP_RST, 0, 0);
    packet.setCredit(0, 0);
    device.deliver(packet.bytes, payloadAddress, 0);
  }

  private void reset(VsockConnection connection) {
    if (connection.state != VsockConnection.State.NAMING) {
      send(connection, VsockPacket.OP_RST, 0, 0);
    }
    drop(connection);
  }

  private void drop(VsockConnection connection) {
    if (connection.state == VsockConnection.State.NAMING) {
      naming.remove(connection);
    } else {
      connections.remove(key(connection.hostPort, connection.guestPort));
    }
    connection.close();
  }

  /** Ends all connections; the guest knows already. */
  synchronized void dropAll() {
    for (VsockConnection connection : new ArrayList<>(connections.values())) {
      drop(connection);
    }
    for (VsockConnection connection : new ArrayList<>(naming)) {
      drop(connection);
    }
    hasBuffers = true;
  }

  /** The guest has new buffers, or the machine goes on. */
  synchronized void buffersAdded() {
    hasBuffers = true;
    for (VsockConnection connection : connections.values()) {
      connection.updateInterest(true);
    }
  }

  private void run() {
    while (!isClosing) {
      try {
        if (listening.interestOps() == 0) {
          selector.select(this::attend, PAUSE_MILLIS);
          listening.interestOps(SelectionKey.OP_ACCEPT);
        } else {
          selector.select(this::attend);
        }
      } catch (IOException | RuntimeException | Error failure) {
        defects.tell("vsock of " + path, failure);
        LockSupport.parkNanos(DEFECT_PAUSE_NANOS);
      }
    }
  }

  private synchronized void attend(SelectionKey key) {
    if (!key.isValid()) {
      return;
    }
    if (!(key.attachment() instanceof VsockConnection connection)) {
      accept();
      return;
    }
    try {
      if (key.isWritable()) {
        connection.flush();
      }
      boolean isGood = !key.isReadable() || read(connection);
      if (key.isValid()) {
        settle(connection, isGood);
      }
    } catch (IOException broken) {
      reset(connection);
    } catch (RuntimeException | Error defect) {
      defects.tell("a connection of vsock ends", defect);
      reset(connection);
    }
  }

  private void accept() {
    SocketChannel channel = null;
    try {
      channel = listener.accept();
      if (channel == null) {
        return;
      }
      if (connections.size() + naming.size() >= MAX_CONNECTIONS || !device.isReachable()) {
        channel.close();
        return;
      }
      channel.configureBlocking(false);
      SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
      VsockConnection connection = new VsockConnection(channel, key, VsockConnection.State.NAMING);
      naming.add(connection);
      key.attach(connection);
    } catch (IOException failed) {
      if (channel == null) {
        listening.interestOps(0);
      }
      closeQuietly(channel);
    }
  }

  /** Reads what the host has sent; answers whether the connection may go on. */
  private boolean read(VsockConnection connection) throws IOException {
    if (connection.state == VsockConnection.State.NAMING) {
      return readName(connection);
    }
    int room = Math.min(connection.credit(), device.room() - VsockPacket.BYTES);
    if (room <= 0) {
      hasBuffers = connection.credit() <= 0;
      return true;
    }
    int length = connection.channel.read(payload.clear().limit(Math.min(room, payload.capacity())));
    if (length < 0) {
      connection.setHostDone();
      send(connection, VsockPacket.OP_SHUTDOWN, VsockPacket.SHUTDOWN_SEND, 0);
    } else if (length > 0) {
      connection.noteSent(length);
      send(connection, VsockPacket.OP_RW, 0, length);
    }
    return true;
  }

  /** Reads {@code CONNECT port\n}, byte by byte since the guest's data may follow at once. */
  private boolean readName(VsockConnection connection) throws IOException {
    StringBuilder text = connection.greeting;
    while (text.length() < MAX_GREETING) {
      int length = connection.channel.read(payload.clear().limit(1));
      if (length <= 0) {
        return length == 0;
      }
      char letter = (char) payload.get(0);
      if (letter == '\n') {
        return request(connection, text.toString());
      }
      text.append(letter);
    }
    return false;
  }

  private boolean request(VsockConnection connection, String line) {
    String command = "CONNECT ";
    if (!line.startsWith(command)) {
      return false;
    }
    try {
      connection.guestPort = Integer.parseUnsignedInt(line.substring(command.length()).strip());
    } catch (NumberFormatException odd) {
      return false;
    }
    do {
      connection.hostPort = nextHostPort;
      nextHostPort = nextHostPort == -2 ? FIRST_HOST_PORT : nextHostPort + 1;
    } while (connections.containsKey(key(connection.hostPort, connection.guestPort)));
    naming.remove(connection);
    connection.state = VsockConnection.State.REQUESTED;
    connections.put(key(connection.hostPort, connection.guestPort), connection);
    send(connection, VsockPacket.OP_REQUEST, 0, 0);
    return true;
  }

  @Override
  public void close() {
    isClosing = true;
    selector.wakeup();
    try {
      if (thread.isAlive()) {
        thread.join();
      }
      dropAll();
      listener.close();
      selector.close();
      Files.deleteIfExists(path);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    } catch (IOException failure) {
      System.getLogger(VsockBridge.class.getName())
          .log(System.Logger.Level.WARNING, "closing " + path, failure);
    }
  }
}
