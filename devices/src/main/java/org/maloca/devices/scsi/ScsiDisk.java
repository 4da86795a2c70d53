package org.maloca.devices.scsi;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.backend.DiskThrottle;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;
import org.maloca.devices.disk.DiskBounds;
import org.maloca.devices.disk.DiskErrors;

/** A disc of blocks of 512 bytes (SBC-3). */
public final class ScsiDisk extends LogicalUnit {
  static final int BLOCK_BYTES = BlockBackend.SECTOR_BYTES;

  /** Version descriptor: SBC-3. */
  private static final int COMMAND_SET = 0x04c0;

  private static final int ERROR_RECOVERY_PAGE = 0x01;
  private static final int CACHING_PAGE = 0x08;
  private static final int CACHING_PAGE_BYTES = 18;
  private static final int WRITE_CACHE_ENABLE = 0x04;
  private static final int WRITE_PROTECTED = 0x80;
  private static final int DPO_AND_FUA = 0x10;

  private static final int BLOCK_LIMITS = 0xb0;
  private static final int BLOCK_CHARACTERISTICS = 0xb1;
  private static final int PROVISIONING = 0xb2;
  private static final int NON_ROTATING = 1;
  private static final int UNMAPS_BY_ALL_COMMANDS = 0xe0;
  private static final int THIN = 2;
  private static final int PROVISIONING_ENABLED = 0x80;

  /** Version of the section from which on it has reservations. */
  private static final int WITH_RESERVATIONS = 2;

  private final BlockBackend backend;
  private final DiskTransfer transfer;
  private final DiskClearing clearing;
  private final ModePages modePages;
  private final Reservations reservations = new Reservations();

  /** Whether changes are flushed because the initiator wants no cache and the host has one. */
  private volatile boolean isWriteThrough;

  private volatile @Nullable DiskThrottle throttle;

  /**
   * Makes a disc.
   *
   * @param id unique in the machine
   * @param backend closed with the disc
   * @param serial what the guest reads as serial number
   */
  public ScsiDisk(String id, BlockBackend backend, String serial, DiskErrors errors) {
    this(id, backend, serial, errors, new ModePages(new DiskHeader(backend)));
  }

  private ScsiDisk(
      String id, BlockBackend backend, String serial, DiskErrors errors, ModePages modePages) {
    super(id, errors, inquiry(backend, serial), modePages);
    this.backend = backend;
    this.modePages = modePages;
    transfer = new DiskTransfer(backend);
    clearing = new DiskClearing(backend);
    addModePages(modePages, backend);
    backend.onSizeChange(() -> tell(Sense.CAPACITY_CHANGED));
    backend.onThrottleChange(this::throttleChanged);
    throttle = backend.throttle();
  }

  private void throttleChanged() {
    throttle = backend.throttle();
    tellOfLimits();
  }

  private static void addModePages(ModePages pages, BlockBackend backend) {
    pages.add(ERROR_RECOVERY_PAGE, new byte[10], new byte[10]);
    byte[] caching = new byte[CACHING_PAGE_BYTES];
    byte[] changeable = new byte[CACHING_PAGE_BYTES];
    if (!backend.isReadOnly()) {
      caching[0] = (byte) (backend.isWriteThrough() ? 0 : WRITE_CACHE_ENABLE);
      changeable[0] = WRITE_CACHE_ENABLE;
    }
    pages.add(CACHING_PAGE, caching, changeable);
    addControlPage(pages);
  }

  private static Inquiry inquiry(BlockBackend backend, String serial) {
    Inquiry inquiry = new Inquiry(Inquiry.DISC, false, "DISK", COMMAND_SET, serial);
    inquiry.add(BLOCK_LIMITS, () -> inquiry.page(BLOCK_LIMITS, limits(backend)));
    byte[] characteristics = new byte[60];
    BigEndian.put(characteristics, 0, 2, NON_ROTATING);
    inquiry.add(BLOCK_CHARACTERISTICS, () -> inquiry.page(BLOCK_CHARACTERISTICS, characteristics));
    byte[] provisioning = new byte[4];
    if (!backend.isReadOnly()) {
      provisioning[1] = (byte) UNMAPS_BY_ALL_COMMANDS;
      provisioning[2] = THIN;
    }
    inquiry.add(PROVISIONING, () -> inquiry.page(PROVISIONING, provisioning));
    return inquiry;
  }

