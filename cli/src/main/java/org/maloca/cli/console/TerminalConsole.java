package org.maloca.cli.console;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.NonBlockingInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The console as a terminal in raw mode: every key is the guest's, Ctrl-C included, except Ctrl-].
 * The terminal is put back at {@link #close} and, whatever happens, when the JVM ends.
 */
public final class TerminalConsole implements HostConsole {
  private static final String ESCAPE_HELP =
      "\r\n[maloca: q leaves, p presses the power button, r resets the guest, s shows"
          + " statistics, Ctrl-] sends itself, other keys go back]\r\n";

  private static final int TYPED_AHEAD = 1 << 16;
  private static final boolean IS_WINDOWS = System.getProperty("os.name", "").startsWith("Windows");
  private static final long WINDOWS_POLL_MILLIS = 1000;

  private final InputStream standardInput = new FileInputStream(FileDescriptor.in);

  private final Terminal terminal;
  private final Attributes before;
  private final OutputPump output;
  private final ReadyGate gate;
  private final ArrayBlockingQueue<Byte> keys = new ArrayBlockingQueue<>(TYPED_AHEAD);
  private final EscapeKey escapeKey = new EscapeKey();
  private final AtomicBoolean isRestored = new AtomicBoolean();
  private final CountDownLatch started = new CountDownLatch(1);
  private volatile @Nullable Events events;
  private volatile @Nullable Receiver receiver;

  /**
   * Opens the terminal and makes it raw.
   *
   * @param isLinuxGuest whether the guest says when it takes input
   * @throws IOException when there is no terminal
   */
  public TerminalConsole(boolean isLinuxGuest) throws IOException {
    terminal =
        TerminalBuilder.builder()
            .name("maloca")
            .system(true)
            .dumb(false)
            .provider(TerminalBuilder.PROP_PROVIDER_FFM)
            // Else it asks the terminal what it can do, and the answers are taken for typing.
            .graphemeCluster(false)
            .nativeSignals(true)
            .signalHandler(Terminal.SignalHandler.SIG_IGN)
            .build();
    before = terminal.getAttributes();
    Runtime.getRuntime().addShutdownHook(new Thread(this::restore, "maloca-terminal-restore"));
    terminal.setAttributes(raw(before));
    gate = new ReadyGate(isLinuxGuest);
    output = new OutputPump(terminal.output(), this::outputLost);
  }

  private static Attributes raw(Attributes attributes) {
    Attributes raw = new Attributes(attributes);
    raw.setLocalFlags(
        EnumSet.of(
            Attributes.LocalFlag.ICANON,
            Attributes.LocalFlag.ECHO,
            Attributes.LocalFlag.IEXTEN,
            Attributes.LocalFlag.ISIG),
        false);
    raw.setInputFlags(
        EnumSet.of(
            Attributes.InputFlag.IXON,
            Attributes.InputFlag.ICRNL,
            Attributes.InputFlag.INLCR,
            Attributes.InputFlag.IGNCR,
            Attributes.InputFlag.ISTRIP,
            Attributes.InputFlag.BRKINT),
        false);
    raw.setOutputFlag(Attributes.OutputFlag.OPOST, false);
    raw.setControlChar(Attributes.ControlChar.VMIN, 1);
    raw.setControlChar(Attributes.ControlChar.VTIME, 0);
    return raw;
  }

  public int rows() {
    return terminal.getSize().getRows();
  }

  public int columns() {
    return terminal.getSize().getColumns();
  }

  /** Calls {@code changed} with rows and columns at each change of the terminal's size. */
  public void onResize(ResizeListener changed) {
    terminal.handle(
        Terminal.Signal.WINCH,
        signal -> {
          Size size = terminal.getSize();
          changed.resized(size.getRows(), size.getColumns());
        });
  }

  /** Hears of a new size. */
  @FunctionalInterface
  public interface ResizeListener {
    void resized(int rows, int columns);
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
    startThread(this::copyInput, "maloca-console-in");
    startThread(this::sendKeys, "maloca-console-keys");
  }

  private static void startThread(Runnable body, String name) {
    Thread thread = new Thread(body, name);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void guestReset() {
    gate.guestReset();
  }

  @Override
  public boolean isGuestReady() {
    return gate.isOpen();
  }

  /** Whether the terminal is the guest's. */
  public boolean isOpen() {
    return !isRestored.get();
  }

  /** Shows a line of our own among the guest's output. */
  public void say(String line) {
    put("[maloca: " + line + "]\r\n");
  }

  @Override
  public void close() {
    output.drain();
    output.close();
    restore();
  }

  private void restore() {
    if (isRestored.compareAndSet(false, true)) {
      terminal.setAttributes(before);
    }
  }

  private void put(String text) {
    for (byte value : text.getBytes(StandardCharsets.UTF_8)) {
      output.put(value);
    }
  }

  private void outputLost() {
    try {
      started.await();
    } catch (InterruptedException interrupted) {
      return;
    }
    Events listener = events;
    if (listener != null) {
      listener.hungUp();
    }
  }

  private void copyInput() {
    Events listener = events;
    if (listener == null) {
      return;
    }
    try {
      for (int key = readKey(); key >= 0; key = readKey()) {
        switch (escapeKey.typed((byte) key)) {
          // A guest that does not read for long loses keys, as on a real line.
          case SEND -> keys.offer((byte) key);
          case PROMPT -> put(ESCAPE_HELP);
          case LEAVE -> listener.leave();
          case RESET -> listener.reset();
          case POWER_BUTTON -> listener.pressPowerButton();
          case STATISTICS -> listener.statistics().forEach(line -> put(line + "\r\n"));
          case NOTHING -> {}
        }
      }
      listener.hungUp();
    } catch (IOException gone) {
      listener.hungUp();
    }
  }

  /**
   * Reads a byte, -1 at the end. JLine's own stream would take Ctrl-C for itself, and is locked
   * while it waits, which its shutdown hook then never gets; only Windows needs it.
   */
  private int readKey() throws IOException {
    if (!IS_WINDOWS) {
      return standardInput.read();
    }
    int key = NonBlockingInputStream.READ_EXPIRED;
    while (key == NonBlockingInputStream.READ_EXPIRED) {
      key = ((NonBlockingInputStream) terminal.input()).read(WINDOWS_POLL_MILLIS);
    }
    return key;
  }

  /** Passes on what was typed as the guest has room; the escape key works meanwhile. */
  private void sendKeys() {
    byte[] one = new byte[1];
    try {
      while (true) {
        one[0] = keys.take();
        gate.await();
        Receiver device = receiver;
        while (device != null && device.receive(one, 0, 1) == 0) {
          device.awaitRoom();
        }
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }
}
