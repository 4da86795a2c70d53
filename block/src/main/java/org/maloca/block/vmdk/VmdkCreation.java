package org.maloca.block.vmdk;

import static org.maloca.block.vmdk.SparseExtent.roundUp;
import static org.maloca.block.vmdk.SparseHeader.SECTOR;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.maloca.block.file.ImageFile;

/** Makes new, empty disks. */
public final class VmdkCreation {
  private static final long SPLIT_BYTES = 0x7fff_0000L;
  private static final int GRAIN_SECTORS = 128;
  private static final int ENTRIES_PER_TABLE = 512;
  private static final int DESCRIPTOR_SECTORS = 20;
  static final long MAX_SPARSE_BYTES = (1L << 41) - (1L << 32);
  static final long MAX_FLAT_BYTES = 1L << 46;
  private static final int TRACK_SECTORS = 63;

  private VmdkCreation() {}

  /**
   * Writes a new disk into an empty file and flushes it. What other files it needs are created, and
   * closed again.
   */
  public static void create(ImageFile file, ExtentFiles files, VmdkOptions options)
      throws IOException {
    VmdkKind kind = options.kind();
    long limit = kind.isFlat() || kind.isSplit() ? MAX_FLAT_BYTES : MAX_SPARSE_BYTES;
    if (options.sizeBytes() < 0
        || options.sizeBytes() > limit
        || options.sizeBytes() % SECTOR != 0) {
      throw new IOException(
          "a disk of %d bytes cannot be a VMDK of this kind: at most %d, whole sectors"
              .formatted(options.sizeBytes(), limit));
    }
    if (options.parent() != null && (kind.isFlat() || kind == VmdkKind.STREAM_OPTIMIZED)) {
      throw new IOException("a VMDK of type " + kind.createType() + " has no parent");
    }
    if (kind.isSplit() || kind.isFlat()) {
      createInPieces(file, files, options);
    } else {
      Descriptor descriptor =
          descriptor(
              options,
              List.of(
                  new Descriptor.ExtentLine(
                      "RW", options.sizeBytes() / SECTOR, "SPARSE", plainName(file), 0)));
      writeSparse(file, options.sizeBytes(), options, descriptor.text());
    }
    file.flush();
  }

  private static void createInPieces(ImageFile file, ExtentFiles files, VmdkOptions options)
      throws IOException {
    VmdkKind kind = options.kind();
    String stem = plainName(file).replaceFirst("\\.vmdk$", "");
    List<Descriptor.ExtentLine> lines = new ArrayList<>();
    long piece = kind.isSplit() ? SPLIT_BYTES : Math.max(options.sizeBytes(), SECTOR);
    for (long start = 0; start < options.sizeBytes() || start == 0; start += piece) {
      long bytes = Math.min(piece, options.sizeBytes() - start);
      String name =
          kind.isSplit()
              ? "%s-%s%03d.vmdk".formatted(stem, kind.isFlat() ? "f" : "s", lines.size() + 1)
              : stem + "-flat.vmdk";
      try (ImageFile extent = files.create(name)) {
        if (kind.isFlat()) {
          extent.setSize(bytes);
        } else {
          writeSparse(extent, bytes, options, "");
        }
        extent.flush();
      }
      lines.add(
          new Descriptor.ExtentLine(
              "RW", bytes / SECTOR, kind.isFlat() ? "FLAT" : "SPARSE", name, 0));
    }
    byte[] text = descriptor(options, lines).text().getBytes(StandardCharsets.UTF_8);
    file.write(0, ByteBuffer.wrap(text));
  }

