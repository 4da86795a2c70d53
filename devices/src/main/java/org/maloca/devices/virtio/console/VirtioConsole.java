package org.maloca.devices.virtio.console;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.maloca.core.backend.CharBackend;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.IoVector;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;
import org.maloca.devices.virtio.DescriptorChain;
import org.maloca.devices.virtio.VirtioConfig;
import org.maloca.devices.virtio.VirtioDevice;
import org.maloca.devices.virtio.VirtioQueue;

/**
 * A console with several ports (virtio 1.2, section 5.3). Queues 0 and 1 are the first port's, 2
 * and 3 for control messages, then two for each further port: one to receive, one to transmit.
 */
public final class VirtioConsole extends VirtioDevice {
  private static final int TYPE = 3;

  private static final long F_SIZE = 1;
  private static final long F_MULTIPORT = 1L << 1;
  private static final long F_EMERG_WRITE = 1L << 2;

  private static final int CONFIG_BYTES = 12;
  private static final int COLS = 0;
  private static final int ROWS = 2;
  private static final int MAX_NR_PORTS = 4;
  private static final int EMERG_WR = 8;

  private static final int CONTROL_RECEIVE = 2;
  private static final int CONTROL_TRANSMIT = 3;
  private static final int QUEUE_SIZE = 64;
  private static final int MAX_PORTS = 31;
  private static final int MAX_NAME_BYTES = 256;

  /** Messages that the guest has no buffers for; a driver that asks on and on loses some. */
  private static final int MAX_PENDING = 8 * MAX_PORTS;

  private static final int SECTION_VERSION = 1;

  private final ConsolePort[] ports;
  private final VirtioConfig config = new VirtioConfig(CONFIG_BYTES);
  private final DescriptorChain controlChain = new DescriptorChain();
  private final byte[] request = new byte[ConsoleControl.BYTES];

  /** Guarded by the lock of the control queue that the guest receives by. */
  private final Deque<byte[]> pending = new ArrayDeque<>();

  /**
   * A port.
   *
   * @param name what the guest finds it by; may be empty
   * @param isConsole whether it is for people to log in
   * @param backend the host's end; closed with the device
   */
  public record PortOptions(String name, boolean isConsole, CharBackend backend) {}

  /**
   * Makes a console.
   *
   * @param ports 1 to 31
   * @param isPacked whether packed rings are offered
   */
  public VirtioConsole(String id, GuestMemory memory, List<PortOptions> ports, boolean isPacked) {
    super(
        id, TYPE, F_SIZE | F_MULTIPORT | F_EMERG_WRITE, isPacked, memory, queueSizes(ports.size()));
    this.ports = new ConsolePort[ports.size()];
    for (int i = 0; i < this.ports.length; i++) {
      PortOptions options = ports.get(i);
      if (options.name.length() > MAX_NAME_BYTES) {
        throw new IllegalArgumentException("name of a port: " + options.name);
      }
      this.ports[i] = new ConsolePort(queue(receiveQueue(i)), options);
    }
    config.set(COLS, 2, 80);
    config.set(ROWS, 2, 25);
    config.set(MAX_NR_PORTS, 4, ports.size());
  }

  private static int[] queueSizes(int ports) {
    if (ports < 1 || ports > MAX_PORTS) {
      throw new IllegalArgumentException(ports + " ports");
    }
    int[] sizes = new int[2 * ports + 2];
    Arrays.fill(sizes, QUEUE_SIZE);
    return sizes;
  }

  private static int receiveQueue(int port) {
    return port == 0 ? 0 : 2 * port + 2;
  }

  private static int portOf(int queue) {
    return queue < CONTROL_RECEIVE ? 0 : (queue - 2) / 2;
  }

  private static boolean isControl(int queue) {
    return queue == CONTROL_RECEIVE || queue == CONTROL_TRANSMIT;
  }

  /** Tells the guest of the size of the terminal behind a port. Any thread. */
  public void resize(int port, int columns, int rows) {
    if (port == 0) {
      config.set(COLS, 2, columns);
      config.set(ROWS, 2, rows);
      configChanged();
    }
    if (hasFeature(F_MULTIPORT) && ports[port].options().isConsole()) {
      tell(ConsoleControl.resize(port, columns, rows));
    }
  }

  @Override
  protected VirtioConfig config() {
    return config;
  }

