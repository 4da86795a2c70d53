package org.maloca.fuzz.ring;

import java.io.IOException;
import java.util.List;
import org.maloca.core.irq.IrqLine;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.HostMemory;
import org.maloca.core.memory.MemoryMap;
import org.maloca.core.memory.MemoryRegion;
import org.maloca.core.memory.RamBlock;
import org.maloca.devices.virtio.VirtioDevice;
import org.maloca.devices.virtio.VirtioMmio;
import org.maloca.fuzz.guided.FuzzTarget;
import org.maloca.fuzz.guided.Input;

/**
 * A virtio device whose driver does what the input says, in the operations of {@link DriverScript}:
 * rings, descriptors, registers and resets of every kind. No byte beside the guest's RAM may
 * change, and no exception may be met on the device's threads.
 */
abstract class DeviceTarget implements FuzzTarget {
  static final int RAM_BYTES = 1 << 20;

  private static final int MAX_OPERATIONS = 64;
  private static final int CANARY_BYTES = 1 << 16;
  private static final byte CANARY = 0x5a;
  private static final long CANARIES = 0x5a5a_5a5a_5a5a_5a5aL;

  private final RamBlock block = RamBlock.allocate(RAM_BYTES + 2L * CANARY_BYTES);
  private final long host = block.hostAddress() + CANARY_BYTES;
  private final GuestMemory memory =
      new GuestMemory(
          MemoryMap.of(List.of(new MemoryRegion.Ram(0, RAM_BYTES, host, CANARY_BYTES))),
          (int) (block.size() >> 12));

  DeviceTarget() throws IOException {
    HostMemory.fill(block.hostAddress(), block.size(), CANARY);
  }

  /** Makes a device for one input. */
  abstract VirtioDevice device(GuestMemory guestMemory) throws IOException;

  /** Something happens on the host's side. */
  void hostEvent(VirtioDevice device, int kind, Input input) throws IOException {}

  /** The device was closed. */
  void closed() throws IOException {}

  @Override
  public final long run(byte[] bytes) throws IOException {
    HostMemory.fill(host, RAM_BYTES, (byte) 0);
    VirtioDevice device = device(memory);
    VirtioMmio registers = new VirtioMmio(device, IrqLine.NOT_CONNECTED);
    DriverScript script = new DriverScript(registers, memory, new Workers(device));
    try {
      registers.start();
      Input input = new Input(bytes);
      for (int i = 0; i < MAX_OPERATIONS && input.hasMore(); i++) {
        if (!script.operate(input)) {
          hostEvent(device, input.u8(), input);
        }
      }
      script.settle();
    } finally {
      registers.close();
      closed();
    }
    checkCanaries();
    return script.used();
  }

  private void checkCanaries() {
    for (int i = 0; i < CANARY_BYTES; i += 8) {
      if (HostMemory.getLong(block.hostAddress() + i) != CANARIES
          || HostMemory.getLong(host + RAM_BYTES + i) != CANARIES) {
        throw new IllegalStateException("wrote outside RAM");
      }
    }
  }

  @Override
  public void close() throws IOException {
    block.close();
  }
}
