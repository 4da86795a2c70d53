package org.maloca.cli.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * The console as plain streams, for pipes and scripts. Input waits until the guest takes it. Where
 * the input ends, a guest with a canonical terminal line sees its end too (Ctrl-D), if asked for;
 * otherwise nothing more comes.
 */
public final class StreamConsole implements HostConsole {
  private static final byte END_OF_FILE = 4;
  private static final byte LITERAL_NEXT = 0x16;
  private static final byte NEWLINE = '\n';

  private final InputStream input;
  private final OutputPump output;
  private final ReadyGate gate;
  private final boolean speaksCanonical;
  private final CountDownLatch started = new CountDownLatch(1);
  private volatile @Nullable Events events;
  private volatile @Nullable Receiver receiver;
  private boolean isAtLineStart = true;
  private volatile boolean isInputOver;

  /**
   * Makes a console.
   *
   * @param isLinuxGuest whether the guest is the one of {@code maloca run linux}: it says when it
   *     is ready, reads lines, takes Ctrl-D for the end, and Ctrl-V before a Ctrl-D that is meant
   *     literally
   */
  public StreamConsole(InputStream input, OutputStream output, boolean isLinuxGuest) {
    this.input = input;
    this.output = new OutputPump(output, this::outputLost);
    this.speaksCanonical = isLinuxGuest;
    this.gate = new ReadyGate(isLinuxGuest);
  }

  @Override
  public void connect(Receiver device) {
    receiver = device;
  }

  @Override
  public void transmit(byte value) {
    if (gate.passesOutput(value)) {
      output.put(value);
    }
  }

  @Override
  public void start(Events listener) {
    events = listener;
    started.countDown();
    Thread thread = new Thread(this::copyInput, "maloca-console-in");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void guestReset() {
    gate.guestReset();
    if (isInputOver) {
      // The next shell is to see the end as well.
      Thread thread = new Thread(this::endInputAgain, "maloca-console-in");
      thread.setDaemon(true);
      thread.start();
    }
  }

  @Override
  public boolean isGuestReady() {
    return gate.isOpen();
  }

  @Override
  public void close() {
    output.drain();
    output.close();
  }

  private void outputLost() {
    try {
      started.await();
    } catch (InterruptedException interrupted) {
      return;
    }
    Events listener = events;
    if (listener != null) {
      listener.outputLost();
    }
  }

  private void copyInput() {
    byte[] bytes = new byte[4096];
    try {
      int length;
      while ((length = read(bytes)) > 0) {
        byte[] coded = speaksCanonical ? encode(bytes, length) : bytes;
        send(coded, speaksCanonical ? coded.length : length);
        isAtLineStart = bytes[length - 1] == NEWLINE;
      }
      isInputOver = true;
      sendEnd();
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  private int read(byte[] bytes) {
    try {
      return input.read(bytes);
    } catch (IOException endsLikeAnEnd) {
      return -1;
    }
  }

  private void endInputAgain() {
    try {
      isAtLineStart = true;
      sendEnd();
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  private void sendEnd() throws InterruptedException {
    if (speaksCanonical) {
      // Within a line the first only passes the line on.
      byte[] end = {END_OF_FILE, END_OF_FILE};
      send(end, isAtLineStart ? 1 : 2);
    }
  }

  private static byte[] encode(byte[] bytes, int length) {
    byte[] coded = new byte[2 * length];
    int size = 0;
    for (int i = 0; i < length; i++) {
      if (bytes[i] == END_OF_FILE || bytes[i] == LITERAL_NEXT) {
        coded[size++] = LITERAL_NEXT;
      }
      coded[size++] = bytes[i];
    }
    return java.util.Arrays.copyOf(coded, size);
  }

  private void send(byte[] bytes, int length) throws InterruptedException {
    Receiver device = receiver;
    if (device == null) {
      return;
    }
    int done = 0;
    while (done < length) {
      gate.await();
      int taken = device.receive(bytes, done, length - done);
      done += taken;
      if (taken == 0) {
        device.awaitRoom();
      }
    }
  }
}
