package org.maloca.devices.ps2;

import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * A PS/2 mouse with the wheel and five-button extensions: the device at the far end of the
 * auxiliary wire (IBM PS/2 Hardware Interface Technical Reference, Auxiliary Device; Microsoft's
 * IntelliMouse detection sequences).
 *
 * <p>Movement that cannot be sent yet is summed up, so that the guest's pointer ends where it
 * should. Not thread-safe; the controller locks.
 */
final class Ps2Mouse {
  private static final int COMMAND_SCALING_1_TO_1 = 0xe6;
  private static final int COMMAND_SCALING_2_TO_1 = 0xe7;
  private static final int COMMAND_RESOLUTION = 0xe8;
  private static final int COMMAND_STATUS = 0xe9;
  private static final int COMMAND_STREAM_MODE = 0xea;
  private static final int COMMAND_READ = 0xeb;
  private static final int COMMAND_END_WRAP = 0xec;
  private static final int COMMAND_WRAP = 0xee;
  private static final int COMMAND_REMOTE_MODE = 0xf0;
  private static final int COMMAND_IDENTIFY = 0xf2;
  private static final int COMMAND_SAMPLE_RATE = 0xf3;
  private static final int COMMAND_ENABLE = 0xf4;
  private static final int COMMAND_DISABLE = 0xf5;
  private static final int COMMAND_DEFAULTS = 0xf6;
  private static final int COMMAND_RESEND = 0xfe;
  private static final int COMMAND_RESET = 0xff;

  private static final int REPLY_TEST_PASSED = 0xaa;
  private static final int REPLY_ACK = 0xfa;
  private static final int REPLY_ERROR = 0xfc;

  private static final int ID_PLAIN = 0;
  private static final int ID_WHEEL = 3;
  private static final int ID_FIVE_BUTTONS = 4;

  /** The last three sample rates, as bytes, that turn extensions on. */
  private static final int KNOCK_WHEEL = 200 << 16 | 100 << 8 | 80;

  private static final int KNOCK_FIVE_BUTTONS = 200 << 16 | 200 << 8 | 80;

  private static final int MAX_PENDING = 1 << 16;

  private final ByteQueue replies = new ByteQueue(8);
  private final ByteQueue packets = new ByteQueue(12);
  private int pendingCommand;
  private int lastSent;
  private int identity;
  private int resolution;
  private int sampleRate;
  private int knock;
  private int buttons;
  private int sentButtons;
  private int dx;
  private int dy;
  private int wheel;
  private boolean isDoubleScaling;
  private boolean isReporting;
  private boolean isRemote;
  private boolean isWrapping;

  Ps2Mouse() {
    powerOn();
  }

  void powerOn() {
    replies.clear();
    pendingCommand = 0;
    lastSent = 0;
    identity = ID_PLAIN;
    knock = 0;
    buttons = 0;
    isRemote = false;
    isWrapping = false;
    setDefaults();
  }

  private void setDefaults() {
    forgetMovement();
    resolution = 2;
    sampleRate = 100;
    isDoubleScaling = false;
    isReporting = false;
  }

  private void forgetMovement() {
    packets.clear();
    dx = 0;
    dy = 0;
    wheel = 0;
    sentButtons = buttons;
  }

  boolean hasOutput() {
    return !replies.isEmpty() || !packets.isEmpty();
  }

  /** Sends the next byte to the controller; replies go before packets. */
  int take() {
    lastSent = replies.isEmpty() ? packets.take() : replies.take();
    stream();
    return lastSent;
  }

  /** Takes a byte from the controller. */
  void write(int value) {
    replies.clear();
    if (isWrapping && value != COMMAND_RESET && value != COMMAND_END_WRAP) {
      replies.add(value);
      return;
    }
    int command = pendingCommand;
    pendingCommand = 0;
    if (command == COMMAND_RESOLUTION) {
      setResolution(value);
    } else if (command == COMMAND_SAMPLE_RATE) {
      setSampleRate(value);
    } else {
      command(value);
    }
  }

  private void setResolution(int value) {
    if (value > 3) {
      replies.add(REPLY_ERROR);
      return;
    }
    resolution = value;
    replies.add(REPLY_ACK);
  }

  private void setSampleRate(int value) {
    sampleRate = value;
    knock = knock << 8 & 0xff_ffff | value;
    if (knock == KNOCK_WHEEL) {
      identity = Math.max(identity, ID_WHEEL);
    } else if (knock == KNOCK_FIVE_BUTTONS) {
      identity = ID_FIVE_BUTTONS;
    }
    replies.add(REPLY_ACK);
  }

