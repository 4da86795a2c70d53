package org.maloca.machine.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.maloca.devices.disk.DiskErrorAction;

/**
 * A disk of a machine, as in {@code --disk disk.qcow2,format=qcow2,readonly}, or a CD, as in {@code
 * --cdrom debian.iso}.
 *
 * @param file the image
 * @param format its format's name; null has it detected
 * @param isEphemeral whether what the guest writes is thrown away at the end
 * @param discard what becomes of room that the guest gives back
 * @param cache {@code writeback}, {@code none}, {@code writethrough} or {@code unsafe}
 * @param serial what the guest reads as serial number
 * @param limits properties of the limiter by name, such as {@code iops}
 * @param queues number of request queues
 * @param isPacked whether to offer packed rings
 * @param bus how the guest reaches it
 * @param isCdrom whether it is a CD, which only a SCSI controller has
 */
public record DiskConfig(
    Path file,
    @Nullable String format,
    boolean isReadOnly,
    boolean isEphemeral,
    Discard discard,
    String cache,
    String serial,
    Map<String, String> limits,
    int queues,
    boolean isPacked,
    DiskErrorAction writeError,
    DiskErrorAction readError,
    Bus bus,
    boolean isCdrom) {
  private static final int SERIAL_BYTES = 20;
  private static final Path NO_DISC = Path.of("none");

  /** What a guest's discards do, as QEMU names it. */
  public enum Discard {
    /** Room on the host is given back. */
    UNMAP,
    /** The guest's discards succeed, and do nothing. */
    IGNORE
  }

  /** Ways from a guest to a disk. */
  public enum Bus {
    /** Virtio-blk on PCI. */
    VIRTIO,
    /** Virtio-blk on PCI, behind a root port of its own. */
    PCIE,
    /** Virtio-blk with memory-mapped registers. */
    MMIO,
    /** A target of the machine's virtio-scsi controller. */
    SCSI
  }

  public DiskConfig {
    limits = Map.copyOf(limits);
    if (serial.getBytes(StandardCharsets.UTF_8).length > SERIAL_BYTES) {
      throw new ConfigException(
          "--disk: serial '%s' is longer than %d bytes".formatted(serial, SERIAL_BYTES));
    }
    if (isReadOnly && isEphemeral) {
      throw new ConfigException("--disk: readonly and ephemeral exclude each other");
    }
    if (isCdrom && (bus != Bus.SCSI || !isReadOnly)) {
      throw new ConfigException("--cdrom: a CD is read-only and on the SCSI controller");
    }
  }

  /**
   * Reads {@code FILE[,property=value]...}.
   *
   * @param index of the disk in its machine, which gives it its usual serial number
   * @throws ConfigException when there is no such property
   */
  public static DiskConfig parse(String text, int index) {
    DeviceProperties properties = DeviceProperties.parse("--disk", text);
    if (properties.main().isEmpty()) {
      throw new ConfigException("--disk: which file? As in --disk disk.qcow2");
    }
    DiskConfig config =
        new DiskConfig(
            properties.mainPath(),
            properties.text("format"),
            properties.flag("readonly"),
            properties.flag("ephemeral"),
            properties.word("discard", Discard.class, Discard.UNMAP),
            properties.text("cache", "writeback"),
            properties.text("serial", "maloca-" + index),
            properties.startingWith("iops", "bps"),
            (int) properties.number("queues", 1, 1, 64),
            properties.flag("packed"),
            properties.word("werror", DiskErrorAction.class, DiskErrorAction.ENOSPC),
            properties.word("rerror", DiskErrorAction.class, DiskErrorAction.REPORT),
            properties.word("bus", Bus.class, properties.word("if", Bus.class, Bus.VIRTIO)),
            false);
    properties.finish();
    return config;
  }

  /**
   * Reads {@code FILE[,property=value]...} of a CD and the drive that it is in; a drive without a
   * disc is {@code none}.
   *
   * @param index of the disk in its machine, which gives it its usual serial number
   * @throws ConfigException when there is no such property
   */
  public static DiskConfig parseCdrom(String text, int index) {
    DeviceProperties properties = DeviceProperties.parse("--cdrom", text);
    String serial = properties.text("serial", "maloca-" + index);
    DiskErrorAction readError =
        properties.word("rerror", DiskErrorAction.class, DiskErrorAction.REPORT);
    return cd("--cdrom", properties, serial, readError);
  }

  /**
   * Reads {@code FILE[,property=value]...} of a CD that goes into a drive which is there.
   *
   * @param option that it was given by, for messages
   * @throws ConfigException when there is no such property
   */
  public static DiskConfig parseDisc(String option, String text) {
    return cd(option, DeviceProperties.parse(option, text), "", DiskErrorAction.REPORT);
  }

  private static DiskConfig cd(
      String option, DeviceProperties properties, String serial, DiskErrorAction readError) {
    if (properties.main().isEmpty()) {
      throw new ConfigException("%s: which file? As in %s debian.iso".formatted(option, option));
    }
    DiskConfig config =
        new DiskConfig(
            properties.mainPath(),
            properties.text("format"),
            true,
            false,
            Discard.IGNORE,
            properties.text("cache", "writeback"),
            serial,
            properties.startingWith("iops", "bps"),
            1,
            false,
            DiskErrorAction.ENOSPC,
            readError,
            Bus.SCSI,
            true);
    properties.finish();
    return config;
  }

  /** Whether it is a drive without a disc. */
  public boolean isEmptyDrive() {
    return isCdrom && file.equals(NO_DISC);
  }

  /** The same disk, whose changes are thrown away. */
  public DiskConfig ephemeral() {
    return isReadOnly
        ? this
        : new DiskConfig(
            file,
            format,
            false,
            true,
            discard,
            cache,
            serial,
            limits,
            queues,
            isPacked,
            writeError,
            readError,
            bus,
            isCdrom);
  }
}
