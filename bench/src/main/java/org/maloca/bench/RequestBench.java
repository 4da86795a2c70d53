package org.maloca.bench;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.maloca.block.disk.CreateRequest;
import org.maloca.block.disk.ImageCreation;
import org.maloca.block.image.ImageFormat;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.backend.CharBackend;
import org.maloca.devices.disk.DiskErrorAction;
import org.maloca.devices.disk.DiskErrors;
import org.maloca.devices.scsi.ScsiDisk;
import org.maloca.devices.virtio.block.VirtioBlock;
import org.maloca.devices.virtio.console.VirtioConsole;
import org.maloca.devices.virtio.ninep.NinepConfig;
import org.maloca.devices.virtio.ninep.NinepServer;
import org.maloca.devices.virtio.ninep.VirtioNinep;
import org.maloca.devices.virtio.scsi.VirtioScsi;
import org.maloca.machine.config.DiskConfig;
import org.maloca.machine.device.Disks;

/**
 * What a request of a guest's driver costs in the host, from the notification to the used ring: its
 * time, and the bytes that all threads allocate for it once the code is compiled (by the counter
 * that JMH's allocation profiler reads).
 */
public final class RequestBench {
  /** Of which the best is told: in the others code is still being compiled. */
  private static final int BATCHES = 20;

  private static final int REQUESTS = 5_000;
  private static final int SECTOR_BYTES = 512;
  private static final int BLOCK_BYTES = 4096;
  private static final long DISK_BYTES = 16 << 20;

  /** With descriptor blocks and sense data of the sizes that drivers find. */
  private static final int SCSI_HEADER_BYTES = 19 + 32;

  private static final int SCSI_ANSWER_BYTES = 12 + 96;

  /** Without it a driver means every write to be durable when it is done. */
  private static final int BLK_F_FLUSH = 1 << 9;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final BenchOptions options;
  private final Path folder;

  private RequestBench(BenchOptions options, Path folder) {
    this.options = options;
    this.folder = folder;
  }

  /** Measures and prints. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    BenchCommand.run(arguments, (options, folder) -> new RequestBench(options, folder).run());
  }

  private boolean run() throws IOException {
    System.out.println("request                  ns each   bytes allocated each");
    System.out.println("-----------------------------------------------------");
    for (ImageFormat format : ImageFormat.values()) {
      disk(format.optionName(), format, "");
    }
    // By the worker and past a limit, which is never reached.
    disk("raw-limited", ImageFormat.RAW, ",iops=100000000");
    scsi();
    console();
    share();
    return true;
  }

  private void disk(String name, ImageFormat format, String properties) throws IOException {
    BlockBackend backend = newDisk(format, properties);
    try (RequestDriver driver =
        new RequestDriver(
            0,
            BLK_F_FLUSH,
            memory ->
                new VirtioBlock(
                    "blk0", memory, backend, VirtioBlock.Options.of(""), (id, error) -> {}))) {
      ByteBuffer write = blockHeader(1, BLOCK_BYTES);
      driver.prepare(write.array(), 1);
      measure("blk:" + name + "-write-4k", driver);
      driver.prepare(blockHeader(0, 0).array(), BLOCK_BYTES + 1);
      measure("blk:" + name + "-read-4k", driver);
    }
  }

  private BlockBackend newDisk(ImageFormat format, String properties) throws IOException {
    Path image = folder.resolve("disk." + format.optionName());
    ImageCreation.create(image, new CreateRequest(format, DISK_BYTES, Map.of(), null), true);
    String text = "%s,format=%s%s".formatted(image, format.optionName(), properties);
    return Disks.open(DiskConfig.parse(text, 0), List.of(), note -> {});
  }

  private void scsi() throws IOException {
    BlockBackend backend = newDisk(ImageFormat.RAW, "");
    DiskErrors errors =
        new DiskErrors(DiskErrorAction.REPORT, DiskErrorAction.REPORT, (id, error) -> {});
    try (RequestDriver driver =
        new RequestDriver(
            2,
            0,
            memory -> {
              VirtioScsi controller = new VirtioScsi("scsi0", memory, 1, false);
              controller.attach(0, 0, new ScsiDisk("disk0", backend, "", errors));
              return controller;
            })) {
      // The first command hears of the power that came on.
      driver.prepare(scsiCommand(0, 0, 0).array(), SCSI_ANSWER_BYTES);
      driver.send();
      driver.prepare(
          scsiCommand(0x2a, BLOCK_BYTES / SECTOR_BYTES, BLOCK_BYTES).array(), SCSI_ANSWER_BYTES);
      measure("scsi:raw-write-4k", driver);
      driver.prepare(
          scsiCommand(0x28, BLOCK_BYTES / SECTOR_BYTES, 0).array(),
          SCSI_ANSWER_BYTES + BLOCK_BYTES);
      measure("scsi:raw-read-4k", driver);
    }
  }

  /** {@code struct virtio_scsi_req_cmd} to unit 0, with a block of 10 bytes; data behind it. */
  private static ByteBuffer scsiCommand(int operationCode, int blocks, int dataBytes) {
    ByteBuffer command = ByteBuffer.allocate(SCSI_HEADER_BYTES + dataBytes);
    command.put(0, (byte) 1).put(2, (byte) 0x40);
    command.put(19, (byte) operationCode).put(27, (byte) blocks);
    return command;
  }