  @Override
  protected void configWritten(int offset, int size, long value) {
    if (offset == EMERG_WR) {
      ports[0].options().backend().transmit((byte) value);
    }
  }

  @Override
  protected void activated() {
    if (!hasFeature(F_MULTIPORT)) {
      ports[0].setOpen(true);
    }
  }

  @Override
  protected void deactivated() {
    for (ConsolePort port : ports) {
      port.setOpen(false);
    }
    VirtioQueue queue = queue(CONTROL_RECEIVE);
    queue.lock();
    pending.clear();
    queue.unlock();
  }

  @Override
  protected boolean isServed(int queue) {
    return queue % 2 == 1;
  }

  @Override
  protected void notified(VirtioQueue queue) {
    if (queue.index() == CONTROL_RECEIVE) {
      queue.lock();
      try {
        sendPending(queue);
      } finally {
        queue.unlock();
      }
    } else {
      ports[portOf(queue.index())].tellRoom();
    }
  }

  @Override
  protected long serve(VirtioQueue queue, DescriptorChain chain) {
    if (isControl(queue.index())) {
      obey(chain.readable());
    } else {
      ports[portOf(queue.index())].transmit(chain.readable());
    }
    return 0;
  }

  private void obey(IoVector message) {
    if (message.bytes() < ConsoleControl.BYTES || !hasFeature(F_MULTIPORT)) {
      return;
    }
    message.copyTo(0, request, 0, ConsoleControl.BYTES);
    int port = ConsoleControl.little(request, 0, 4);
    int event = ConsoleControl.little(request, 4, 2);
    boolean isYes = ConsoleControl.little(request, 6, 2) != 0;
    if (event == ConsoleControl.DEVICE_READY) {
      for (int i = 0; isYes && i < ports.length; i++) {
        tell(ConsoleControl.message(i, ConsoleControl.PORT_ADD, 0));
      }
    } else if (port >= 0 && port < ports.length) {
      if (event == ConsoleControl.PORT_READY && isYes) {
        introduce(port);
      } else if (event == ConsoleControl.PORT_OPEN) {
        ports[port].setOpen(isYes);
      }
    }
  }

  private void introduce(int port) {
    PortOptions options = ports[port].options();
    if (options.isConsole) {
      tell(ConsoleControl.message(port, ConsoleControl.CONSOLE_PORT, 1));
    }
    if (!options.name.isEmpty()) {
      tell(ConsoleControl.name(port, options.name));
    }
    tell(ConsoleControl.message(port, ConsoleControl.PORT_OPEN, 1));
  }

  private void tell(byte[] message) {
    VirtioQueue queue = queue(CONTROL_RECEIVE);
    queue.lock();
    try {
      if (pending.size() < MAX_PENDING) {
        pending.add(message);
      }
      sendPending(queue);
    } finally {
      queue.unlock();
    }
  }

  private void sendPending(VirtioQueue queue) {
    boolean mayAsk = true;
    while (!pending.isEmpty() && queue.isLive()) {
      if (queue.pop(controlChain)) {
        byte[] message = pending.remove();
        IoVector target = controlChain.writable();
        int length = (int) Math.min(message.length, target.bytes());
        target.copyFrom(0, message, 0, length);
        queue.push(controlChain, length);
      } else if (mayAsk) {
        mayAsk = false;
        queue.setNotified(true);
      } else {
        break;
      }
    }
    queue.signal();
  }

  @Override
  public void close() {
    super.close();
    for (ConsolePort port : ports) {
      port.options().backend().close();
    }
  }

  @Override
  public void save(SnapshotWriter writer) {
    super.save(writer);
    SnapshotWriter.Section section = writer.section(id() + ".virtio-console", SECTION_VERSION);
    for (ConsolePort port : ports) {
      section.put(port.isOpen());
    }
    section.put(pending.size());
    for (byte[] message : pending) {
      section.put(message);
    }
  }

  @Override
  public void restore(SnapshotReader reader) {
    super.restore(reader);
    SnapshotReader.Section section = reader.section(id() + ".virtio-console", SECTION_VERSION);
    for (ConsolePort port : ports) {
      port.setOpen(section.getBoolean());
    }
    pending.clear();
    int count = Math.min(section.getInt(), MAX_PENDING);
    for (int i = 0; i < count; i++) {
      pending.add(section.getBytes(ConsoleControl.BYTES + 4 * MAX_NAME_BYTES));
    }
  }
}
