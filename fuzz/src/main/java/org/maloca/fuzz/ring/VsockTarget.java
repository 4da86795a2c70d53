package org.maloca.fuzz.ring;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.maloca.core.memory.GuestMemory;
import org.maloca.devices.virtio.VirtioDevice;
import org.maloca.devices.virtio.vsock.VirtioVsock;
import org.maloca.fuzz.guided.Input;
import org.maloca.fuzz.guided.Output;

/**
 * virtio-vsock between the guest and sockets in a folder. What the host's sockets do meanwhile is
 * up to its thread, so an input need not do quite the same each time.
 */
public final class VsockTarget extends DeviceTarget {
  private static final int GUEST_CID = 3;
  private static final int PORT = 52;
  private static final long PAUSE_NANOS = 300_000;

  private final Path folder = Files.createTempDirectory("maloca-vsock");
  private final Path listening = folder.resolve("v_" + PORT);
  private final Path path = folder.resolve("v");
  private final ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
  private final List<SocketChannel> sockets = new ArrayList<>();

  public VsockTarget() throws IOException {
    server.bind(UnixDomainSocketAddress.of(listening));
    server.configureBlocking(false);
  }

  @Override
  VirtioDevice device(GuestMemory memory) throws IOException {
    Files.deleteIfExists(path);
    return new VirtioVsock("fuzz", memory, GUEST_CID, path, true);
  }

  @Override
  void hostEvent(VirtioDevice device, int kind, Input input) {
    try {
      switch (kind & 3) {
        case 0 -> {
          SocketChannel socket = SocketChannel.open(UnixDomainSocketAddress.of(path));
          sockets.add(socket);
          socket.configureBlocking(false);
          send(socket, ("CONNECT " + input.u8() + "\n").getBytes(StandardCharsets.US_ASCII));
        }
        case 1 -> {
          SocketChannel accepted = server.accept();
          if (accepted != null) {
            accepted.configureBlocking(false);
            sockets.add(accepted);
          }
        }
        case 2 -> {
          for (SocketChannel socket : sockets) {
            send(socket, input.take(input.u8()));
          }
        }
        default -> closeAll();
      }
    } catch (IOException closed) {
      // The other end may be gone.
    }
    LockSupport.parkNanos(PAUSE_NANOS);
  }

  private static void send(SocketChannel socket, byte[] bytes) throws IOException {
    ByteBuffer rest = ByteBuffer.wrap(bytes);
    int ignored = socket.write(rest);
  }

  private void closeAll() throws IOException {
    for (SocketChannel socket : sockets) {
      socket.close();
    }
    sockets.clear();
  }

  @Override
  void closed() throws IOException {
    for (SocketChannel left = server.accept(); left != null; left = server.accept()) {
      left.close();
    }
    closeAll();
  }

  private static byte[] packet(int operation, int hostPort, int guestPort, int length) {
    return new Output()
        .i64(GUEST_CID)
        .i64(2)
        .i32(guestPort)
        .i32(hostPort)
        .i32(length)
        .u16(1)
        .u16(operation)
        .i32(operation == 4 ? 3 : 0)
        .i32(1 << 16)
        .i32(0)
        .bytes(new byte[length])
        .toByteArray();
  }

  @Override
  public List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    seeds.addAll(
        DriverOutput.both(output ->
            output
                .request(0, new byte[0], 512)
                .request(0, new byte[0], 44)
                .request(2, new byte[0], 8)
                .request(1, packet(1, PORT, 1000, 0), 0)
                .operation(DriverScript.HOST, 1)
                .request(1, packet(5, PORT, 1000, 20), 0)
                .operation(DriverScript.HOST, 2, 4, 'a', 'b', 'c', 'd')
                .request(1, packet(7, PORT, 1000, 0), 0)
                .request(1, packet(4, PORT, 1000, 0), 0)
                .request(1, packet(3, PORT, 1000, 0), 0)));
    seeds.addAll(
        DriverOutput.both(output ->
            output
                .request(0, new byte[0], 512)
                .request(0, new byte[0], 512)
                .operation(DriverScript.HOST, 0, 7)
                .request(1, packet(2, 1 << 30, 7, 0), 0)
                .operation(DriverScript.HOST, 2, 2, 'x', 'y')
                .request(1, packet(6, 1 << 30, 7, 0), 0)
                .operation(DriverScript.HOST, 3)));
    return seeds;
  }

  @Override
  public void close() throws IOException {
    closeAll();
    server.close();
    Files.deleteIfExists(listening);
    Files.deleteIfExists(path);
    Files.deleteIfExists(folder);
    super.close();
  }
}
