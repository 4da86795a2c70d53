package org.maloca.devices.ps2;

import java.util.concurrent.locks.ReentrantLock;
import org.maloca.core.bus.IoHandler;
import org.maloca.core.bus.PortBus;
import org.maloca.core.device.Device;
import org.maloca.core.irq.IrqLine;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * The PS/2 keyboard and mouse controller at ports 0x60 and 0x64, with a keyboard and a mouse
 * plugged in (IBM PS/2 Hardware Interface Technical Reference, Keyboard/Auxiliary Device
 * Controller).
 *
 * <p>One byte at a time waits in the output buffer; whenever it is read the next one follows, the
 * controller's own before the keyboard's before the mouse's, with a new interrupt edge. Safe for
 * any thread; reset requests leave without locks held.
 */
public final class I8042 implements Device {
  public static final int DATA_PORT = 0x60;
  public static final int COMMAND_PORT = 0x64;
  public static final int KEYBOARD_IRQ = 1;
  public static final int MOUSE_IRQ = 12;

  private static final int SECTION_VERSION = 1;

  private static final int STATUS_OUTPUT_FULL = 0x01;
  private static final int STATUS_SYSTEM = 0x04;
  private static final int STATUS_COMMAND = 0x08;
  private static final int STATUS_UNLOCKED = 0x10;
  private static final int STATUS_MOUSE_OUTPUT = 0x20;

  private static final int CONTROL_KEYBOARD_IRQ = 0x01;
  private static final int CONTROL_MOUSE_IRQ = 0x02;
  private static final int CONTROL_SYSTEM = 0x04;
  private static final int CONTROL_KEYBOARD_OFF = 0x10;
  private static final int CONTROL_MOUSE_OFF = 0x20;
  private static final int CONTROL_TRANSLATE = 0x40;
  private static final int CONTROL_DEFAULT =
      CONTROL_TRANSLATE | CONTROL_SYSTEM | CONTROL_MOUSE_IRQ | CONTROL_KEYBOARD_IRQ;

  private static final int OUTPUT_NO_RESET = 0x01;
  private static final int OUTPUT_A20 = 0x02;
  private static final int OUTPUT_KEYBOARD_FULL = 0x10;
  private static final int OUTPUT_MOUSE_FULL = 0x20;
  private static final int OUTPUT_FIXED = 0xcc;

  private static final int COMMAND_READ_RAM = 0x20;
  private static final int COMMAND_WRITE_RAM = 0x60;
  private static final int COMMAND_TEST_PASSWORD = 0xa4;
  private static final int COMMAND_MOUSE_OFF = 0xa7;
  private static final int COMMAND_MOUSE_ON = 0xa8;
  private static final int COMMAND_TEST_MOUSE = 0xa9;
  private static final int COMMAND_SELF_TEST = 0xaa;
  private static final int COMMAND_TEST_KEYBOARD = 0xab;
  private static final int COMMAND_KEYBOARD_OFF = 0xad;
  private static final int COMMAND_KEYBOARD_ON = 0xae;
  private static final int COMMAND_READ_INPUT_PORT = 0xc0;
  private static final int COMMAND_READ_OUTPUT_PORT = 0xd0;
  private static final int COMMAND_WRITE_OUTPUT_PORT = 0xd1;
  private static final int COMMAND_ECHO_AS_KEYBOARD = 0xd2;
  private static final int COMMAND_ECHO_AS_MOUSE = 0xd3;
  private static final int COMMAND_WRITE_MOUSE = 0xd4;
  private static final int COMMAND_READ_TEST_INPUTS = 0xe0;
  private static final int COMMAND_PULSE = 0xf0;

  private static final int MOUSE_MARK = 0x100;

  private final IrqLine keyboardIrq;
  private final IrqLine mouseIrq;
  private final A20Gate a20;
  private final ReentrantLock lock = new ReentrantLock();
  private final Ps2Keyboard keyboard = new Ps2Keyboard();
  private final Ps2Mouse mouse = new Ps2Mouse();

  /**
   * The controller's answers; each value byte is led by a byte that says whether it is a mouse's.
   */
  private final ByteQueue answers = new ByteQueue(8);

  private final byte[] ram = new byte[32];
  private int pendingCommand;
  private int output;
  private boolean isOutputFull;
  private boolean isMouseOutput;
  private boolean wasCommand;
  private boolean isAfterBreakPrefix;
  private boolean keyboardLevel;
  private boolean mouseLevel;

  /**
   * Makes a controller.
   *
   * @param keyboardIrq ISA interrupt 1
   * @param mouseIrq ISA interrupt 12
   * @param a20 shared with port 0x92; takes the reset requests too
   */
  public I8042(IrqLine keyboardIrq, IrqLine mouseIrq, A20Gate a20) {
    this.keyboardIrq = keyboardIrq;
    this.mouseIrq = mouseIrq;
    this.a20 = a20;
    powerOn();
  }

  /** Registers ports 0x60 and 0x64. */
  public void register(PortBus ports) {
    ports.register(DATA_PORT, 1, dataPort());
    ports.register(COMMAND_PORT, 1, commandPort());
  }