  /** Block limits (SBC-3, section 6.5.3), without the page's header. */
  private static byte[] limits(BlockBackend backend) {
    byte[] body = new byte[60];
    // WRITE SAME of no blocks does not mean the whole disc.
    body[0] = 1;
    int preferred = Math.max(1, backend.preferredBytes() / BLOCK_BYTES);
    BigEndian.put(body, 2, 2, Math.min(preferred, 0xffff));
    BigEndian.put(body, 4, 4, DiskBounds.MAX_TRANSFER_BYTES / BLOCK_BYTES);
    if (!backend.isReadOnly()) {
      BigEndian.put(body, 16, 4, DiskBounds.MAX_RANGE_SECTORS);
      BigEndian.put(body, 20, 4, DiskBounds.MAX_RANGES);
      BigEndian.put(body, 24, 4, preferred);
      BigEndian.put(body, 32, 8, DiskBounds.MAX_RANGE_SECTORS);
    }
    return body;
  }

  /** What mode sense data say beside the pages. */
  private record DiskHeader(BlockBackend backend) implements ModePages.Header {
    @Override
    public int deviceSpecific() {
      return DPO_AND_FUA | (backend.isReadOnly() ? WRITE_PROTECTED : 0);
    }

    @Override
    public long blocks() {
      return backend.sizeBytes() / BLOCK_BYTES;
    }

    @Override
    public int blockBytes() {
      return BLOCK_BYTES;
    }
  }

  @Override
  void modesChanged() {
    boolean isCached = (modePages.current(CACHING_PAGE, 2) & WRITE_CACHE_ENABLE) != 0;
    isWriteThrough = !isCached && !backend.isWriteThrough();
  }

  @Override
  void modesSelected() throws IOException {
    if (isWriteThrough) {
      backend.flush();
    }
  }

  @Override
  boolean canBeDoneAtOnce(int operationCode) {
    if (throttle != null) {
      return false;
    }
    return switch (operationCode) {
      case OperationCode.READ_6,
          OperationCode.READ_10,
          OperationCode.READ_12,
          OperationCode.READ_16,
          OperationCode.WRITE_6,
          OperationCode.WRITE_10,
          OperationCode.WRITE_12,
          OperationCode.WRITE_16 ->
          true;
      default -> false;
    };
  }

  @Override
  void perform(ScsiCommand command) throws IOException {
    command.throttle = throttle;
    switch (command.operationCode()) {
      case OperationCode.READ_6 ->
          transfer.read(command, command.field(1, 3) & 0x1f_ffff, six(command));
      case OperationCode.READ_10 ->
          transfer.readLong(command, command.field(2, 4), command.field(7, 2));
      case OperationCode.READ_12 ->
          transfer.readLong(command, command.field(2, 4), command.field(6, 4));
      case OperationCode.READ_16 ->
          transfer.readLong(command, command.field(2, 8), command.field(10, 4));
      case OperationCode.WRITE_6 ->
          transfer.write(command, command.field(1, 3) & 0x1f_ffff, six(command), isWriteThrough);
      case OperationCode.WRITE_10, OperationCode.WRITE_AND_VERIFY_10 ->
          transfer.writeLong(command, command.field(2, 4), command.field(7, 2), isWriteThrough);
      case OperationCode.WRITE_12, OperationCode.WRITE_AND_VERIFY_12 ->
          transfer.writeLong(command, command.field(2, 4), command.field(6, 4), isWriteThrough);
      case OperationCode.WRITE_16, OperationCode.WRITE_AND_VERIFY_16 ->
          transfer.writeLong(command, command.field(2, 8), command.field(10, 4), isWriteThrough);
      default -> performRare(command);
    }
  }

  /** Number of blocks of a command of 6 bytes. */
  private static int six(ScsiCommand command) {
    int blocks = command.octet(4);
    return blocks == 0 ? 256 : blocks;
  }

