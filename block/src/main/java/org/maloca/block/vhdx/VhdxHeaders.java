package org.maloca.block.vhdx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.CorruptImageException;
import org.maloca.block.table.MixedUuid;

/**
 * The two headers ([MS-VHDX] 2.2.2), of which the one with the greater sequence number counts. A
 * change is written over the other one, so that at every moment one is whole. Not thread-safe.
 */
final class VhdxHeaders {
  static final int BYTES = 4096;
  private static final int SIGNATURE = 0x6461_6568; // "head"
  private static final long[] OFFSETS = {64 << 10, 128 << 10};
  private static final int CHECKSUM = 4;
  private static final int SEQUENCE = 8;
  private static final int FILE_WRITE_GUID = 16;
  private static final int DATA_WRITE_GUID = 32;
  private static final int LOG_GUID = 48;
  private static final int LOG_VERSION = 64;
  private static final int VERSION = 66;
  private static final int LOG_LENGTH = 68;
  private static final int LOG_OFFSET = 72;

  private final ImageFile file;
  private final ByteBuffer bytes;
  private int current;

  private VhdxHeaders(ImageFile file, ByteBuffer bytes, int current) {
    this.file = file;
    this.bytes = bytes;
    this.current = current;
  }

  static VhdxHeaders read(ImageFile file) throws IOException {
    ByteBuffer first = readOne(file, 0);
    ByteBuffer second = readOne(file, 1);
    boolean isFirst = isValid(first);
    boolean isSecond = isValid(second);
    if (!isFirst && !isSecond) {
      throw new CorruptImageException(file.name(), OFFSETS[0], "neither header is whole");
    }
    boolean isSecondNewer = Long.compareUnsigned(second.getLong(8), first.getLong(8)) > 0;
    int current = !isFirst || isSecond && isSecondNewer ? 1 : 0;
    VhdxHeaders headers = new VhdxHeaders(file, current == 0 ? first : second, current);
    headers.validate();
    return headers;
  }

  private static ByteBuffer readOne(ImageFile file, int index) throws IOException {
    ByteBuffer b = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    file.read(OFFSETS[index], b);
    return b.clear();
  }

  private static boolean isValid(ByteBuffer b) {
    return b.getInt(0) == SIGNATURE && checksum(b, BYTES) == b.getInt(CHECKSUM);
  }

  /** CRC-32C over the first {@code length} bytes, of which 4 to 7 count as zeros. */
  static int checksum(ByteBuffer b, int length) {
    CRC32C crc = new CRC32C();
    crc.update(b.slice(0, CHECKSUM));
    crc.update(ByteBuffer.allocate(4));
    crc.update(b.slice(CHECKSUM + 4, length - CHECKSUM - 4));
    return (int) crc.getValue();
  }

  private void validate() throws IOException {
    if (bytes.getShort(VERSION) != 1 || bytes.getShort(LOG_VERSION) != 0) {
      throw new CorruptImageException(
          file.name(), OFFSETS[current] + LOG_VERSION, "a version that is not known");
    }
    long length = logLength();
    if (length % VhdxImage.MIB != 0
        || logOffset() % VhdxImage.MIB != 0
        || logOffset() < VhdxImage.MIB
        || logOffset() > file.size() - length
        || length > VhdxLog.MAX_BYTES) {
      throw new CorruptImageException(
          file.name(),
          OFFSETS[current] + LOG_LENGTH,
          "a log of %d bytes at %d: not inside the file, not of whole MiB, or over 64 MiB"
              .formatted(length, logOffset()));
    }
  }

  /** Two new headers for a file that has none. */
  static VhdxHeaders create(ImageFile file, long logOffset, int logLength) throws IOException {
    ByteBuffer b = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    b.putInt(0, SIGNATURE);
    b.putShort(VERSION, (short) 1);
    b.putInt(LOG_LENGTH, logLength);
    b.putLong(LOG_OFFSET, logOffset);
    VhdxHeaders headers = new VhdxHeaders(file, b, 1);
    headers.renewIds();
    headers.write();
    return headers;
  }

  long logOffset() {
    return bytes.getLong(LOG_OFFSET);
  }

  long logLength() {
    return bytes.getInt(LOG_LENGTH) & 0xffff_ffffL;
  }

  UUID logGuid() {
    return MixedUuid.get(bytes, LOG_GUID);
  }

  UUID dataWriteGuid() {
    return MixedUuid.get(bytes, DATA_WRITE_GUID);
  }

  long sequence() {
    return bytes.getLong(SEQUENCE);
  }

  /** Says that the log named so has something to replay; {@link Guid#NONE}: nothing has. */
  void setLogGuid(UUID id) throws IOException {
    MixedUuid.put(bytes, LOG_GUID, id);
    write();
  }

  /** Notes that the file is about to change, but not what the disk holds. */
  void renewFileId() {
    MixedUuid.put(bytes, FILE_WRITE_GUID, UUID.randomUUID());
  }

  /** Notes that the file, and what the disk holds, are about to change. */
  void renewIds() {
    renewFileId();
    MixedUuid.put(bytes, DATA_WRITE_GUID, UUID.randomUUID());
  }

  /** Writes both headers, one after the other, durably. */
  void write() throws IOException {
    for (int i = 0; i < 2; i++) {
      bytes.putLong(SEQUENCE, bytes.getLong(SEQUENCE) + 1);
      bytes.putInt(CHECKSUM, checksum(bytes, BYTES));
      int other = 1 - current;
      file.write(OFFSETS[other], bytes.clear());
      file.flush();
      current = other;
    }
  }
}
