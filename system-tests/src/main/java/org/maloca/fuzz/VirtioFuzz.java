package org.maloca.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.backend.CharBackend;
import org.maloca.core.backend.NetBackend;
import org.maloca.core.backend.NetFrame;
import org.maloca.core.irq.IrqLine;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.HostMemory;
import org.maloca.core.memory.IoVector;
import org.maloca.core.memory.MemoryMap;
import org.maloca.core.memory.MemoryRegion;
import org.maloca.core.memory.RamBlock;
import org.maloca.core.time.ManualClock;
import org.maloca.devices.disk.DiskErrorAction;
import org.maloca.devices.disk.DiskErrors;
import org.maloca.devices.scsi.CdDrive;
import org.maloca.devices.scsi.ScsiDisk;
import org.maloca.devices.virtio.VirtioDevice;
import org.maloca.devices.virtio.VirtioMmio;
import org.maloca.devices.virtio.balloon.VirtioBalloon;
import org.maloca.devices.virtio.block.VirtioBlock;
import org.maloca.devices.virtio.console.VirtioConsole;
import org.maloca.devices.virtio.net.VirtioNet;
import org.maloca.devices.virtio.rng.VirtioRng;
import org.maloca.devices.virtio.scsi.VirtioScsi;
import org.maloca.devices.virtio.vsock.VirtioVsock;

/**
 * Drives virtio devices as no driver would: rings of nonsense that is near to sense, resets at any
 * time, configuration at random. No exception may come out, none may be met inside, and no byte
 * beside the guest's RAM may change.
 */
public final class VirtioFuzz implements AutoCloseable {
  private static final int RAM_BYTES = 1 << 20;
  private static final int CANARY_BYTES = 1 << 16;
  private static final byte CANARY = 0x5a;
  private static final int QUEUES = 6;
  private static final int QUEUE_SIZE = 8;
  private static final int RING_BYTES = 0x400;
  private static final int FREE_AREA = 0x4000;
  private static final String[] KINDS = {
    "blk", "net", "console", "rng", "balloon", "vsock", "scsi"
  };

  private static final byte[] SCSI_COMMANDS = {
    0x00,
    0x03,
    0x08,
    0x0a,
    0x12,
    0x15,
    0x1a,
    0x1b,
    0x1d,
    0x1e,
    0x25,
    0x28,
    0x2a,
    0x2e,
    0x2f,
    0x35,
    0x41,
    0x42,
    0x43,
    0x46,
    0x4a,
    0x51,
    0x52,
    0x55,
    0x5a,
    (byte) 0x88,
    (byte) 0x8a,
    (byte) 0x8f,
    (byte) 0x91,
    (byte) 0x93,
    (byte) 0x9e,
    (byte) 0xa0,
    (byte) 0xa8,
    (byte) 0xaa,
    (byte) 0xbd,
    (byte) 0xbe
  };

  private static final int STATUS = 0x070;
  private static final int QUEUE_NOTIFY = 0x050;
  private static final int CONFIG = 0x100;

  private final RandomGenerator random;
  private final RamBlock block;
  private final GuestMemory memory;
  private final Cable cable = new Cable();
  private final VirtioMmio registers;
  private final NetFrame frame = new NetFrame();
  private final int[] available = new int[QUEUES];
  private @Nullable CdDrive tray;
  private boolean isPacked;

  private VirtioFuzz(String kind, long seed, Path folder) throws IOException {
    random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    block = RamBlock.allocate(RAM_BYTES + 2L * CANARY_BYTES);
    HostMemory.fill(block.hostAddress(), block.size(), CANARY);
    long host = block.hostAddress() + CANARY_BYTES;
    memory =
        new GuestMemory(
            MemoryMap.of(List.of(new MemoryRegion.Ram(0, RAM_BYTES, host, CANARY_BYTES))),
            (int) (block.size() >> 12));
    registers = new VirtioMmio(device(kind, folder), IrqLine.NOT_CONNECTED);
    registers.start();
  }