  private void performRare(ScsiCommand command) throws IOException {
    switch (command.operationCode()) {
      case OperationCode.TEST_UNIT_READY, OperationCode.PREVENT_ALLOW_MEDIUM_REMOVAL -> {
        // Always ready, and nothing to be taken out.
      }
      case OperationCode.START_STOP_UNIT -> backend.flush();
      case OperationCode.RESERVE_6, OperationCode.RESERVE_10 ->
          reservations.executeOldWay(command, true);
      case OperationCode.RELEASE_6, OperationCode.RELEASE_10 ->
          reservations.executeOldWay(command, false);
      case OperationCode.PERSISTENT_RESERVE_IN -> reservations.read(command);
      case OperationCode.PERSISTENT_RESERVE_OUT -> reservations.change(command);
      case OperationCode.READ_CAPACITY_10 -> readCapacity10(command);
      case OperationCode.SERVICE_ACTION_IN_16 -> readCapacity16(command);
      case OperationCode.SEEK_10 -> transfer.checkRange(command, command.field(2, 4), 0);
      case OperationCode.VERIFY_10 ->
          transfer.verify(command, command.field(2, 4), command.field(7, 2));
      case OperationCode.VERIFY_12 ->
          transfer.verify(command, command.field(2, 4), command.field(6, 4));
      case OperationCode.VERIFY_16 ->
          transfer.verify(command, command.field(2, 8), command.field(10, 4));
      case OperationCode.SYNCHRONIZE_CACHE_10 ->
          synchronizeCache(command, command.field(2, 4), command.field(7, 2));
      case OperationCode.SYNCHRONIZE_CACHE_16 ->
          synchronizeCache(command, command.field(2, 8), command.field(10, 4));
      case OperationCode.UNMAP -> {
        clearing.unmap(command);
        flushIfWriteThrough(command);
      }
      case OperationCode.WRITE_SAME_10 -> {
        clearing.writeSame(command, command.field(2, 4), command.field(7, 2), false);
        flushIfWriteThrough(command);
      }
      case OperationCode.WRITE_SAME_16 -> {
        clearing.writeSame(command, command.field(2, 8), command.field(10, 4), true);
        flushIfWriteThrough(command);
      }
      default -> command.check(Sense.INVALID_OPERATION_CODE);
    }
  }

  private void flushIfWriteThrough(ScsiCommand command) throws IOException {
    if (isWriteThrough && !command.isLimited() && !backend.isReadOnly()) {
      backend.flush();
    }
  }

  private void synchronizeCache(ScsiCommand command, long block, long blocks) throws IOException {
    if (transfer.checkRange(command, block, blocks)) {
      backend.flush();
    }
  }

  private void readCapacity10(ScsiCommand command) {
    if ((command.octet(8) & 1) == 0 && command.field(2, 4) != 0) {
      command.check(Sense.INVALID_FIELD_IN_CDB);
      return;
    }
    byte[] data = new byte[8];
    BigEndian.put(data, 0, 4, Math.min(lastBlock(), 0xffff_ffffL));
    BigEndian.put(data, 4, 4, BLOCK_BYTES);
    command.reply(data, data.length, data.length);
  }

  private void readCapacity16(ScsiCommand command) {
    if ((command.octet(1) & 0x1f) != OperationCode.READ_CAPACITY_16) {
      command.check(Sense.INVALID_FIELD_IN_CDB);
      return;
    }
    byte[] data = new byte[32];
    BigEndian.put(data, 0, 8, lastBlock());
    BigEndian.put(data, 8, 4, BLOCK_BYTES);
    if (!backend.isReadOnly()) {
      data[14] = (byte) PROVISIONING_ENABLED;
    }
    command.reply(data, data.length, command.field(10, 4));
  }

  /** Address of the last block; -1, which no disc of blocks can have, without any. */
  private long lastBlock() {
    return backend.sizeBytes() / BLOCK_BYTES - 1;
  }

  @Override
  public void reset(Sense news) {
    super.reset(news);
    if (news.equals(Sense.POWER_ON)) {
      reservations.clear();
    } else {
      reservations.reset();
    }
  }

  @Override
  int sectionVersion() {
    return WITH_RESERVATIONS;
  }

  @Override
  void saveMore(SnapshotWriter.Section section) {
    reservations.save(section);
  }

  @Override
  void restoreMore(SnapshotReader.Section section) {
    if (section.version() >= WITH_RESERVATIONS) {
      reservations.restore(section);
    } else {
      reservations.clear();
    }
  }

  @Override
  public void close() throws IOException {
    backend.close();
  }
}
