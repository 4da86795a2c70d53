package org.maloca.devices.scsi;

import java.io.IOException;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.HostMemory;
import org.maloca.devices.disk.DiskBounds;

/** The commands that move blocks of a disc (SBC-3, sections 5.8 to 5.41). Any thread. */
final class DiskTransfer {
  private static final int BLOCK_BYTES = ScsiDisk.BLOCK_BYTES;

  /** RDPROTECT, WRPROTECT and VRPROTECT: there is no protection information. */
  private static final int PROTECT = 0xe0;

  private static final int FORCE_UNIT_ACCESS = 0x08;
  private static final int BYTE_CHECK = 0x06;
  private static final int COMPARE_ALL = 0x02;

  private final BlockBackend backend;

  DiskTransfer(BlockBackend backend) {
    this.backend = backend;
  }

  /** Whether blocks lie on the disc; complains if not. */
  boolean checkRange(ScsiCommand command, long block, long blocks) {
    // Blocks come from 32 bits, so that their bytes fit.
    if (!DiskBounds.isOnDisk(backend, block, blocks * BLOCK_BYTES)) {
      command.check(Sense.ADDRESS_OUT_OF_RANGE);
      return false;
    }
    return true;
  }

  private boolean checkTransfer(ScsiCommand command, long block, long blocks) {
    if (blocks * BLOCK_BYTES > DiskBounds.MAX_TRANSFER_BYTES) {
      command.check(Sense.INVALID_FIELD_IN_CDB);
      return false;
    }
    return checkRange(command, block, blocks);
  }

  private static boolean isProtected(ScsiCommand command) {
    if ((command.octet(1) & PROTECT) != 0) {
      command.check(Sense.INVALID_FIELD_IN_CDB);
      return true;
    }
    return false;
  }

  /** A read whose descriptor block has flags. */
  void readLong(ScsiCommand command, long block, long blocks) throws IOException {
    if (!isProtected(command)) {
      read(command, block, blocks);
    }
  }

  void read(ScsiCommand command, long block, long blocks) throws IOException {
    long bytes = blocks * BLOCK_BYTES;
    if (checkTransfer(command, block, blocks) && command.takesIn(bytes)) {
      command.isRead = true;
      command.slice.setSlice(command.dataIn(), 0, bytes);
      if (command.isAtOnce) {
        command.isLeft = !backend.readAtOnce(block * BLOCK_BYTES, command.slice);
      } else if (command.isGranted(false, 1, bytes)) {
        backend.read(block * BLOCK_BYTES, command.slice, command.waitedNanos());
      }
    }
  }

  /** A write whose descriptor block has flags. */
  void writeLong(ScsiCommand command, long block, long blocks, boolean isWriteThrough)
      throws IOException {
    if (!isProtected(command)) {
      // To verify what the host took is to have it durable.
      boolean isForced =
          (command.octet(1) & FORCE_UNIT_ACCESS) != 0
              || (command.operationCode() & 0x1f) == (OperationCode.WRITE_AND_VERIFY_10 & 0x1f);
      write(command, block, blocks, isWriteThrough || isForced);
    }
  }

  void write(ScsiCommand command, long block, long blocks, boolean isDurable) throws IOException {
    long bytes = blocks * BLOCK_BYTES;
    if (backend.isReadOnly()) {
      command.check(Sense.WRITE_PROTECTED);
    } else if (checkTransfer(command, block, blocks) && command.takesOut(bytes)) {
      command.slice.setSlice(command.dataOut(), 0, bytes);
      if (command.isAtOnce) {
        command.isLeft = isDurable || !backend.writeAtOnce(block * BLOCK_BYTES, command.slice);
        return;
      }
      if (!command.isGranted(true, 1, bytes)) {
        return;
      }
      backend.write(block * BLOCK_BYTES, command.slice, command.waitedNanos());
      if (isDurable) {
        backend.flush();
      }
    }
  }

  /** VERIFY: reads the blocks, and compares them if asked. */
  void verify(ScsiCommand command, long block, long blocks) throws IOException {
    int check = command.octet(1) & BYTE_CHECK;
    boolean compares = check == COMPARE_ALL;
    long bytes = blocks * BLOCK_BYTES;
    if (isProtected(command)) {
      return;
    }
    if (check != 0 && !compares) {
      command.check(Sense.INVALID_FIELD_IN_CDB);
      return;
    }
    if (!checkTransfer(command, block, blocks) || compares && !command.takesOut(bytes)) {
      return;
    }
    command.isRead = true;
    if (!command.isGranted(false, 1, bytes)) {
      return;
    }
    int half = ScsiCommand.SCRATCH_BYTES / 2;
    for (long done = 0; done < bytes; done += half) {
      int piece = (int) Math.min(half, bytes - done);
      command.slice.clear();
      command.slice.add(command.scratch(), piece);
      backend.read(
          block * BLOCK_BYTES + done, command.slice, done == 0 ? command.waitedNanos() : 0);
      if (compares) {
        command.dataOut().copyTo(done, command.scratch() + half, piece);
        int differs = firstDifference(command.scratch(), command.scratch() + half, piece);
        if (differs >= 0) {
          command.check(Sense.MISCOMPARE, done + differs);
          return;
        }
      }
    }
  }

  private static int firstDifference(long one, long other, int bytes) {
    for (int at = 0; at < bytes; at += 8) {
      long differs = HostMemory.getLong(one + at) ^ HostMemory.getLong(other + at);
      if (differs != 0) {
        return at + Long.numberOfTrailingZeros(differs) / 8;
      }
    }
    return -1;
  }
}
