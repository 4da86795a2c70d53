package org.maloca.devices.ps2;

import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * An enhanced (101/102-key) PS/2 keyboard: the device at the far end of the keyboard wire (IBM PS/2
 * Hardware Interface Technical Reference, Keyboards). Scan code sets 1 and 2; it refuses set 3.
 *
 * <p>Repeating a held key is left to whoever feeds it: pressing a key again sends its make code
 * again, as typematic action does. Not thread-safe; the controller locks.
 */
final class Ps2Keyboard {
  /** Pause has a make sequence of its own and no break code. */
  static final int KEY_PAUSE = 0xe11d;

  private static final int COMMAND_SET_LEDS = 0xed;
  private static final int COMMAND_ECHO = 0xee;
  private static final int COMMAND_SCANCODE_SET = 0xf0;
  private static final int COMMAND_IDENTIFY = 0xf2;
  private static final int COMMAND_TYPEMATIC = 0xf3;
  private static final int COMMAND_ENABLE = 0xf4;
  private static final int COMMAND_DISABLE = 0xf5;
  private static final int COMMAND_DEFAULTS = 0xf6;
  private static final int COMMAND_RESEND = 0xfe;
  private static final int COMMAND_RESET = 0xff;

  private static final int REPLY_TEST_PASSED = 0xaa;
  private static final int REPLY_ECHO = 0xee;
  private static final int REPLY_ACK = 0xfa;
  private static final int REPLY_RESEND = 0xfe;

  private static final int DEFAULT_TYPEMATIC = 0x2b;
  private static final int QUEUE_SIZE = 16;
  private static final int LONGEST_KEY = 8;

  private final ByteQueue replies = new ByteQueue(8);
  private final ByteQueue keys = new ByteQueue(QUEUE_SIZE + LONGEST_KEY);
  private int pendingCommand;
  private int lastSent;
  private int leds;
  private int scancodeSet;
  private int typematic;
  private boolean isScanning;

  Ps2Keyboard() {
    powerOn();
  }

  /** State after power-on, the self test's result not announced. */
  void powerOn() {
    replies.clear();
    pendingCommand = 0;
    lastSent = 0;
    leds = 0;
    setDefaults();
    isScanning = true;
  }

  private void setDefaults() {
    keys.clear();
    scancodeSet = 2;
    typematic = DEFAULT_TYPEMATIC;
  }

  /** Bit 0 scroll lock, bit 1 num lock, bit 2 caps lock. */
  int leds() {
    return leds;
  }

  boolean hasOutput() {
    return !replies.isEmpty() || !keys.isEmpty();
  }

  /** Sends the next byte to the controller; replies go before keys. */
  int take() {
    lastSent = replies.isEmpty() ? keys.take() : replies.take();
    return lastSent;
  }

  /** Takes a byte from the controller. */
  void write(int value) {
    int command = pendingCommand;
    pendingCommand = 0;
    if (command != 0 && value < COMMAND_SET_LEDS) {
      parameter(command, value);
    } else {
      // A command in place of a parameter takes the old one's place.
      command(value);
    }
  }

  private void command(int value) {
    replies.clear();
    switch (value) {
      case COMMAND_SET_LEDS, COMMAND_SCANCODE_SET, COMMAND_TYPEMATIC -> {
        pendingCommand = value;
        replies.add(REPLY_ACK);
      }
      case COMMAND_ECHO -> replies.add(REPLY_ECHO);
      case COMMAND_IDENTIFY -> {
        replies.add(REPLY_ACK);
        replies.add(0xab);
        replies.add(0x83);
      }
      case COMMAND_ENABLE -> {
        keys.clear();
        isScanning = true;
        replies.add(REPLY_ACK);
      }
      case COMMAND_DISABLE -> {
        setDefaults();
        isScanning = false;
        replies.add(REPLY_ACK);
      }
      case COMMAND_DEFAULTS -> {
        setDefaults();
        replies.add(REPLY_ACK);
      }
      case COMMAND_RESEND -> replies.add(lastSent);
      case COMMAND_RESET -> {
        powerOn();
        replies.add(REPLY_ACK);
        replies.add(REPLY_TEST_PASSED);
      }
      default -> replies.add(REPLY_RESEND);
    }
  }

  private void parameter(int command, int value) {
    switch (command) {
      case COMMAND_SET_LEDS -> leds = value & 7;
      case COMMAND_TYPEMATIC -> typematic = value & 0x7f;
      default -> {
        if (value > 2) {
          replies.add(REPLY_RESEND);
          return;
        }
        if (value != 0) {
          keys.clear();
          scancodeSet = value;
        }
      }
    }
    replies.add(REPLY_ACK);
    if (command == COMMAND_SCANCODE_SET && value == 0) {
      replies.add(scancodeSet);
    }
  }

  /**
   * Presses or releases a key.
   *
   * @param key its set 1 make code 0x01..0x7f; 0xe001..0xe07f for those with the E0 prefix; {@link
   *     #KEY_PAUSE}
   * @return false when the key is unknown or lost: scanning is off, or the keyboard's buffer full
   */
  boolean key(int key, boolean isPressed) {
    int code = key & 0xff;
    int prefix = key >>> 8;
    boolean known = key == KEY_PAUSE || code > 0 && code < 0x80 && (prefix == 0 || prefix == 0xe0);
    if (!known || !isScanning) {
      return false;
    }
    if (keys.room() < LONGEST_KEY) {
      return false;
    }
    if (key == KEY_PAUSE) {
      pause(isPressed);
      return true;
    }
    if (prefix != 0) {
      keys.add(prefix);
    }
    if (scancodeSet == 1) {
      keys.add(isPressed ? code : code | 0x80);
      return true;
    }
    if (!isPressed) {
      keys.add(0xf0);
    }
    keys.add(Scancodes.set2(code));
    return true;
  }

  private void pause(boolean isPressed) {
    if (!isPressed) {
      return;
    }
    int[] sequence =
        scancodeSet == 1
            ? new int[] {0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5}
            : new int[] {0xe1, 0x14, 0x77, 0xe1, 0xf0, 0x14, 0xf0, 0x77};
    for (int value : sequence) {
      keys.add(value);
    }
  }

  void save(SnapshotWriter.Section section) {
    replies.save(section);
    keys.save(section);
    section.put(pendingCommand).put(lastSent).put(leds).put(scancodeSet).put(typematic);
    section.put(isScanning);
  }

  void restore(SnapshotReader.Section section) {
    replies.restore(section);
    keys.restore(section);
    pendingCommand = section.getInt() & 0xff;
    lastSent = section.getInt() & 0xff;
    leds = section.getInt() & 7;
    scancodeSet = section.getInt() == 1 ? 1 : 2;
    typematic = section.getInt() & 0x7f;
    isScanning = section.getBoolean();
  }
}
