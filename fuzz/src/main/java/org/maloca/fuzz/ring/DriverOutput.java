package org.maloca.fuzz.ring;

import java.util.ArrayList;
import java.util.List;
import org.maloca.fuzz.guided.Output;

/** Writes seeds of what {@link DriverScript} reads. */
final class DriverOutput {
  private final Output output = new Output();

  /** Starts the device. */
  DriverOutput setUp(boolean isPacked) {
    output.u8(DriverScript.SET_UP, isPacked ? 1 : 0).i64(0);
    return this;
  }

  DriverOutput operation(int... bytes) {
    output.u8(bytes);
    return this;
  }

  DriverOutput config(int offset, int sizeShift, long value) {
    output.u8(DriverScript.WRITE_CONFIG, offset, sizeShift).i64(value);
    return this;
  }

  /** A request of a readable piece with content and, unless {@code room} is 0, a writable one. */
  DriverOutput request(int queue, byte[] content, int room) {
    int pieces = (content.length > 0 ? 1 : 0) + (room > 0 ? 1 : 0);
    output.u8(DriverScript.REQUEST, queue, pieces - 1);
    if (content.length > 0) {
      output.u8(0).u16(content.length).u8(content.length).bytes(content);
    }
    if (room > 0) {
      output.u8(DriverScript.WRITABLE).u16(room);
    }
    return this;
  }

  /** A request whose readable content and writable piece are in a table of descriptors. */
  DriverOutput indirect(int queue, long gpa, int length) {
    Output table = new Output();
    table.i64(gpa).i32(length).u16(1).u16(1);
    table.i64(gpa + length).i32(64).u16(2).u16(0);
    byte[] bytes = table.toByteArray();
    output.u8(DriverScript.REQUEST, queue, 0);
    output.u8(DriverScript.INDIRECT).u16(bytes.length).u8(bytes.length).bytes(bytes);
    return this;
  }

  byte[] toByteArray() {
    return output.toByteArray();
  }

  /** What to do with a script that was started by one kind of ring or the other. */
  interface Body {
    void write(DriverOutput output);
  }

  /** The same script by split and by packed rings, and with resets and notifications. */
  static List<byte[]> both(Body body) {
    List<byte[]> seeds = new ArrayList<>();
    for (boolean isPacked : new boolean[] {false, true}) {
      DriverOutput output = new DriverOutput().setUp(isPacked);
      body.write(output);
      output.operation(DriverScript.PAUSE, DriverScript.NOTIFY, 1, DriverScript.READ, 0, 1);
      output.indirect(0, 0x4000, 16).operation(DriverScript.RESET);
      seeds.add(output.toByteArray());
    }
    return seeds;
  }
}
