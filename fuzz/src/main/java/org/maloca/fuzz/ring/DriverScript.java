package org.maloca.fuzz.ring;

import org.maloca.core.memory.GuestMemory;
import org.maloca.devices.virtio.VirtioMmio;
import org.maloca.fuzz.guided.Input;

/**
 * A driver that does what an input says. Each operation begins with a byte; what follows depends on
 * it, and is in the methods. Requests are whole ones unless a bit says that a field is odd, so that
 * small inputs get far.
 */
final class DriverScript {
  static final int RESET = 0;
  static final int SET_UP = 1;
  static final int WRITE_REGISTER = 2;
  static final int WRITE_CONFIG = 3;
  static final int READ = 4;
  static final int PAUSE = 5;
  static final int HOST = 6;
  static final int POKE = 7;
  static final int NOTIFY = 8;
  static final int REQUEST = 9;

  static final int QUEUES = 6;
  static final int QUEUE_SIZE = 16;

  /** The piece is one that the device writes. */
  static final int WRITABLE = 1;

  /** The piece has an address of 8 bytes of its own. */
  static final int ODD_PLACE = 2;

  /** The piece has a length of 4 bytes of its own, beside that of what is in it. */
  static final int ODD_LENGTH = 4;

  /** The piece has flags of its own. */
  static final int ODD_FLAGS = 8;

  /** The piece has a next index of its own; or the ring's index jumps, in the last piece. */
  static final int ODD_NEXT = 16;

  /** The piece is a table of descriptors, made of its content. */
  static final int INDIRECT = 32;

  private static final int FIRST_RING = 0x1000;
  private static final int RING_BYTES = 0x400;
  private static final int DRIVER_AREA = 0x200;
  private static final int DEVICE_AREA = 0x300;
  private static final int FREE = 0x4000;

  private static final int DEVICE_FEATURES = 0x010;
  private static final int DEVICE_FEATURES_SEL = 0x014;
  private static final int DRIVER_FEATURES = 0x020;
  private static final int DRIVER_FEATURES_SEL = 0x024;
  private static final int QUEUE_SEL = 0x030;
  private static final int QUEUE_NUM = 0x038;
  private static final int QUEUE_READY = 0x044;
  private static final int QUEUE_NOTIFY = 0x050;
  private static final int STATUS = 0x070;
  private static final int QUEUE_DESC = 0x080;
  private static final int QUEUE_DRIVER = 0x090;
  private static final int QUEUE_DEVICE = 0x0a0;
  private static final int CONFIG = 0x100;
  private static final int REGISTERS_BYTES = 0x200;

  /** Processor time of a worker before the driver resets the device, and then until it must end. */
  private static final long PATIENCE_NANOS = 200_000_000L;

  private static final long LIMIT_NANOS = 5_000_000_000L;

  private static final int F_NEXT = 1;
  private static final int F_WRITE = 2;
  private static final int F_INDIRECT = 4;
  private static final int F_AVAIL = 1 << 7;
  private static final int F_USED = 1 << 15;

  private final VirtioMmio registers;
  private final GuestMemory memory;
  private final Workers workers;
  private final int[] nextDescriptor = new int[QUEUES];
  private final int[] availableIndex = new int[QUEUES];
  private boolean isPacked;
  private int free = FREE;

  DriverScript(VirtioMmio registers, GuestMemory memory, Workers workers) {
    this.registers = registers;
    this.memory = memory;
    this.workers = workers;
  }

  /** Does the next operation; false if that is the host's. */
  boolean operate(Input input) {
    switch (input.u8() % (REQUEST + 3)) {
      case RESET -> registers.write(STATUS, 4, 0);
      case SET_UP -> setUp(input.u8(), input.i64());
      case WRITE_REGISTER -> {
        registers.write(input.u8() & ~3, 4, input.i32());
        settle();
      }
      case WRITE_CONFIG -> {
        int offset = CONFIG + input.u8();
        registers.write(offset, 1 << (input.u8() & 3), input.i64());
      }
      case READ -> registers.read(input.u16() % REGISTERS_BYTES & ~3, 4);
      case PAUSE -> {
        registers.pause();
        registers.resume();
        settle();
      }
      case HOST -> {
        return false;
      }
      case POKE -> {
        int gpa = FIRST_RING + input.u16() % (QUEUES * RING_BYTES);
        memory.write(gpa, 1 << (input.u8() & 3), input.i64());
      }
      case NOTIFY -> {
        registers.write(QUEUE_NOTIFY, 4, input.u8());
        settle();
      }
      default -> request(input);
    }
    return true;
  }

  /**
   * Waits for the device. A guest can always give it more to do, by requests that write new ones
   * into the ring; but a reset must end that.
   */
  void settle() {
    if (!workers.settle(PATIENCE_NANOS)) {
      registers.write(STATUS, 4, 0);
      if (!workers.settle(LIMIT_NANOS)) {
        throw new IllegalStateException("a worker does not come to an end");
      }
    }
  }

