package org.maloca.fuzz.ring;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.maloca.core.backend.CharBackend;
import org.maloca.core.memory.GuestMemory;
import org.maloca.devices.virtio.VirtioDevice;
import org.maloca.devices.virtio.console.VirtioConsole;
import org.maloca.fuzz.guided.Input;
import org.maloca.fuzz.guided.Output;

/** virtio-console with two ports; the host types, and changes the terminal's size. */
public final class ConsoleTarget extends DeviceTarget {
  private static final int MAX_SIZE = 300;

  private final List<CharBackend.Receiver> receivers = new ArrayList<>();

  public ConsoleTarget() throws IOException {}

  @Override
  VirtioDevice device(GuestMemory memory) {
    receivers.clear();
    CharBackend people =
        new CharBackend() {
          @Override
          public void transmit(byte value) {}

          @Override
          public void connect(Receiver receiver) {
            receivers.add(receiver);
          }
        };
    return new VirtioConsole(
        "fuzz",
        memory,
        List.of(
            new VirtioConsole.PortOptions("", true, people),
            new VirtioConsole.PortOptions("port", false, people)),
        true);
  }

  @Override
  void hostEvent(VirtioDevice device, int kind, Input input) {
    if ((kind & 1) == 0) {
      ((VirtioConsole) device).resize(kind >> 1 & 1, input.u16() % MAX_SIZE, input.u8());
      return;
    }
    byte[] typed = input.take(input.u8());
    for (CharBackend.Receiver receiver : receivers) {
      int ignored = receiver.receive(typed, 0, typed.length);
    }
  }

  private static byte[] control(int port, int event, int value) {
    return new Output().i32(port).u16(event).u16(value).toByteArray();
  }

  @Override
  public List<byte[]> seeds() {
    return DriverOutput.both(output ->
        output
            .request(2, new byte[0], 20)
            .request(2, new byte[0], 8)
            .request(3, control(0, 0, 1), 0)
            .request(3, control(0, 3, 1), 0)
            .request(3, control(1, 3, 1), 0)
            .request(3, control(1, 6, 1), 0)
            .request(0, new byte[0], 64)
            .request(4, new byte[0], 64)
            .request(1, new byte[] {'h', 'i'}, 0)
            .request(5, new byte[] {'h', 'o'}, 0)
            .operation(DriverScript.HOST, 1, 3, 'a', 'b', 'c')
            .operation(DriverScript.HOST, 0, 100, 0, 50)
            .config(8, 2, 'x'));
  }
}