  /** Port 0x60. */
  public IoHandler dataPort() {
    return new IoHandler() {
      @Override
      public long read(int offset, int size) {
        return ~0xffL | readData();
      }

      @Override
      public void write(int offset, int size, long value) {
        writeData((int) value & 0xff);
      }
    };
  }

  /** Port 0x64. */
  public IoHandler commandPort() {
    return new IoHandler() {
      @Override
      public long read(int offset, int size) {
        return ~0xffL | readStatus();
      }

      @Override
      public void write(int offset, int size, long value) {
        writeCommand((int) value & 0xff);
      }
    };
  }

  /**
   * Presses or releases a key; pressing a pressed one repeats it.
   *
   * @param key the set 1 make code 0x01..0x7f; 0xe001..0xe07f for keys with the E0 prefix; 0xe11d
   *     for Pause. The guest gets it in the scan code set that it chose.
   * @return false when the key was lost: unknown, keyboard off, or too many waiting
   */
  public boolean key(int key, boolean isPressed) {
    lock.lock();
    try {
      boolean taken = keyboard.key(key, isPressed);
      refill();
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Moves the mouse: {@code dx} right, {@code dy} down, {@code wheel} towards the user, in counts.
   *
   * @param buttons those pressed now: bit 0 left, 1 right, 2 middle, 3 and 4 the side ones
   */
  public void mouse(int dx, int dy, int wheel, int buttons) {
    lock.lock();
    try {
      mouse.move(dx, dy, wheel, buttons);
      refill();
    } finally {
      lock.unlock();
    }
  }

  /** The keyboard's lights: bit 0 scroll lock, 1 num lock, 2 caps lock. */
  public int leds() {
    lock.lock();
    try {
      return keyboard.leds();
    } finally {
      lock.unlock();
    }
  }

  private int readStatus() {
    lock.lock();
    try {
      return STATUS_UNLOCKED
          | control() & STATUS_SYSTEM
          | (wasCommand ? STATUS_COMMAND : 0)
          | (isOutputFull ? STATUS_OUTPUT_FULL : 0)
          | (isOutputFull && isMouseOutput ? STATUS_MOUSE_OUTPUT : 0);
    } finally {
      lock.unlock();
    }
  }

  private int readData() {
    lock.lock();
    try {
      int value = output;
      if (isOutputFull) {
        isOutputFull = false;
        driveInterrupts();
        refill();
      }
      return value;
    } finally {
      lock.unlock();
    }
  }

  private void writeData(int value) {
    int command;
    lock.lock();
    try {
      command = pendingCommand;
      pendingCommand = 0;
      wasCommand = false;
      data(command, value);
      refill();
      driveInterrupts();
    } finally {
      lock.unlock();
    }
    if (command == COMMAND_WRITE_OUTPUT_PORT) {
      a20.set((value & OUTPUT_A20) != 0);
      if ((value & OUTPUT_NO_RESET) == 0) {
        a20.requestReset();
      }
    }
  }

  private void data(int command, int value) {
    switch (command) {
      case 0 -> {
        setControl(control() & ~CONTROL_KEYBOARD_OFF);
        keyboard.write(value);
      }
      case COMMAND_WRITE_OUTPUT_PORT -> {
        // Acted on once the lock is released.
      }
      case COMMAND_ECHO_AS_KEYBOARD -> answer(value);
      case COMMAND_ECHO_AS_MOUSE -> answer(value | MOUSE_MARK);
      case COMMAND_WRITE_MOUSE -> {
        setControl(control() & ~CONTROL_MOUSE_OFF);
        mouse.write(value);
      }
      default -> ram[command & 0x1f] = (byte) value;
    }
  }

  private void writeCommand(int command) {
    boolean isReset = command >= COMMAND_PULSE && (command & OUTPUT_NO_RESET) == 0;
    lock.lock();
    try {
      pendingCommand = 0;
      wasCommand = true;
      command(command);
      refill();
      driveInterrupts();
    } finally {
      lock.unlock();
    }
    if (isReset) {
      a20.requestReset();
    }
  }

  private void command(int command) {
    if ((command & 0xe0) == COMMAND_READ_RAM) {
      answer(ram[command & 0x1f] & 0xff);
      return;
    }
    if ((command & 0xe0) == COMMAND_WRITE_RAM) {
      pendingCommand = command;
      return;
    }
    switch (command) {
      case COMMAND_TEST_PASSWORD -> answer(0xf1);
      case COMMAND_MOUSE_OFF -> setControl(control() | CONTROL_MOUSE_OFF);
      case COMMAND_MOUSE_ON -> setControl(control() & ~CONTROL_MOUSE_OFF);
      case COMMAND_TEST_MOUSE, COMMAND_TEST_KEYBOARD -> answer(0x00);
      case COMMAND_SELF_TEST -> {
        setControl(control() | CONTROL_SYSTEM);
        answer(0x55);
      }
      case COMMAND_KEYBOARD_OFF -> setControl(control() | CONTROL_KEYBOARD_OFF);
      case COMMAND_KEYBOARD_ON -> setControl(control() & ~CONTROL_KEYBOARD_OFF);
      case COMMAND_READ_INPUT_PORT -> answer(0x80);
      case COMMAND_READ_OUTPUT_PORT -> answer(outputPort());
      case COMMAND_WRITE_OUTPUT_PORT,
          COMMAND_ECHO_AS_KEYBOARD,
          COMMAND_ECHO_AS_MOUSE,
          COMMAND_WRITE_MOUSE ->
          pendingCommand = command;
      case COMMAND_READ_TEST_INPUTS -> answer(0x00);
      default -> {
        // Passwords, polling and the like are accepted without effect.
      }
    }
  }

  private int outputPort() {
    return OUTPUT_FIXED
        | OUTPUT_NO_RESET
        | (a20.isEnabled() ? OUTPUT_A20 : 0)
        | (isOutputFull && !isMouseOutput ? OUTPUT_KEYBOARD_FULL : 0)
        | (isOutputFull && isMouseOutput ? OUTPUT_MOUSE_FULL : 0);
  }

  private int control() {
    return ram[0] & 0xff;
  }

  private void setControl(int value) {
    ram[0] = (byte) value;
  }

  private void answer(int marked) {
    if (answers.room() >= 2) {
      answers.add(marked >> 8);
      answers.add(marked);
    }
  }

  /** Moves the next byte into the empty output buffer. */
  private void refill() {
    while (!isOutputFull) {
      if (answers.size() >= 2) {
        boolean isMouse = answers.take() != 0;
        present(answers.take(), isMouse);
      } else if (keyboard.hasOutput() && (control() & CONTROL_KEYBOARD_OFF) == 0) {
        fromKeyboard(keyboard.take());
      } else if (mouse.hasOutput() && (control() & CONTROL_MOUSE_OFF) == 0) {
        present(mouse.take(), true);
      } else {
        return;
      }
    }
  }

  private void fromKeyboard(int value) {
    if ((control() & CONTROL_TRANSLATE) == 0) {
      present(value, false);
      return;
    }
    if (value == 0xf0) {
      // Set 2's break prefix becomes the top bit of set 1's code, so nothing is presented yet.
      isAfterBreakPrefix = true;
      return;
    }
    int set1 = Scancodes.translate(value);
    if (set1 >= 0x80) {
      present(set1, false);
      return;
    }
    present(isAfterBreakPrefix ? set1 | 0x80 : set1, false);
    isAfterBreakPrefix = false;
  }

  private void present(int value, boolean isMouse) {
    output = value;
    isOutputFull = true;
    isMouseOutput = isMouse;
    driveInterrupts();
  }

  private void driveInterrupts() {
    boolean keyboardNow = keyboardInterrupt();
    if (keyboardNow != keyboardLevel) {
      keyboardLevel = keyboardNow;
      keyboardIrq.set(keyboardNow);
    }
    boolean mouseNow = mouseInterrupt();
    if (mouseNow != mouseLevel) {
      mouseLevel = mouseNow;
      mouseIrq.set(mouseNow);
    }
  }

  private boolean keyboardInterrupt() {
    return isOutputFull && !isMouseOutput && (control() & CONTROL_KEYBOARD_IRQ) != 0;
  }

  private boolean mouseInterrupt() {
    return isOutputFull && isMouseOutput && (control() & CONTROL_MOUSE_IRQ) != 0;
  }

  private void powerOn() {
    keyboard.powerOn();
    mouse.powerOn();
    answers.clear();
    java.util.Arrays.fill(ram, (byte) 0);
    setControl(CONTROL_DEFAULT);
    pendingCommand = 0;
    output = 0;
    isOutputFull = false;
    isMouseOutput = false;
    wasCommand = false;
    isAfterBreakPrefix = false;
  }

  @Override
  public String id() {
    return "i8042";
  }

  @Override
  public void reset() {
    lock.lock();
    try {
      powerOn();
      driveInterrupts();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void save(SnapshotWriter writer) {
    lock.lock();
    try {
      SnapshotWriter.Section section = writer.section(id(), SECTION_VERSION);
      section.put(ram).put(pendingCommand).put(output).put(isOutputFull).put(isMouseOutput);
      section.put(wasCommand).put(isAfterBreakPrefix);
      answers.save(section);
      keyboard.save(section);
      mouse.save(section);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void restore(SnapshotReader reader) {
    lock.lock();
    try {
      SnapshotReader.Section section = reader.section(id(), SECTION_VERSION);
      byte[] saved = section.getBytes(ram.length);
      System.arraycopy(saved, 0, ram, 0, saved.length);
      pendingCommand = section.getInt() & 0xff;
      output = section.getInt() & 0xff;
      isOutputFull = section.getBoolean();
      isMouseOutput = section.getBoolean();
      wasCommand = section.getBoolean();
      isAfterBreakPrefix = section.getBoolean();
      answers.restore(section);
      keyboard.restore(section);
      mouse.restore(section);
      keyboardLevel = keyboardInterrupt();
      mouseLevel = mouseInterrupt();
      keyboardIrq.restoreLevel(keyboardLevel);
      mouseIrq.restoreLevel(mouseLevel);
    } finally {
      lock.unlock();
    }
  }
}
