package org.maloca.devices.scsi;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;
import org.maloca.devices.disk.DiskBounds;
import org.maloca.devices.disk.DiskErrors;

/**
 * A drive with a tray that reads CDs and DVDs of one data track (MMC-6). The tray is moved by the
 * guest, by {@link #eject} and by {@link #insert}; a disc that the guest has only moved out comes
 * back with the tray. Any thread.
 */
public final class CdDrive extends LogicalUnit {
  /** Bytes of a block of a data track in mode 1. */
  static final int BLOCK_BYTES = 2048;

  /** Version descriptor: MMC-6. */
  private static final int COMMAND_SET = 0x02c0;

  private static final int ERROR_RECOVERY_PAGE = 0x01;
  private static final int CAPABILITIES_PAGE = 0x2a;
  private static final int SECTORS_PER_BLOCK = BLOCK_BYTES / BlockBackend.SECTOR_BYTES;

  private static final int START = 0x01;
  private static final int LOAD_OR_EJECT = 0x02;
  private static final int PREVENT = 0x01;
  private static final int READ_CD_SECTOR_TYPE = 0x1c;
  private static final int READ_CD_MODE_1 = 0x08;
  private static final int READ_CD_USER_DATA = 0x10;

  private final CdEvents events = new CdEvents();
  private volatile @Nullable BlockBackend medium;
  private boolean isTrayOpen;
  private boolean isLocked;

  /**
   * Makes a drive whose tray is closed.
   *
   * @param id unique in the machine
   * @param medium the disc in it, or null; closed with the drive
   * @param serial what the guest reads as serial number
   */
  public CdDrive(String id, @Nullable BlockBackend medium, String serial, DiskErrors errors) {
    this(id, medium, serial, errors, new ModePages(NO_HEADER));
  }

  private CdDrive(
      String id,
      @Nullable BlockBackend medium,
      String serial,
      DiskErrors errors,
      ModePages modePages) {
    super(id, errors, new Inquiry(Inquiry.CD, true, "CD-ROM", COMMAND_SET, serial), modePages);
    this.medium = medium;
    if (medium != null) {
      medium.onThrottleChange(this::tellOfLimits);
    }
    modePages.add(ERROR_RECOVERY_PAGE, new byte[10], new byte[10]);
    addControlPage(modePages);
    byte[] capabilities = capabilities();
    modePages.add(CAPABILITIES_PAGE, capabilities, new byte[capabilities.length]);
  }

  private static final ModePages.Header NO_HEADER =
      new ModePages.Header() {
        @Override
        public int deviceSpecific() {
          return 0;
        }

        @Override
        public long blocks() {
          return 0;
        }

        @Override
        public int blockBytes() {
          return 0;
        }
      };

  /** CD capabilities and mechanical status (MMC-3, section 6.3.11), without the page's header. */
  private static byte[] capabilities() {
    byte[] body = new byte[18];
    // Reads CD-R, CD-RW, fixed packets, DVD-ROM; writes nothing.
    body[0] = 0x0f;
    // Mode 2 of both forms, several sessions.
    body[2] = 0x70;
    // A tray that can be locked and ejected.
    body[4] = 0x29;
    BigEndian.put(body, 6, 2, CdConfiguration.KILOBYTES_PER_SECOND);
    BigEndian.put(body, 10, 2, 2048);
    BigEndian.put(body, 12, 2, CdConfiguration.KILOBYTES_PER_SECOND);
    return body;
  }

  /** Whether the tray is out. */
  public synchronized boolean isTrayOpen() {
    return isTrayOpen;
  }

  /** Whether there is a disc, in the tray or in the drive. */
  public synchronized boolean hasDisc() {
    return medium != null;
  }

  /** Whether the guest has asked that the disc stays in. */
  public synchronized boolean isLocked() {
    return isLocked;
  }

