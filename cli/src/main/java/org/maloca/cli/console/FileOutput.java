package org.maloca.cli.console;

import java.io.OutputStream;
import org.maloca.core.backend.CharBackend;

/** A character device whose output goes to a stream of the host and that never has input. */
public final class FileOutput implements CharBackend {
  private final OutputPump pump;
  private final OutputStream stream;
  private final boolean closesStream;

  /**
   * Makes a backend.
   *
   * @param closesStream whether {@link #close} closes the stream too
   */
  public FileOutput(OutputStream stream, boolean closesStream) {
    this.stream = stream;
    this.closesStream = closesStream;
    pump = new OutputPump(stream, () -> {});
  }

  @Override
  public void transmit(byte value) {
    pump.put(value);
  }

  @Override
  public void connect(Receiver receiver) {}

  @Override
  public void close() {
    pump.drain();
    pump.close();
    if (closesStream) {
      try {
        stream.close();
      } catch (java.io.IOException failure) {
        System.getLogger(FileOutput.class.getName())
            .log(System.Logger.Level.WARNING, "debug console output", failure);
      }
    }
  }
}
