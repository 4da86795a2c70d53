package org.maloca.devices;

import java.io.ByteArrayOutputStream;
import org.maloca.core.backend.CharBackend;

/** A host's terminal that keeps the output's first bytes. */
public final class RecordingBackend implements CharBackend {
  private static final int LIMIT = 4096;

  private final ByteArrayOutputStream output = new ByteArrayOutputStream();

  @Override
  public synchronized void transmit(byte value) {
    if (output.size() < LIMIT) {
      output.write(value);
    }
  }

  @Override
  public void connect(Receiver receiver) {}

  public synchronized String text() {
    return output.toString(java.nio.charset.StandardCharsets.ISO_8859_1);
  }
}
