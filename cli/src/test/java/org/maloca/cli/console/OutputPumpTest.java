package org.maloca.cli.console;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class OutputPumpTest {
  /** Takes nothing. */
  private static final class BrokenStream extends OutputStream {
    private final boolean isGone;

    BrokenStream(boolean isGone) {
      this.isGone = isGone;
    }

    @Override
    public void write(int value) throws IOException {
      if (isGone) {
        throw new IOException("broken pipe");
      }
      throw new NoClassDefFoundError("too many open files");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void nobodyWaitsForAStreamThatTakesNothing(boolean isGone) throws InterruptedException {
    CountDownLatch lost = new CountDownLatch(1);
    OutputPump pump = new OutputPump(new BrokenStream(isGone), lost::countDown);
    // More than it has room for.
    for (int i = 0; i < 1 << 20; i++) {
      pump.put((byte) i);
    }
    lost.await();
  }
}
