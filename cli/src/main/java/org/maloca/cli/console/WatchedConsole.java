package org.maloca.cli.console;

import org.maloca.cli.cloud.CloudInitWatch;

/** A console that is also listened to for what cloud-init says there. */
public final class WatchedConsole implements HostConsole {
  private final HostConsole console;
  private final CloudInitWatch watch;

  public WatchedConsole(HostConsole console, CloudInitWatch watch) {
    this.console = console;
    this.watch = watch;
  }

  @Override
  public void connect(Receiver device) {
    console.connect(device);
  }

  /** Called by the serial port alone, one byte after the other. */
  @Override
  public void transmit(byte value) {
    console.transmit(value);
    watch.accept(value);
  }

  @Override
  public void start(Events events) {
    console.start(events);
  }

  @Override
  public void guestReset() {
    console.guestReset();
  }

  @Override
  public boolean isGuestReady() {
    return console.isGuestReady();
  }

  @Override
  public void close() {
    console.close();
  }
}