  /** {@code struct virtio_blk_req}: type, priority, sector; data behind it. */
  private static ByteBuffer blockHeader(int type, int dataBytes) {
    return little(16 + dataBytes).putInt(type).putInt(0).putLong(BLOCK_BYTES / SECTOR_BYTES);
  }

  private void console() throws IOException {
    var port = new VirtioConsole.PortOptions("", true, CharBackend.NONE);
    try (RequestDriver driver =
        new RequestDriver(
            1, 0, memory -> new VirtioConsole("console0", memory, List.of(port), false))) {
      driver.prepare(new byte[80], 0);
      measure("console:80-bytes", driver);
    }
  }

  private void share() throws IOException {
    Path share = Files.createDirectories(folder.resolve("share"));
    Files.write(share.resolve("file"), new byte[BLOCK_BYTES]);
    NinepServer server = NinepServer.open(new NinepConfig(share, false));
    try (RequestDriver driver =
        new RequestDriver(0, 0, memory -> new VirtioNinep("share0", memory, server, "share"))) {
      byte[] dialect = "9P2000.L".getBytes(StandardCharsets.US_ASCII);
      call(driver, 100, little(6 + dialect.length).putInt(65536).putShort((short) 8).put(dialect));
      call(driver, 104, little(20).putInt(0).putInt(-1).putInt(0));
      call(driver, 110, walk(1));
      call(driver, 12, little(8).putInt(1).putInt(2));
      prepare(driver, 24, little(12).putInt(1).putLong(0x7ff));
      measure("9p:getattr", driver);
      prepare(driver, 116, little(16).putInt(1).putLong(0).putInt(BLOCK_BYTES));
      measure("9p:read-4k", driver);
      prepare(driver, 118, little(16 + BLOCK_BYTES).putInt(1).putLong(0).putInt(BLOCK_BYTES));
      measure("9p:write-4k", driver);
    }
  }

  private static ByteBuffer walk(int newFid) {
    byte[] name = "file".getBytes(StandardCharsets.US_ASCII);
    return little(12 + name.length)
        .putInt(0)
        .putInt(newFid)
        .putShort((short) 1)
        .putShort((short) name.length)
        .put(name);
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void prepare(RequestDriver driver, int type, ByteBuffer fields) {
    ByteBuffer message = little(7 + fields.capacity());
    message.putInt(message.capacity()).put((byte) type).putShort((short) 1).put(fields.array());
    driver.prepare(message.array(), 2 * BLOCK_BYTES);
  }

  private static void call(RequestDriver driver, int type, ByteBuffer fields) throws IOException {
    prepare(driver, type, fields);
    driver.send();
    if (driver.answer(4) != type + 1) {
      throw new IOException("a message of type %d is refused".formatted(type));
    }
  }

  private void measure(String name, RequestDriver driver) {
    if (!options.wants(name)) {
      return;
    }
    double bytesEach = Double.MAX_VALUE;
    double nanosEach = Double.MAX_VALUE;
    for (int batch = 0; batch < BATCHES; batch++) {
      long bytes = THREADS.getTotalThreadAllocatedBytes();
      long nanos = System.nanoTime();
      send(driver, REQUESTS);
      nanos = System.nanoTime() - nanos;
      bytes = THREADS.getTotalThreadAllocatedBytes() - bytes;
      bytesEach = Math.min(bytesEach, (double) bytes / REQUESTS);
      nanosEach = Math.min(nanosEach, (double) nanos / REQUESTS);
    }
    System.out.printf(Locale.ROOT, "%-22s %9.0f %12.3f%n", name, nanosEach, bytesEach);
  }

  private static void send(RequestDriver driver, int requests) {
    for (int i = 0; i < requests; i++) {
      driver.send();
    }
  }
}
