package org.maloca.devices.scsi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.Admission;
import org.maloca.core.backend.DiskThrottle;
import org.maloca.core.memory.IoVector;

/**
 * A command on its way through a logical unit: what the initiator sent, and the answer. Made once
 * and used for one command after the other; not thread-safe.
 */
public final class ScsiCommand {
  public static final int GOOD = 0x00;
  public static final int CHECK_CONDITION = 0x02;
  public static final int RESERVATION_CONFLICT = 0x18;

  /** The longest descriptor block that is kept whole; of longer ones the rest means nothing. */
  public static final int CDB_BYTES = 32;

  /** Size of {@link #scratch}. */
  static final int SCRATCH_BYTES = 256 << 10;

  final byte[] cdb = new byte[CDB_BYTES];

  /** What is being transferred, for whoever needs a slice of the buffers. */
  final IoVector slice = new IoVector();

  /** What the unit keeps its commands to, or null; of {@link #isGranted}. */
  @Nullable DiskThrottle throttle;

  /** Whether a failure of the host is one of reading. */
  boolean isRead;

  /** Whether the command is executed only as far as that waits for nobody. */
  boolean isAtOnce;

  /** Of a command that is executed so, whether it would have had to wait. */
  boolean isLeft;

  private final IoVector dataOut = new IoVector();
  private final IoVector dataIn = new IoVector();
  private final byte[] sense = new byte[Sense.MAX_BYTES];
  private Admission admission = new Admission();
  private @Nullable MemorySegment scratch;
  private int status;
  private int senseBytes;
  private long transferredIn;
  private long transferredOut;
  private boolean isOverrun;
  private boolean isLimited;
  private boolean hasDescriptors;

  /** What the initiator sends with the command; the transport sets it. */
  public IoVector dataOut() {
    return dataOut;
  }

  /** Where the initiator wants data; the transport sets it. */
  public IoVector dataIn() {
    return dataIn;
  }

  /** Says which way past limits is the command's; the transport does. */
  public void setAdmission(Admission way) {
    admission = way;
  }

  /**
   * Whether limits let the command get at its disc now; if not, it does nothing more, and is
   * executed again from the start when they do.
   *
   * @param requests as how many it counts
   */
  boolean isGranted(boolean isWrite, long requests, long bytes) {
    DiskThrottle limits = throttle;
    isLimited = limits != null && !admission.isGranted(limits, isWrite, requests, bytes);
    return !isLimited;
  }

  /** How long the command has waited for limits, in nanoseconds. */
  long waitedNanos() {
    return admission.waitedNanos();
  }

  /** Whether the command has to wait for what it has asked its {@link Admission} for. */
  public boolean isLimited() {
    return isLimited;
  }

  /**
   * Starts afresh.
   *
   * @param source has the descriptor block
   */
  public void begin(byte[] source, int offset, int length) {
    int kept = Math.min(length, CDB_BYTES);
    System.arraycopy(source, offset, cdb, 0, kept);
    java.util.Arrays.fill(cdb, kept, CDB_BYTES, (byte) 0);
    begin();
  }

  /** Starts the same command again. */
  void begin() {
    status = GOOD;
    senseBytes = 0;
    transferredIn = 0;
    transferredOut = 0;
    isOverrun = false;
    isLimited = false;
    isRead = false;
    isAtOnce = false;
    isLeft = false;
  }

  /** {@link #GOOD}, {@link #CHECK_CONDITION} or {@link #RESERVATION_CONFLICT}. */
  public int status() {
    return status;
  }

  /** Sense data, of which {@link #senseBytes} are valid. */
  public byte[] sense() {
    return sense;
  }

  public int senseBytes() {
    return senseBytes;
  }

  /** Bytes written into {@link #dataIn}, from its start. */
  public long transferredIn() {
    return transferredIn;
  }

  /** Bytes taken from {@link #dataOut}, from its start. */
  public long transferredOut() {
    return transferredOut;
  }

  /** Whether the command wanted to transfer more than the initiator has room for. */
  public boolean isOverrun() {
    return isOverrun;
  }

  /** A number in the descriptor block. */
  long field(int offset, int size) {
    return BigEndian.get(cdb, offset, size);
  }

  /** A byte of the descriptor block, 0 to 255. */
  int octet(int offset) {
    return cdb[offset] & 0xff;
  }

  /** The first byte, 0 to 255. */
  int operationCode() {
    return octet(0);
  }

  /** Says whether sense data is to have descriptors. */
  void setDescriptors(boolean has) {
    hasDescriptors = has;
  }

  void check(Sense why) {
    check(why, Sense.NO_INFORMATION);
  }

  void check(Sense why, long block) {
    status = CHECK_CONDITION;
    senseBytes = why.write(sense, hasDescriptors, block);
  }

  void conflict() {
    status = RESERVATION_CONFLICT;
  }

  /** Answers with data, as much of it as the descriptor block's allocation length allows. */
  void reply(byte[] data, int length, long allocationLength) {
    int wanted = (int) Math.min(length, allocationLength);
    if (takesIn(wanted)) {
      dataIn.copyFrom(0, data, 0, wanted);
    }
  }

  /** Says that so much is written to {@link #dataIn}; false, and an overrun, without the room. */
  boolean takesIn(long bytes) {
    if (bytes > dataIn.bytes()) {
      isOverrun = true;
      return false;
    }
    transferredIn = bytes;
    return true;
  }

  /**
   * Says that so much is taken from {@link #dataOut}; false, and an overrun, if it is not there.
   */
  boolean takesOut(long bytes) {
    if (bytes > dataOut.bytes()) {
      isOverrun = true;
      return false;
    }
    transferredOut = bytes;
    return true;
  }

  /** Host address of {@link #SCRATCH_BYTES} to work in. */
  long scratch() {
    MemorySegment room = scratch;
    if (room == null) {
      room = Arena.ofAuto().allocate(SCRATCH_BYTES, 4096);
      scratch = room;
    }
    return room.address();
  }
}
