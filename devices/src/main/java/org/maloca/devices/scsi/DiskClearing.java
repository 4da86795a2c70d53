package org.maloca.devices.scsi;

import java.io.IOException;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.HostMemory;
import org.maloca.devices.disk.DiskBounds;

/**
 * The commands that give blocks of a disc back or fill them (SBC-3, sections 5.28 and 5.43). What
 * was unmapped reads as before or as zeros, so the disc does not promise zeros; WRITE SAME of zeros
 * does make them. Any thread.
 */
final class DiskClearing {
  private static final int BLOCK_BYTES = ScsiDisk.BLOCK_BYTES;
  private static final int UNMAP_ANCHOR = 0x01;
  private static final int UNMAP_HEADER_BYTES = 8;
  private static final int UNMAP_RANGE_BYTES = 16;

  private static final int SAME_NO_DATA = 0x01;
  private static final int SAME_UNMAP = 0x08;

  /** Protection, anchor, and the bits that wrote addresses into the data once. */
  private static final int SAME_UNSUPPORTED = 0xf6;

  private final BlockBackend backend;

  DiskClearing(BlockBackend backend) {
    this.backend = backend;
  }

  /** UNMAP; all of its ranges are checked before the first is given back. */
  void unmap(ScsiCommand command) throws IOException {
    int length = (int) command.field(7, 2);
    if (backend.isReadOnly()) {
      command.check(Sense.WRITE_PROTECTED);
      return;
    }
    if ((command.octet(1) & UNMAP_ANCHOR) != 0) {
      command.check(Sense.INVALID_FIELD_IN_CDB);
      return;
    }
    if (length == 0 || !command.takesOut(length)) {
      return;
    }
    if (length < UNMAP_HEADER_BYTES) {
      command.check(Sense.PARAMETER_LIST_LENGTH);
      return;
    }
    byte[] header = new byte[UNMAP_HEADER_BYTES];
    command.dataOut().copyTo(0, header, 0, UNMAP_HEADER_BYTES);
    int rangesBytes =
        (int) Math.min(BigEndian.get(header, 2, 2), length - UNMAP_HEADER_BYTES)
            / UNMAP_RANGE_BYTES
            * UNMAP_RANGE_BYTES;
    if (rangesBytes / UNMAP_RANGE_BYTES > DiskBounds.MAX_RANGES) {
      command.check(Sense.INVALID_FIELD_IN_PARAMETERS);
      return;
    }
    byte[] ranges = new byte[rangesBytes];
    command.dataOut().copyTo(UNMAP_HEADER_BYTES, ranges, 0, rangesBytes);
    Sense wrong = wrongRange(ranges);
    if (wrong != null) {
      command.check(wrong);
      return;
    }
    if (!command.isGranted(true, rangesBytes / UNMAP_RANGE_BYTES, 0)) {
      return;
    }
    long waitedNanos = command.waitedNanos();
    for (int at = 0; at < rangesBytes; at += UNMAP_RANGE_BYTES) {
      long blocks = BigEndian.get(ranges, at + 8, 4);
      if (blocks > 0) {
        long block = BigEndian.get(ranges, at, 8);
        backend.discard(block * BLOCK_BYTES, blocks * BLOCK_BYTES, waitedNanos);
        waitedNanos = 0;
      }
    }
  }

  private @org.jspecify.annotations.Nullable Sense wrongRange(byte[] ranges) {
    long sum = 0;
    for (int at = 0; at < ranges.length; at += UNMAP_RANGE_BYTES) {
      long block = BigEndian.get(ranges, at, 8);
      long blocks = BigEndian.get(ranges, at + 8, 4);
      sum += blocks;
      if (!DiskBounds.isOnDisk(backend, block, blocks * BLOCK_BYTES)) {
        return Sense.ADDRESS_OUT_OF_RANGE;
      }
    }
    return sum > DiskBounds.MAX_RANGE_SECTORS ? Sense.INVALID_FIELD_IN_PARAMETERS : null;
  }

  /**
   * WRITE SAME.
   *
   * @param isLong whether it is the one of 16 bytes, which can go without data
   */
  void writeSame(ScsiCommand command, long block, long blocks, boolean isLong) throws IOException {
    int flags = command.octet(1);
    boolean hasData = !isLong || (flags & SAME_NO_DATA) == 0;
    if (backend.isReadOnly()) {
      command.check(Sense.WRITE_PROTECTED);
    } else if ((flags & SAME_UNSUPPORTED) != 0
        || !isLong && (flags & SAME_NO_DATA) != 0
        || blocks == 0
        || blocks > DiskBounds.MAX_RANGE_SECTORS) {
      command.check(Sense.INVALID_FIELD_IN_CDB);
    } else if (!DiskBounds.isOnDisk(backend, block, blocks * BLOCK_BYTES)) {
      command.check(Sense.ADDRESS_OUT_OF_RANGE);
    } else if (!hasData || command.takesOut(BLOCK_BYTES)) {
      fill(command, block, blocks, hasData, (flags & SAME_UNMAP) != 0);
    }
  }

  private void fill(ScsiCommand command, long block, long blocks, boolean hasData, boolean unmaps)
      throws IOException {
    long offset = block * BLOCK_BYTES;
    long bytes = blocks * BLOCK_BYTES;
    long scratch = command.scratch();
    if (hasData) {
      command.dataOut().copyTo(0, scratch, BLOCK_BYTES);
    }
    boolean isOfZeros = !hasData || isZero(scratch);
    if (!command.isGranted(true, 1, isOfZeros ? 0 : bytes)) {
      return;
    }
    if (isOfZeros) {
      backend.writeZeroes(offset, bytes, unmaps, command.waitedNanos());
      return;
    }
    int pattern = (int) Math.min(ScsiCommand.SCRATCH_BYTES, bytes);
    for (int at = BLOCK_BYTES; at < pattern; at += BLOCK_BYTES) {
      HostMemory.copy(scratch, scratch + at, BLOCK_BYTES);
    }
    for (long done = 0; done < bytes; done += pattern) {
      command.slice.clear();
      command.slice.add(scratch, Math.min(pattern, bytes - done));
      backend.write(offset + done, command.slice, done == 0 ? command.waitedNanos() : 0);
    }
  }

  private static boolean isZero(long address) {
    for (int at = 0; at < BLOCK_BYTES; at += 8) {
      if (HostMemory.getLong(address + at) != 0) {
        return false;
      }
    }
    return true;
  }
}
