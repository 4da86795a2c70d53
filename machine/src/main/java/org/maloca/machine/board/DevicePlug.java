package org.maloca.machine.board;

import java.io.IOException;

/** A device beyond what a PC always has, with the host's end of it. */
@FunctionalInterface
public interface DevicePlug {
  /**
   * Adds the device to a board that is being built.
   *
   * @throws IOException when the host's end cannot be had
   */
  void plugInto(DeviceSite site) throws IOException;

  /**
   * Bytes of memory beside RAM that it will add by {@link DeviceSite#addMemory}.
   *
   * @throws IOException when the host's end cannot be had
   */
  default long memoryBytes() throws IOException {
    return 0;
  }
}