  /**
   * Opens the tray and takes the disc out, or asks the guest to, if it has locked the tray.
   *
   * @param isForced whether to do it all the same
   * @return whether the drive is empty
   * @throws IOException when closing the disc's image failed; it is out all the same
   */
  public boolean eject(boolean isForced) throws IOException {
    BlockBackend taken;
    synchronized (this) {
      if (isLocked && !isForced) {
        events.ejectRequested();
        return false;
      }
      isTrayOpen = true;
      isLocked = false;
      taken = medium;
      medium = null;
      events.removed();
    }
    tellOfLimits();
    if (taken != null) {
      taken.close();
    }
    return true;
  }

  /**
   * Puts a disc in and closes the tray; any other is taken out, however locked.
   *
   * @throws IOException when closing the other disc's image failed; it is out all the same
   */
  public void insert(BlockBackend disc) throws IOException {
    BlockBackend before;
    synchronized (this) {
      before = medium;
      medium = disc;
      isTrayOpen = false;
      events.inserted();
    }
    disc.onThrottleChange(this::tellOfLimits);
    tell(Sense.MEDIUM_CHANGED);
    tellOfLimits();
    if (before != null) {
      before.close();
    }
  }

  @Override
  synchronized @Nullable Sense standingSense() {
    if (isTrayOpen) {
      return Sense.NO_MEDIUM_TRAY_OPEN;
    }
    return medium == null ? Sense.NO_MEDIUM_TRAY_CLOSED : null;
  }

  @Override
  boolean hearsNoNews(int operationCode) {
    return operationCode == OperationCode.GET_CONFIGURATION
        || operationCode == OperationCode.GET_EVENT_STATUS_NOTIFICATION;
  }

  @Override
  synchronized void perform(ScsiCommand command) throws IOException {
    switch (command.operationCode()) {
      case OperationCode.START_STOP_UNIT -> startStop(command);
      case OperationCode.PREVENT_ALLOW_MEDIUM_REMOVAL ->
          isLocked = (command.octet(4) & PREVENT) != 0;
      case OperationCode.GET_CONFIGURATION -> CdConfiguration.answer(command, blocksOrNone());
      case OperationCode.GET_EVENT_STATUS_NOTIFICATION ->
          events.answer(command, isTrayOpen, isMediumIn());
      case OperationCode.MECHANISM_STATUS -> mechanismStatus(command);
      case OperationCode.SET_CD_SPEED, OperationCode.SYNCHRONIZE_CACHE_10 -> {
        // As fast as can be, and nothing is cached.
      }
      default -> {
        Sense obstacle = standingSense();
        BlockBackend disc = medium;
        if (obstacle != null || disc == null) {
          command.check(obstacle != null ? obstacle : Sense.NO_MEDIUM_TRAY_CLOSED);
        } else {
          performOnDisc(command, disc);
        }
      }
    }
  }

  private boolean isMediumIn() {
    return medium != null && !isTrayOpen;
  }

  /** Blocks of the disc that can be read, or -1. */
  private long blocksOrNone() {
    BlockBackend disc = medium;
    return disc == null || isTrayOpen ? -1 : blocks(disc);
  }

  private static long blocks(BlockBackend disc) {
    return disc.sizeBytes() / BLOCK_BYTES;
  }

  private void startStop(ScsiCommand command) {
    int asked = command.octet(4);
    if ((asked & LOAD_OR_EJECT) == 0) {
      return;
    }
    if ((asked & START) != 0) {
      if (isTrayOpen) {
        isTrayOpen = false;
        if (medium != null) {
          events.inserted();
          tellLater(Sense.MEDIUM_CHANGED);
        }
      }
    } else if (isLocked) {
      command.check(Sense.REMOVAL_PREVENTED);
    } else if (!isTrayOpen) {
      isTrayOpen = true;
      events.removed();
    }
  }

