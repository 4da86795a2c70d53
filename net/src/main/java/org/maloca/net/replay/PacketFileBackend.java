package org.maloca.net.replay;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.NetFrame;
import org.maloca.net.capture.PacketCapture;
import org.maloca.net.frame.DeliveringBackend;

/**
 * Packet files in place of a cable: what the guest sends goes to a capture, and what it receives
 * comes from a file, as fast as the guest takes it, once.
 */
public final class PacketFileBackend extends DeliveringBackend {
  private static final System.Logger LOG = System.getLogger(PacketFileBackend.class.getName());

  private final @Nullable PacketFileReader input;
  private final @Nullable PacketCapture output;
  private final Thread replay;

  /**
   * Makes a backend, which closes both.
   *
   * @param input what the guest receives; null for nothing
   * @param output what becomes of its frames; null to drop them
   */
  public PacketFileBackend(
      @Nullable PacketFileReader input, @Nullable PacketCapture output, String name) {
    this.input = input;
    this.output = output;
    replay = Thread.ofVirtual().name(name + "-replay").unstarted(this::replay);
  }

  @Override
  public void connect(Port port) {
    delivery().connect(port);
    replay.start();
  }

  private void replay() {
    if (input == null) {
      return;
    }
    NetFrame frame = new NetFrame();
    try (input) {
      boolean isOpen = true;
      while (isOpen) {
        frame.clear();
        isOpen = input.next(frame.bytes()) && delivery().deliver(frame);
      }
    } catch (IOException damaged) {
      LOG.log(System.Logger.Level.WARNING, "the replay ends: {0}", damaged.getMessage());
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void transmit(NetFrame frame) {
    if (output != null) {
      output.add(frame, true);
    }
  }

  @Override
  public void close() {
    delivery().close();
    if (output != null) {
      output.close();
    }
  }
}