  private void command(int value) {
    replies.add(REPLY_ACK);
    switch (value) {
      case COMMAND_SCALING_1_TO_1 -> isDoubleScaling = false;
      case COMMAND_SCALING_2_TO_1 -> isDoubleScaling = true;
      case COMMAND_RESOLUTION, COMMAND_SAMPLE_RATE -> pendingCommand = value;
      case COMMAND_STATUS -> {
        replies.add(statusByte());
        replies.add(resolution);
        replies.add(sampleRate);
      }
      case COMMAND_STREAM_MODE -> isRemote = false;
      case COMMAND_READ -> packet(replies);
      case COMMAND_END_WRAP -> isWrapping = false;
      case COMMAND_WRAP -> isWrapping = true;
      case COMMAND_REMOTE_MODE -> {
        forgetMovement();
        isRemote = true;
      }
      case COMMAND_IDENTIFY -> replies.add(identity);
      case COMMAND_ENABLE -> {
        forgetMovement();
        isReporting = true;
      }
      case COMMAND_DISABLE -> {
        isReporting = false;
        packets.clear();
      }
      case COMMAND_DEFAULTS -> setDefaults();
      case COMMAND_RESEND -> {
        replies.clear();
        replies.add(lastSent);
      }
      case COMMAND_RESET -> {
        powerOn();
        replies.add(REPLY_ACK);
        replies.add(REPLY_TEST_PASSED);
        replies.add(ID_PLAIN);
      }
      default -> {
        replies.clear();
        replies.add(REPLY_ERROR);
      }
    }
  }

  private int statusByte() {
    // The status has left and right swapped against the packets: right is bit 0.
    return (buttons & 1) << 2
        | (buttons & 2) >> 1
        | (buttons & 4) >> 1
        | (isDoubleScaling ? 0x10 : 0)
        | (isReporting ? 0x20 : 0)
        | (isRemote ? 0x40 : 0);
  }

  /**
   * Moves the mouse.
   *
   * @param deltaX in counts, right is positive
   * @param deltaY in counts, down is positive, as on screens
   * @param deltaWheel in notches, towards the user is positive
   * @param nowPressed bit 0 left, 1 right, 2 middle, 3 and 4 the side buttons
   */
  void move(int deltaX, int deltaY, int deltaWheel, int nowPressed) {
    buttons = nowPressed & 0x1f;
    dx = bounded((long) dx + deltaX);
    dy = bounded((long) dy - deltaY);
    wheel = bounded((long) wheel + deltaWheel);
    if (!isReporting && !isRemote) {
      forgetMovement();
    }
    stream();
  }

  private static int bounded(long sum) {
    return Math.clamp(sum, -MAX_PENDING, MAX_PENDING);
  }

  /** Makes packets of what has changed, as far as there is room. */
  private void stream() {
    while (isReporting && !isRemote && packets.room() >= 4 && hasChanged()) {
      packet(packets);
    }
  }

  private boolean hasChanged() {
    return dx != 0 || dy != 0 || buttons != sentButtons || wheel != 0 && identity != ID_PLAIN;
  }

  private void packet(ByteQueue queue) {
    int x = Math.clamp(dx, -255, 255);
    int y = Math.clamp(dy, -255, 255);
    dx -= x;
    dy -= y;
    sentButtons = buttons;
    queue.add(buttons & 7 | 8 | (x < 0 ? 0x10 : 0) | (y < 0 ? 0x20 : 0));
    queue.add(x & 0xff);
    queue.add(y & 0xff);
    if (identity != ID_PLAIN) {
      int z = Math.clamp(wheel, -7, 7);
      wheel -= z;
      queue.add(identity == ID_WHEEL ? z & 0xff : z & 0x0f | (buttons & 0x18) << 1);
    }
  }

  void save(SnapshotWriter.Section section) {
    replies.save(section);
    packets.save(section);
    section.put(pendingCommand).put(lastSent).put(identity).put(resolution).put(sampleRate);
    section.put(knock).put(buttons).put(sentButtons).put(dx).put(dy).put(wheel);
    section.put(isDoubleScaling).put(isReporting).put(isRemote).put(isWrapping);
  }

  void restore(SnapshotReader.Section section) {
    replies.restore(section);
    packets.restore(section);
    pendingCommand = section.getInt() & 0xff;
    lastSent = section.getInt() & 0xff;
    identity = section.getInt() & 0xff;
    resolution = section.getInt() & 3;
    sampleRate = section.getInt() & 0xff;
    knock = section.getInt() & 0xff_ffff;
    buttons = section.getInt() & 0x1f;
    sentButtons = section.getInt() & 0x1f;
    dx = bounded(section.getInt());
    dy = bounded(section.getInt());
    wheel = bounded(section.getInt());
    isDoubleScaling = section.getBoolean();
    isReporting = section.getBoolean();
    isRemote = section.getBoolean();
    isWrapping = section.getBoolean();
  }
}
