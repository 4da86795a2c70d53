package org.maloca.block.vdi;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.CorruptImageException;
import org.maloca.block.table.MixedUuid;

/** The first sector, kept as it is so that fields that are of no concern here survive. */
final class VdiHeader {
  static final int SIGNATURE = 0xbeda_107f;
  static final int SIGNATURE_FIELD = 0x40;
  static final int TYPE_DYNAMIC = 1;
  static final int TYPE_FIXED = 2;
  static final int TYPE_DIFFERENCE = 4;
  static final long MAX_BLOCKS = 1 << 29;
  static final int SECTOR = 512;

  private static final int VERSION = 0x0001_0001;
  private static final int HEADER_BYTES = 400;
  private static final int VERSION_FIELD = 0x44;
  private static final int HEADER_BYTES_FIELD = 0x48;
  private static final int TYPE_FIELD = 0x4c;
  private static final int MAP_OFFSET_FIELD = 0x154;
  private static final int DATA_OFFSET_FIELD = 0x158;
  private static final int SECTOR_BYTES_FIELD = 0x168;
  private static final int DISK_BYTES_FIELD = 0x170;
  private static final int BLOCK_BYTES_FIELD = 0x178;
  private static final int BLOCK_EXTRA_FIELD = 0x17c;
  private static final int BLOCKS_FIELD = 0x180;
  private static final int ALLOCATED_FIELD = 0x184;
  private static final int ID_FIELD = 0x188;
  private static final int MODIFICATION_FIELD = 0x198;
  private static final int PARENT_ID_FIELD = 0x1a8;
  private static final int PARENT_MODIFICATION_FIELD = 0x1b8;
  private static final String TEXT = "<<< Oracle VM VirtualBox Disk Image >>>\n";

  private final ByteBuffer bytes;

  private VdiHeader(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  static VdiHeader read(ImageFile file) throws IOException {
    ByteBuffer b = ByteBuffer.allocate(SECTOR).order(ByteOrder.LITTLE_ENDIAN);
    file.read(0, b);
    VdiHeader header = new VdiHeader(b);
    header.validate(file);
    return header;
  }

  static VdiHeader create(
      int type, long sizeBytes, int blockBytes, long mapOffset, long dataOffset) {
    ByteBuffer b = ByteBuffer.allocate(SECTOR).order(ByteOrder.LITTLE_ENDIAN);
    b.put(0, TEXT.getBytes(StandardCharsets.US_ASCII));
    b.putInt(SIGNATURE_FIELD, SIGNATURE).putInt(VERSION_FIELD, VERSION);
    b.putInt(HEADER_BYTES_FIELD, HEADER_BYTES).putInt(TYPE_FIELD, type);
    b.putInt(MAP_OFFSET_FIELD, (int) mapOffset).putInt(DATA_OFFSET_FIELD, (int) dataOffset);
    b.putInt(SECTOR_BYTES_FIELD, SECTOR);
    b.putInt(BLOCK_BYTES_FIELD, blockBytes);
    VdiHeader header = new VdiHeader(b);
    header.setSize(sizeBytes);
    MixedUuid.put(b, ID_FIELD, UUID.randomUUID());
    header.renewModification();
    return header;
  }

  private void validate(ImageFile file) throws IOException {
    require(file, SIGNATURE_FIELD, bytes.getInt(SIGNATURE_FIELD) == SIGNATURE, "no VDI signature");
    require(file, VERSION_FIELD, bytes.getInt(VERSION_FIELD) == VERSION, "not version 1.1");
    require(
        file,
        TYPE_FIELD,
        type() == TYPE_DYNAMIC || type() == TYPE_FIXED || type() == TYPE_DIFFERENCE,
        "a type that is not known");
    require(file, SECTOR_BYTES_FIELD, bytes.getInt(SECTOR_BYTES_FIELD) == SECTOR, "sector size");
    long block = blockBytes();
    require(
        file,
        BLOCK_BYTES_FIELD,
        block >= 4096 && block <= 256 << 20 && Long.bitCount(block) == 1,
        "a block size that is no power of two from 4 KiB to 256 MiB");
    require(
        file, BLOCK_EXTRA_FIELD, bytes.getInt(BLOCK_EXTRA_FIELD) == 0, "blocks with extra bytes");
    long size = sizeBytes();
    require(
        file,
        BLOCKS_FIELD,
        blocks() <= MAX_BLOCKS && size >= 0 && size <= blocks() * block && size % SECTOR == 0,
        "the disk's size does not fit its number of blocks, or is too large");
    require(
        file,
        MAP_OFFSET_FIELD,
        mapOffset() >= SECTOR
            && mapOffset() % SECTOR == 0
            && mapOffset() + blocks() * 4 <= Math.min(dataOffset(), file.size()),
        "the block map is not inside the file and before the data");
    require(file, DATA_OFFSET_FIELD, dataOffset() % SECTOR == 0, "data begin inside a sector");
  }

  private static void require(ImageFile file, int field, boolean isRight, String rule)
      throws IOException {
    if (!isRight) {
      throw new CorruptImageException(file.name(), field, rule);
    }
  }

  int type() {
    return bytes.getInt(TYPE_FIELD);
  }

  long mapOffset() {
    return bytes.getInt(MAP_OFFSET_FIELD) & 0xffff_ffffL;
  }

  long dataOffset() {
    return bytes.getInt(DATA_OFFSET_FIELD) & 0xffff_ffffL;
  }

  long sizeBytes() {
    return bytes.getLong(DISK_BYTES_FIELD);
  }

  long blockBytes() {
    return bytes.getInt(BLOCK_BYTES_FIELD) & 0xffff_ffffL;
  }

  long blocks() {
    return bytes.getInt(BLOCKS_FIELD) & 0xffff_ffffL;
  }

  long allocated() {
    return bytes.getInt(ALLOCATED_FIELD) & 0xffff_ffffL;
  }

  void setAllocated(long count) {
    bytes.putInt(ALLOCATED_FIELD, (int) count);
  }

  /** Sets the disk's size. The map becomes as long as that needs; entries it has stay in it. */
  void setSize(long sizeBytes) {
    bytes.putLong(DISK_BYTES_FIELD, sizeBytes);
    long needed = (sizeBytes + blockBytes() - 1) / blockBytes();
    bytes.putInt(BLOCKS_FIELD, (int) Math.max(blocks(), needed));
  }

  UUID id() {
    return MixedUuid.get(bytes, ID_FIELD);
  }

  UUID modification() {
    return MixedUuid.get(bytes, MODIFICATION_FIELD);
  }

  void renewModification() {
    MixedUuid.put(bytes, MODIFICATION_FIELD, UUID.randomUUID());
  }

  UUID parentId() {
    return MixedUuid.get(bytes, PARENT_ID_FIELD);
  }

  UUID parentModification() {
    return MixedUuid.get(bytes, PARENT_MODIFICATION_FIELD);
  }

  void setParent(UUID id, UUID modification) {
    MixedUuid.put(bytes, PARENT_ID_FIELD, id);
    MixedUuid.put(bytes, PARENT_MODIFICATION_FIELD, modification);
  }

  /** Writes the sector, which a loss of power leaves either old or new. */
  void write(ImageFile file) throws IOException {
    file.write(0, bytes.clear());
  }
}