  private VirtioDevice device(String kind, Path folder) throws IOException {
    return switch (kind) {
      case "blk" ->
          new VirtioBlock(
              "fuzz",
              memory,
              new Disk(),
              new VirtioBlock.Options(
                  "fuzz", 2, true, DiskErrorAction.REPORT, DiskErrorAction.REPORT),
              (id, failure) -> {});
      case "net" ->
          new VirtioNet(
              "fuzz",
              memory,
              cable,
              new VirtioNet.Options(new byte[] {2, 0, 0, 0, 0, 1}, 2, 1500, 1000, true));
      case "console" ->
          new VirtioConsole(
              "fuzz",
              memory,
              List.of(
                  new VirtioConsole.PortOptions("", true, CharBackend.NONE),
                  new VirtioConsole.PortOptions("port", false, CharBackend.NONE)),
              true);
      case "rng" ->
          new VirtioRng("fuzz", memory, new ManualClock(), new SecureRandom(), 1 << 30, true);
      case "balloon" -> new VirtioBalloon("fuzz", memory, true);
      case "scsi" -> scsi();
      case "vsock" -> new VirtioVsock("fuzz", memory, 3, folder.resolve("v"), true);
      default -> throw new IllegalArgumentException(kind);
    };
  }

  /** A controller with two discs and a drive. */
  private VirtioScsi scsi() {
    DiskErrors errors =
        new DiskErrors(DiskErrorAction.REPORT, DiskErrorAction.REPORT, (id, failure) -> {});
    VirtioScsi controller = new VirtioScsi("fuzz", memory, 4, true);
    controller.attach(0, 0, new ScsiDisk("disk0", new Disk(), "fuzz0", errors));
    controller.attach(0, 2, new ScsiDisk("disk1", new Disk(), "fuzz1", errors));
    CdDrive drive = new CdDrive("cd0", new Disk(), "fuzz2", errors);
    controller.attach(1, 0, drive);
    tray = drive;
    return controller;
  }

  /** Moves the tray from the host's side. */
  private void moveTray(CdDrive drive) throws IOException {
    if (random.nextBoolean()) {
      drive.insert(new Disk());
    } else {
      drive.eject(random.nextBoolean());
    }
  }

  /** Runs {@code --cases} operations on each device; ends with status 1 when one breaks a rule. */
  public static void main(String[] arguments) throws IOException {
    FuzzOptions options = FuzzOptions.parse(arguments);
    try {
      for (String kind : KINDS) {
        run(kind, options.cases(), options.seed());
        System.out.printf("%s: %,d operations, none broke a rule%n", kind, options.cases());
      }
    } catch (IllegalStateException broken) {
      System.out.println(broken.getMessage());
      System.exit(1);
    }
  }