  /** Requests that the device gave back. */
  long used() {
    long used = 0;
    for (int queue = 0; queue < QUEUES; queue++) {
      used += memory.read(place(queue) + DEVICE_AREA + 2, 2);
    }
    return used;
  }

  private static int place(int queue) {
    return FIRST_RING + queue * RING_BYTES;
  }

  /**
   * Resets the device and starts it.
   *
   * @param how packed rings if odd
   * @param without features that are not accepted
   */
  private void setUp(int how, long without) {
    registers.write(STATUS, 4, 0);
    settle();
    registers.write(STATUS, 4, 3);
    isPacked = (how & 1) != 0;
    for (int half = 0; half < 2; half++) {
      registers.write(DEVICE_FEATURES_SEL, 4, half);
      long refused = without >>> 32 * half;
      if (half == 1) {
        refused = refused & ~1 | (isPacked ? 0 : 4);
      }
      long features = registers.read(DEVICE_FEATURES, 4) & ~refused;
      registers.write(DRIVER_FEATURES_SEL, 4, half);
      registers.write(DRIVER_FEATURES, 4, features);
    }
    registers.write(STATUS, 4, 11);
    for (int queue = 0; queue < QUEUES; queue++) {
      int place = place(queue);
      memory.write(place, new byte[RING_BYTES], 0, RING_BYTES);
      registers.write(QUEUE_SEL, 4, queue);
      registers.write(QUEUE_NUM, 4, QUEUE_SIZE);
      registers.write(QUEUE_DESC, 4, place);
      registers.write(QUEUE_DRIVER, 4, place + DRIVER_AREA);
      registers.write(QUEUE_DEVICE, 4, place + DEVICE_AREA);
      registers.write(QUEUE_READY, 4, 1);
      nextDescriptor[queue] = 0;
      availableIndex[queue] = 0;
    }
    registers.write(STATUS, 4, 15);
    settle();
  }

  /** A queue, a number of pieces, and the pieces. */
  private void request(Input input) {
    int queue = input.u8() % QUEUES;
    int pieces = 1 + (input.u8() & 7);
    int first = nextDescriptor[queue];
    int jump = 1;
    for (int i = 0; i < pieces; i++) {
      int kind = input.u8();
      put(queue, first + i, kind, i == pieces - 1, input);
      jump = i == pieces - 1 && (kind & ODD_NEXT) != 0 ? input.u16() : 1;
    }
    nextDescriptor[queue] += pieces;
    if (!isPacked) {
      int place = place(queue);
      int entry = availableIndex[queue] & QUEUE_SIZE - 1;
      memory.write(place + DRIVER_AREA + 4 + 2 * entry, 2, first & QUEUE_SIZE - 1);
      availableIndex[queue] += jump;
      memory.write(place + DRIVER_AREA + 2, 2, availableIndex[queue] & 0xffff);
    }
    registers.write(QUEUE_NOTIFY, 4, queue);
    settle();
  }

  private void put(int queue, int number, int kind, boolean isLast, Input input) {
    int index = number & QUEUE_SIZE - 1;
    int length = input.u16();
    long gpa = (kind & ODD_PLACE) != 0 ? input.i64() : allot(length);
    if ((kind & (WRITABLE | INDIRECT)) != WRITABLE) {
      byte[] content = input.take(Math.min(length, input.u8()));
      memory.write(gpa, content, 0, content.length);
    }
    int shown = (kind & ODD_LENGTH) != 0 ? input.i32() : length;
    int flags =
        (isLast ? 0 : F_NEXT)
            | ((kind & WRITABLE) != 0 ? F_WRITE : 0)
            | ((kind & INDIRECT) != 0 ? F_INDIRECT : 0);
    flags = (kind & ODD_FLAGS) != 0 ? input.u8() & 7 : flags;
    long descriptor = place(queue) + 16L * index;
    memory.write(descriptor, 8, gpa);
    memory.write(descriptor + 8, 4, shown);
    if (isPacked) {
      flags |= (number & QUEUE_SIZE) == 0 ? F_AVAIL : F_USED;
      memory.write(descriptor + 12, 4, index | flags << 16);
    } else {
      int next = (kind & ODD_NEXT) != 0 && !isLast ? input.u8() : index + 1 & QUEUE_SIZE - 1;
      memory.write(descriptor + 12, 4, flags | next << 16);
    }
  }

  /** A place for a buffer; after the last one the first ones are used again. */
  private int allot(int length) {
    if (free + length > DeviceTarget.RAM_BYTES) {
      free = FREE;
    }
    int gpa = free;
    free += length + 15 & ~15;
    return gpa;
  }
}