  private static Descriptor descriptor(VmdkOptions options, List<Descriptor.ExtentLine> lines) {
    Map<String, String> data = new LinkedHashMap<>();
    VmdkOptions.Adapter adapter = options.hardware().adapter();
    long cylinderSectors = (long) adapter.heads() * TRACK_SECTORS;
    long cylinders = options.sizeBytes() / SECTOR / cylinderSectors;
    data.put("virtualHWVersion", Integer.toString(options.hardware().version()));
    data.put("geometry.cylinders", Long.toString(cylinders));
    data.put("geometry.heads", Integer.toString(adapter.heads()));
    data.put("geometry.sectors", Integer.toString(TRACK_SECTORS));
    data.put("adapterType", adapter.word());
    VmdkOptions.Parent parent = options.parent();
    return new Descriptor(
        ThreadLocalRandom.current().nextLong(1, Descriptor.NO_PARENT - 1),
        parent == null ? Descriptor.NO_PARENT : parent.contentId(),
        options.kind().createType(),
        parent == null ? null : parent.hint(),
        lines,
        data);
  }

  /**
   * The name without folders, and without what would end the quotes it is written in or be taken
   * for a protocol.
   */
  private static String plainName(ImageFile file) {
    String name = file.name().substring(file.name().lastIndexOf('/') + 1);
    return name.replaceAll("[\":\\p{Cntrl}]", "_");
  }

  /** Header, descriptor, the redundant directory and its tables, the directory and its tables. */
  private static void writeSparse(
      ImageFile file, long bytes, VmdkOptions options, String descriptor) throws IOException {
    boolean isCompressed = options.kind() == VmdkKind.STREAM_OPTIMIZED;
    byte[] text = descriptor.getBytes(StandardCharsets.UTF_8);
    long descriptorSectors =
        text.length == 0 ? 0 : Math.max(DESCRIPTOR_SECTORS, (text.length + SECTOR - 1) / SECTOR);
    long capacity = bytes / SECTOR;
    long tableCount =
        (capacity + GRAIN_SECTORS * ENTRIES_PER_TABLE - 1) / (GRAIN_SECTORS * ENTRIES_PER_TABLE);
    long directorySectors = Math.max(1, (tableCount * 4 + SECTOR - 1) / SECTOR);
    long tableSectors = ENTRIES_PER_TABLE * 4 / SECTOR;
    long redundant = 1 + descriptorSectors;
    long directory = redundant + directorySectors + tableCount * tableSectors;
    long overhead =
        roundUp(directory + directorySectors + tableCount * tableSectors, GRAIN_SECTORS);
    SparseHeader header =
        new SparseHeader(
            0,
            isCompressed ? 3 : options.hasZeroGrains() ? 2 : 1,
            SparseHeader.FLAG_NEWLINE_TEST
                | SparseHeader.FLAG_REDUNDANT
                | (options.hasZeroGrains() ? SparseHeader.FLAG_ZERO_GRAINS : 0)
                | (isCompressed ? SparseHeader.FLAG_COMPRESSED | SparseHeader.FLAG_MARKERS : 0),
            capacity,
            GRAIN_SECTORS,
            text.length == 0 ? 0 : 1,
            descriptorSectors,
            ENTRIES_PER_TABLE,
            redundant,
            directory,
            overhead,
            isCompressed ? SparseHeader.COMPRESSION_DEFLATE : 0);
    file.setSize(overhead * SECTOR);
    writeDirectory(file, redundant, tableCount, directorySectors);
    writeDirectory(file, directory, tableCount, directorySectors);
    file.write(SECTOR, ByteBuffer.wrap(text));
    file.write(0, header.bytes());
  }

  private static void writeDirectory(
      ImageFile file, long sector, long tableCount, long directorySectors) throws IOException {
    ByteBuffer entries =
        ByteBuffer.allocate((int) directorySectors * SECTOR).order(ByteOrder.LITTLE_ENDIAN);
    long tableSectors = ENTRIES_PER_TABLE * 4 / SECTOR;
    for (int i = 0; i < tableCount; i++) {
      entries.putInt(i * 4, (int) (sector + directorySectors + i * tableSectors));
    }
    file.write(sector * SECTOR, entries);
  }
}