  private void mechanismStatus(ScsiCommand command) {
    byte[] data = new byte[8];
    data[1] = (byte) (isTrayOpen ? 0x10 : 0);
    // One slot, and no table of slots, which is for changers.
    data[5] = 1;
    command.reply(data, data.length, command.field(8, 2));
  }

  private void performOnDisc(ScsiCommand command, BlockBackend disc) throws IOException {
    switch (command.operationCode()) {
      case OperationCode.TEST_UNIT_READY -> {
        // It is.
      }
      case OperationCode.READ_CAPACITY_10 -> readCapacity(command, disc);
      case OperationCode.READ_10 -> read(command, disc, command.field(2, 4), command.field(7, 2));
      case OperationCode.READ_12 -> read(command, disc, command.field(2, 4), command.field(6, 4));
      case OperationCode.READ_CD -> readCd(command, disc);
      case OperationCode.SEEK_10 -> {
        if (command.field(2, 4) >= blocks(disc)) {
          command.check(Sense.ADDRESS_OUT_OF_RANGE);
        }
      }
      case OperationCode.READ_TOC_PMA_ATIP -> CdContents.readToc(command, blocks(disc));
      case OperationCode.READ_DISC_INFORMATION -> CdContents.readDiscInformation(command);
      case OperationCode.READ_TRACK_INFORMATION ->
          CdContents.readTrackInformation(command, blocks(disc));
      default -> command.check(Sense.INVALID_OPERATION_CODE);
    }
  }

  private static void readCapacity(ScsiCommand command, BlockBackend disc) {
    byte[] data = new byte[8];
    BigEndian.put(data, 0, 4, Math.clamp(blocks(disc) - 1, 0, 0xffff_ffffL));
    BigEndian.put(data, 4, 4, BLOCK_BYTES);
    command.reply(data, data.length, data.length);
  }

  private static void read(ScsiCommand command, BlockBackend disc, long block, long blocks)
      throws IOException {
    long bytes = blocks * BLOCK_BYTES;
    if (bytes > DiskBounds.MAX_TRANSFER_BYTES) {
      command.check(Sense.INVALID_FIELD_IN_CDB);
    } else if (!DiskBounds.isOnDisk(disc, block * SECTORS_PER_BLOCK, bytes)) {
      command.check(Sense.ADDRESS_OUT_OF_RANGE);
    } else if (command.takesIn(bytes)) {
      command.isRead = true;
      command.throttle = disc.throttle();
      if (command.isGranted(false, 1, bytes)) {
        command.slice.setSlice(command.dataIn(), 0, bytes);
        disc.read(block * BLOCK_BYTES, command.slice, command.waitedNanos());
      }
    }
  }

  /** READ CD (MMC-6, section 6.17), of which only the user data of mode 1 are there to be had. */
  private static void readCd(ScsiCommand command, BlockBackend disc) throws IOException {
    int type = command.octet(1) & READ_CD_SECTOR_TYPE;
    int fields = command.octet(9);
    boolean hasSubchannel = (command.octet(10) & 7) != 0;
    if (type != 0 && type != READ_CD_MODE_1
        || fields != 0 && fields != READ_CD_USER_DATA
        || hasSubchannel) {
      command.check(Sense.INVALID_FIELD_IN_CDB);
    } else {
      read(command, disc, command.field(2, 4), fields == 0 ? 0 : command.field(6, 3));
    }
  }

  @Override
  public void reset(Sense news) {
    synchronized (this) {
      isLocked = false;
    }
    super.reset(news);
  }

  @Override
  synchronized void saveMore(SnapshotWriter.Section section) {
    section.put(isTrayOpen);
    section.put(isLocked);
  }

  @Override
  synchronized void restoreMore(SnapshotReader.Section section) {
    isTrayOpen = section.getBoolean();
    isLocked = section.getBoolean();
  }

  @Override
  public synchronized void close() throws IOException {
    BlockBackend disc = medium;
    medium = null;
    if (disc != null) {
      disc.close();
    }
  }
}