  /**
   * Makes operations on a device.
   *
   * @param kind blk, net, console, rng, balloon, vsock or scsi
   * @throws IllegalStateException when the device broke a rule
   */
  static void run(String kind, long operations, long seed) throws IOException {
    AtomicLong faults = new AtomicLong();
    Handler watch =
        new Handler() {
          @Override
          public void publish(LogRecord entry) {
            if (entry.getThrown() != null) {
              faults.incrementAndGet();
            }
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger root = Logger.getLogger("");
    root.addHandler(watch);
    Path folder = Files.createTempDirectory("maloca-fuzz");
    try (VirtioFuzz fuzz = new VirtioFuzz(kind, seed, folder)) {
      for (long i = 0; i < operations; i++) {
        fuzz.operate();
        if (i % 65536 == 0 || i == operations - 1) {
          fuzz.checkCanaries(kind, i);
          if (faults.get() > 0) {
            throw new IllegalStateException(
                "%s, seed %d, before operation %d: an exception".formatted(kind, seed, i));
          }
        }
      }
    } finally {
      root.removeHandler(watch);
      Files.deleteIfExists(folder);
    }
  }

  private void checkCanaries(String kind, long operation) {
    long after = block.hostAddress() + CANARY_BYTES + RAM_BYTES;
    for (int i = 0; i < CANARY_BYTES; i += 8) {
      long expected = 0x5a5a_5a5a_5a5a_5a5aL;
      if (HostMemory.getLong(block.hostAddress() + i) != expected
          || HostMemory.getLong(after + i) != expected) {
        throw new IllegalStateException(
            "%s, before operation %d: wrote outside RAM".formatted(kind, operation));
      }
    }
  }

  private void operate() throws IOException {
    int queue = random.nextInt(QUEUES);
    switch (random.nextInt(64)) {
      case 0 -> registers.write(STATUS, 4, 0);
      case 1, 2 -> setUp();
      case 3 -> registers.write(CONFIG + random.nextInt(64), 1 << random.nextInt(3), value());
      case 4 -> registers.read(random.nextInt(0x200) & ~3, 4);
      case 5 -> registers.write(random.nextInt(0x100) & ~3, 4, value());
      case 6 -> {
        registers.pause();
        registers.resume();
      }
      case 7, 8, 9, 10 -> {
        frame.clear();
        frame.bytes().limit(random.nextInt(3000));
        if (random.nextBoolean()) {
          frame.setChecksum(random.nextInt(100), random.nextInt(3000));
        }
        cable.deliver(frame);
        if (tray != null) {
          moveTray(tray);
        }
      }
      default -> {
        request(queue);
        registers.write(QUEUE_NOTIFY, 4, queue);
      }
    }
  }

  private void setUp() {
    registers.write(STATUS, 4, 0);
    if (registers.read(STATUS, 4) != 0) {
      return;
    }
    registers.write(STATUS, 4, 3);
    isPacked = random.nextInt(3) == 0;
    registers.write(0x014, 4, 0);
    long low = registers.read(0x010, 4) & (random.nextBoolean() ? -1 : random.nextLong());
    registers.write(0x024, 4, 0);
    registers.write(0x020, 4, low);
    registers.write(0x024, 4, 1);
    registers.write(0x020, 4, isPacked ? 5 : 1);
    registers.write(STATUS, 4, 11);
    for (int queue = 0; queue < QUEUES; queue++) {
      long place = 0x1000 + (long) queue * RING_BYTES;
      registers.write(0x030, 4, queue);
      registers.write(0x038, 4, random.nextInt(20) == 0 ? random.nextInt(300) : QUEUE_SIZE);
      registers.write(0x080, 4, place);
      registers.write(0x090, 4, place + 0x100);
      registers.write(0x0a0, 4, random.nextInt(50) == 0 ? value() : place + 0x200);
      registers.write(0x044, 4, 1);
      available[queue] = 0;
      memory.write(place, new byte[RING_BYTES], 0, RING_BYTES);
    }
    registers.write(STATUS, 4, 15);
  }

  /** Puts a request of one to four pieces into a queue's ring, mostly a good one. */
  private void request(int queue) {
    long place = 0x1000 + (long) queue * RING_BYTES;
    int pieces = 1 + random.nextInt(4);
    boolean writes = false;
    for (int i = 0; i < pieces; i++) {
      int index = available[queue] + i & QUEUE_SIZE - 1;
      writes |= random.nextInt(3) == 0;
      int flags = (i < pieces - 1 ? 1 : 0) | (writes ? 2 : 0);
      long gpa = gpa();
      int length =
          random.nextInt(40) == 0 ? (int) value() : random.nextInt(random.nextInt(2000) + 1);
      if (random.nextInt(40) == 0) {
        flags = random.nextInt(8);
      }
      if (!writes) {
        content(gpa);
      }
      memory.write(place + 16L * index, 8, gpa);
      memory.write(place + 16L * index + 8, 4, length);
      if (isPacked) {
        boolean wrap = (available[queue] + i & QUEUE_SIZE) == 0;
        memory.write(
            place + 16L * index + 12, 4, index | (flags | (wrap ? 1 << 7 : 1 << 15)) << 16);
      } else {
        int next = random.nextInt(60) == 0 ? random.nextInt(12) : index + 1 & QUEUE_SIZE - 1;
        memory.write(place + 16L * index + 12, 4, flags | next << 16);
      }
    }
    if (!isPacked) {
      int used = (int) memory.read(place + 0x202, 2);
      long entry = place + 0x104 + 2L * (used & QUEUE_SIZE - 1);
      memory.write(entry, 2, available[queue] & QUEUE_SIZE - 1);
      memory.write(place + 0x102, 2, random.nextInt(100) == 0 ? random.nextInt() : used + 1);
    }
    available[queue] += pieces;
  }

  /** Headers as devices expect them, in part. */
  private void content(long gpa) {
    if (tray != null) {
      scsiContent(gpa);
      return;
    }
    for (int i = 0; i < 48; i += 4) {
      memory.write(gpa + i, 4, random.nextInt(4) == 0 ? value() : random.nextInt(16));
    }
    if (random.nextBoolean()) {
      memory.write(gpa, 8, 3);
      memory.write(gpa + 8, 8, 2);
      memory.write(gpa + 28, 4, 1 | random.nextInt(9) << 16);
    }
  }

  /** A command or a task management function for a unit that may be there. */
  private void scsiContent(long gpa) {
    byte[] bytes = new byte[80];
    random.nextBytes(bytes);
    for (int i = 0; i < bytes.length; i++) {
      // Most of it small, so that it lies on the disc.
      bytes[i] = (byte) (random.nextInt(8) == 0 ? bytes[i] : bytes[i] & bytes[i] >> 6 & 3);
    }
    boolean isControl = random.nextInt(4) == 0;
    int address = isControl ? 8 : 0;
    if (isControl) {
      java.util.Arrays.fill(bytes, 0, 8, (byte) 0);
      bytes[4] = (byte) random.nextInt(9);
    }
    java.util.Arrays.fill(bytes, address, address + 8, (byte) 0);
    bytes[address] = 1;
    bytes[address + 1] = (byte) random.nextInt(3);
    bytes[address + 2] = 0x40;
    bytes[address + 3] = (byte) (random.nextInt(2) * 2);
    if (!isControl) {
      bytes[19] = SCSI_COMMANDS[random.nextInt(SCSI_COMMANDS.length)];
    }
    memory.write(gpa, bytes, 0, bytes.length);
  }

  private long gpa() {
    return switch (random.nextInt(40)) {
      case 0 -> RAM_BYTES - random.nextInt(64);
      case 1 -> value();
      case 2 -> 0x1000 + random.nextInt(RING_BYTES * QUEUES);
      default -> FREE_AREA + random.nextInt(RAM_BYTES - 2 * FREE_AREA);
    };
  }

  private long value() {
    return switch (random.nextInt(4)) {
      case 0 -> -1L << random.nextInt(64);
      case 1 -> 1L << random.nextInt(64);
      case 2 -> random.nextInt(0x200);
      default -> random.nextLong();
    };
  }

  @Override
  public void close() {
    registers.close();
    block.close();
  }

  /** The other end of the network card. */
  private static final class Cable implements NetBackend {
    private @Nullable Port port;

    @Override
    public void connect(Port card) {
      port = card;
    }

    @Override
    public void transmit(NetFrame frame) {
      if (frame.bytes().limit() < 14) {
        throw new IllegalStateException("a frame of %d bytes".formatted(frame.bytes().limit()));
      }
    }

    void deliver(NetFrame frame) {
      if (port != null) {
        port.receive(frame);
      }
    }

    @Override
    public void close() {}
  }

  /** A disk that checks what it is asked. */
  private static final class Disk implements BlockBackend {
    private static final long BYTES = 1 << 20;

    private static void check(long offset, long length) {
      if (offset < 0 || length < 0 || length > BYTES - offset || (offset | length) % 512 != 0) {
        throw new IllegalStateException("%d bytes at %d".formatted(length, offset));
      }
    }

    @Override
    public long sizeBytes() {
      return BYTES;
    }

    @Override
    public boolean isReadOnly() {
      return false;
    }

    @Override
    public void read(long offset, IoVector target) {
      check(offset, target.bytes());
      target.fill(0, target.bytes(), (byte) 1);
    }

    @Override
    public void write(long offset, IoVector source) {
      check(offset, source.bytes());
    }

    @Override
    public void flush() {}

    @Override
    public void discard(long offset, long length) {
      check(offset, length);
    }

    @Override
    public void writeZeroes(long offset, long length, boolean mayUnmap) {
      check(offset, length);
    }

    @Override
    public void close() {}
  }
}
