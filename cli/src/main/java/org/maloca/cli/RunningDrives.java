package org.maloca.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.maloca.block.limit.AccountedDisk;
import org.maloca.block.limit.DiskFigures;
import org.maloca.cli.control.ControlService;
import org.maloca.devices.scsi.CdDrive;
import org.maloca.machine.config.DiskConfig;
import org.maloca.machine.device.Disks;

/**
 * The CD drives of a running machine, as others ask for them by {@code maloca cdrom}. A request is
 * {@link #LIST}, or what to do, the drive's number (or {@link #ONLY}), whether to do it by force,
 * and for {@link #INSERT} a disc as {@code --cdrom} has it; answered by a line for each drive, or
 * for the one that it was about.
 */
final class RunningDrives implements ControlService {
  /** With which requests begin. */
  static final String WORD = "cdrom";

  static final String LIST = "list";
  static final String EJECT = "eject";
  static final String INSERT = "insert";

  /** In place of a drive's number: the only one there is. */
  static final String ONLY = "only";

  /** Guests that are asked to let a disc go need some time to unmount it. */
  static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final long POLL_MILLIS = 100;

  private final List<Slot> slots;
  private final Supplier<Optional<List<CdDrive>>> drives;
  private final List<Path> allowed;
  private final Duration patience;
  private final Consumer<String> notes;

  /** What this side knows of a drive; its disc's image was {@code file}. */
  static final class Slot {
    private final DiskFigures figures;
    private @Nullable Path file;

    /**
     * One that was just made.
     *
     * @param figures of all its discs
     * @param file the image in it, or null
     */
    Slot(DiskFigures figures, @Nullable Path file) {
      this.figures = figures;
      this.file = file;
    }
  }

  /**
   * Has those of a machine, which may not be plugged in yet.
   *
   * @param drives as many as {@code slots}, in the same order
   * @param allowed folders that images may lead to
   * @param patience with guests that are to let a disc go
   * @param notes hears what people should know of how an image was opened
   */
  RunningDrives(
      List<Slot> slots,
      Supplier<Optional<List<CdDrive>>> drives,
      List<Path> allowed,
      Duration patience,
      Consumer<String> notes) {
    this.slots = List.copyOf(slots);
    this.drives = drives;
    this.allowed = List.copyOf(allowed);
    this.patience = patience;
    this.notes = notes;
  }

  @Override
  public Optional<String> answer(String request) throws IOException {
    List<CdDrive> plugged =
        drives.get().orElseThrow(() -> new IOException("the machine is not ready yet"));
    if (request.equals(LIST)) {
      StringBuilder lines = new StringBuilder();
      for (int i = 0; i < slots.size(); i++) {
        lines.append(i == 0 ? "" : "\n").append(describe(i, plugged.get(i)));
      }
      return Optional.of(lines.toString());
    }
    String[] words = request.split(" ", 4);
    boolean isInsert = words[0].equals(INSERT);
    if (words.length != (isInsert ? 4 : 3) || !isInsert && !words[0].equals(EJECT)) {
      throw ControlService.unknownRequest();
    }
    int number = number(words[1]);
    boolean isForced = Boolean.parseBoolean(words[2]);
    CdDrive drive = plugged.get(number);
    Slot slot = slots.get(number);
    synchronized (slot) {
      if (isInsert) {
        insert(slot, drive, DiskConfig.parseDisc("--insert", words[3]), isForced);
      } else {
        empty(drive, isForced);
        slot.file = null;
      }
      return Optional.of(describe(number, drive));
    }
  }

  private int number(String text) throws IOException {
    if (text.equals(ONLY)) {
      if (slots.size() > 1) {
        throw new IOException(
            "which drive? The machine has %d: --drive sr0 and so on".formatted(slots.size()));
      }
      return 0;
    }
    try {
      int number = Integer.parseInt(text);
      if (number >= 0 && number < slots.size()) {
        return number;
      }
    } catch (NumberFormatException none) {
      // Said below.
    }
    throw new IOException("the machine has no drive sr" + text);
  }

  private void insert(Slot slot, CdDrive drive, DiskConfig config, boolean isForced)
      throws IOException {
    AccountedDisk disc = Disks.open(config, allowed, slot.figures, notes);
    try {
      if (drive.hasDisc()) {
        empty(drive, isForced);
      }
    } catch (IOException locked) {
      disc.close();
      throw locked;
    }
    slot.file = config.file();
    drive.insert(disc);
  }

  /** Takes the disc out; a guest that has locked the drive is asked, and has time to answer. */
  private void empty(CdDrive drive, boolean isForced) throws IOException {
    boolean isOut = drive.eject(isForced);
    for (long i = patience.toMillis() / POLL_MILLIS; i > 0 && !isOut; i--) {
      try {
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      } catch (InterruptedException ending) {
        Thread.currentThread().interrupt();
        break;
      }
      isOut = !drive.isLocked() && drive.eject(false);
    }
    if (!isOut) {
      throw new IOException(
          "the guest has locked the drive, as it does with a disc that is mounted, and does not"
              + " let go: unmount it there, or say --force");
    }
  }

  private String describe(int number, CdDrive drive) {
    Slot slot = slots.get(number);
    Path file = slot.file;
    return "sr%d: %s%s%s"
        .formatted(
            number,
            file == null || !drive.hasDisc() ? "no disc" : file,
            drive.isTrayOpen() ? ", the tray is open" : "",
            drive.isLocked() ? ", locked by the guest" : "");
  }
}
