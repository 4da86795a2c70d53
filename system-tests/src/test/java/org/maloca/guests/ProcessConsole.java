package org.maloca.guests;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.maloca.core.backend.CharBackend;

/**
 * A program whose input and output are a guest's serial line, for one test thread. It ends with the
 * test.
 */
final class ProcessConsole implements AutoCloseable {
  private final Process process;
  private final SerialLine line = new SerialLine();

  private ProcessConsole(Process process) {
    this.process = process;
    OutputStream input = process.getOutputStream();
    line.connect(
        new CharBackend.Receiver() {
          @Override
          public int receive(byte[] bytes, int offset, int length) {
            try {
              input.write(bytes, offset, length);
              input.flush();
              return length;
            } catch (IOException gone) {
              throw new UncheckedIOException(gone);
            }
          }

          @Override
          public void awaitRoom() {}
        });
    Thread.ofPlatform().daemon().name("guest-console").start(this::read);
  }

  /** Starts it; its errors go where ours do. */
  static ProcessConsole start(ProcessBuilder program) throws IOException {
    return new ProcessConsole(program.redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  private void read() {
    try (InputStream output = process.getInputStream()) {
      for (int value = output.read(); value >= 0; value = output.read()) {
        line.transmit((byte) value);
      }
    } catch (IOException gone) {
      // As the end of it is.
    }
    line.hangUp();
  }

  SerialLine line() {
    return line;
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
