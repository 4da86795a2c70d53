package org.maloca.block.vmdk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.CheckReport;
import org.maloca.block.image.CorruptImageException;
import org.maloca.block.image.DiskImage;
import org.maloca.block.image.Extent;
import org.maloca.block.image.ImageFormat;
import org.maloca.block.image.ImageInfo;
import org.maloca.core.backend.BlockBackend;
import org.maloca.core.memory.IoVector;

/**
 * VMDK, the disk of VMware's products, after VMware's "Virtual Disk Format 5.0" technical note.
 *
 * <p>A disk is a row of <em>extents</em>, named by a <em>descriptor</em> ({@link Descriptor}), a
 * text that is a file of its own or lies inside the only extent:
 *
 * <pre>
 *   monolithicSparse      one file: header, descriptor, grain directories and tables, grains
 *   streamOptimized       the same with compressed grains, each behind a marker
 *   monolithicFlat        descriptor file + one file with the disk as it is
 *   twoGbMaxExtentSparse  descriptor file + sparse files of 2 GB at most
 *   twoGbMaxExtentFlat    descriptor file + flat files of 2 GB at most
 * </pre>
 *
 * <p>A sparse extent ({@link SparseHeader}, {@link SparseExtent}) divides its disk into
 * <em>grains</em>, usually of 64 KiB. The <em>grain directory</em> is an array of 32-bit sector
 * numbers of <em>grain tables</em>, each an array of 512 sector numbers of grains. 0 stands for a
 * table or grain that is not there: its bytes are the parent's, or zeros. 1, if the header's flag 2
 * allows it, stands for a grain of zeros. With flag 1 there is a second directory with tables of
 * its own that say the same.
 *
 * <p>The descriptor's CID is changed at the first write after opening, and a child ("delta link")
 * keeps its parent's CID, by which a changed parent is noticed.
 *
 * <p>Not supported: ESX's own sparse and raw-device extents ({@code VMFSSPARSE}, {@code SESPARSE},
 * {@code VMFSRDM}, COWD).
 *
 * <p>Safe for several threads.
 */
public final class VmdkImage implements DiskImage {
  private static final int MAX_DESCRIPTOR_BYTES = SparseHeader.MAX_DESCRIPTOR_BYTES;
  private static final int PROBED_BYTES = 512;

  private final ImageFile file;
  private final @Nullable Descriptor descriptor;
  private final DescriptorText descriptorText;
  private final BlockBackend[] extents;
  private final long[] starts;
  private final @Nullable BlockBackend parent;
  private final boolean isReadOnly;

  /** Set behind the ends of the extents, which whoever read it may rely on. */
  private volatile long sizeBytes;

  private volatile Runnable sizeListener = () -> {};
  private final ThreadLocal<IoVector> slices = ThreadLocal.withInitial(IoVector::new);

  private VmdkImage(
      ImageFile file,
      @Nullable Descriptor descriptor,
      DescriptorText descriptorText,
      List<BlockBackend> extents,
      @Nullable BlockBackend parent) {
    this.file = file;
    this.descriptor = descriptor;
    this.descriptorText = descriptorText;
    this.extents = extents.toArray(BlockBackend[]::new);
    this.parent = parent;
    starts = new long[this.extents.length + 1];
    boolean anyReadOnly = file.isReadOnly();
    for (int i = 0; i < this.extents.length; i++) {
      starts[i + 1] = starts[i] + this.extents[i].sizeBytes();
      anyReadOnly |= this.extents[i].isReadOnly();
    }
    isReadOnly = anyReadOnly;
    sizeBytes = starts[this.extents.length];
  }

  /** Whether a file begins as a sparse extent or a descriptor does. */
  public static boolean matches(ImageFile file) throws IOException {
    ByteBuffer first = ByteBuffer.allocate(PROBED_BYTES);
    file.read(0, first);
    return SparseHeader.matches(first.flip()) || isDescriptor(first);
  }

  private static boolean isDescriptor(ByteBuffer first) {
    String text = StandardCharsets.ISO_8859_1.decode(first.duplicate()).toString();
    for (String line : text.split("\n", -1)) {
      String stripped = line.strip();
      if (stripped.equals(Descriptor.FIRST_LINE) || stripped.matches("version=[123]")) {
        return true;
      }
      if (!stripped.isEmpty() && !stripped.startsWith("#")) {
        return false;
      }
    }
    return false;
  }

  /**
   * What an image says of its parent without being opened: the hint of where it lies, or null.
   *
   * @throws CorruptImageException when the file is no VMDK
   */
  public static @Nullable String parentHint(ImageFile file) throws IOException {
    Descriptor descriptor = readDescriptor(file).parse();
    return descriptor == null || !descriptor.hasParent() ? null : descriptor.parentHint();
  }

  /**
   * Opens an image. It owns the file, the extents' files and the parent, and closes them.
   *
   * @param files opens the other files that the descriptor names
   * @param parent the disk that a child is a difference to
   * @throws CorruptImageException when the file breaks a rule of the format
   */
  public static VmdkImage open(ImageFile file, ExtentFiles files, @Nullable BlockBackend parent)
      throws IOException {
    DescriptorText text = readDescriptor(file);
    Descriptor descriptor = text.parse();
    if (descriptor != null && descriptor.hasParent()) {
      checkParent(file, descriptor, parent);
    } else if (parent != null) {
      throw new IOException(file.name() + " has no parent");
    }
    if (text.isEmbedded()) {
      SparseExtent extent = SparseExtent.open(file, parent, 1);
      return new VmdkImage(file, descriptor, text, List.of(extent), parent);
    }
    return new VmdkImage(
        file,
        descriptor,
        text,
        ExtentOpening.open(file, java.util.Objects.requireNonNull(descriptor), files, parent),
        parent);
  }

  private static void checkParent(
      ImageFile file, Descriptor descriptor, @Nullable BlockBackend parent) throws IOException {
    if (parent == null) {
      throw new IOException(
          "%s is a difference to %s, which was not given"
              .formatted(file.name(), descriptor.parentHint()));
    }
    if (parent instanceof VmdkImage image && image.contentId() != descriptor.parentCid()) {
      throw new IOException(
          "%s is a difference to an earlier state of %s: CID %08x, and not %08x"
              .formatted(file.name(), image.name(), descriptor.parentCid(), image.contentId()));
    }
  }

  private static DescriptorText readDescriptor(ImageFile file) throws IOException {
    ByteBuffer first = ByteBuffer.allocate(PROBED_BYTES);
    file.read(0, first);
    first.flip();
    if (SparseHeader.matches(first)) {
      SparseHeader header = SparseHeader.read(file);
      return DescriptorText.read(
          file,
          header.descriptorOffset() * SparseHeader.SECTOR,
          (int) header.descriptorSectors() * SparseHeader.SECTOR,
          true);
    }
    if (!isDescriptor(first)) {
      throw new CorruptImageException(
          file.name(), 0, "neither a sparse extent nor a descriptor begins here");
    }
    if (file.size() > MAX_DESCRIPTOR_BYTES) {
      throw new CorruptImageException(file.name(), 0, "the descriptor is over 1 MiB");
    }
    return DescriptorText.read(file, 0, (int) file.size(), false);
  }

  /** Changes whenever the content was changed after opening; children know their parent by it. */
  public long contentId() {
    return descriptorText.cid();
  }

  @Override
  public ImageFormat format() {
    return ImageFormat.VMDK;
  }

  @Override
  public String name() {
    return file.name();
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public boolean isReadOnly() {
    return isReadOnly;
  }

  /** What is done with the part of a request that lies in one extent; false ends the request. */
  private interface Transfer {
    boolean apply(BlockBackend extent, long offset, IoVector part) throws IOException;
  }

  @Override
  public void read(long offset, IoVector target) throws IOException {
    checkRange(offset, target.bytes());
    boolean ignored = goThrough(offset, target, VmdkImage::read);
  }

  @Override
  public void write(long offset, IoVector source) throws IOException {
    beforeWrite(offset, source.bytes());
    boolean ignored = goThrough(offset, source, VmdkImage::write);
  }

  @Override
  public boolean readAtOnce(long offset, IoVector target) throws IOException {
    checkRange(offset, target.bytes());
    return goThrough(offset, target, BlockBackend::readAtOnce);
  }

  @Override
  public boolean writeAtOnce(long offset, IoVector source) throws IOException {
    if (isReadOnly || !descriptorText.isCidChanged()) {
      return false;
    }
    checkRange(offset, source.bytes());
    return goThrough(offset, source, BlockBackend::writeAtOnce);
  }

  private static boolean read(BlockBackend extent, long offset, IoVector part) throws IOException {
    extent.read(offset, part);
    return true;
  }

  private static boolean write(BlockBackend extent, long offset, IoVector part) throws IOException {
    extent.write(offset, part);
    return true;
  }

  private boolean goThrough(long offset, IoVector vector, Transfer transfer) throws IOException {
    long total = vector.bytes();
    for (long done = 0; done < total; ) {
      int i = extentIndex(offset + done);
      long length = Math.min(total - done, starts[i + 1] - offset - done);
      if (!transfer.apply(extents[i], offset + done - starts[i], slice(vector, done, length))) {
        return false;
      }
      done += length;
    }
    return true;
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    beforeWrite(offset, length);
    for (long done = 0; done < length; ) {
      int i = extentIndex(offset + done);
      long part = Math.min(length - done, starts[i + 1] - offset - done);
      extents[i].discard(offset + done - starts[i], part);
      done += part;
    }
  }

  @Override
  public void writeZeroes(long offset, long length, boolean mayUnmap) throws IOException {
    beforeWrite(offset, length);
    for (long done = 0; done < length; ) {
      int i = extentIndex(offset + done);
      long part = Math.min(length - done, starts[i + 1] - offset - done);
      extents[i].writeZeroes(offset + done - starts[i], part, mayUnmap);
      done += part;
    }
  }

  private void checkWritable() throws IOException {
    if (isReadOnly) {
      throw new IOException(file.name() + " is open for reading only");
    }
  }

  private void beforeWrite(long offset, long length) throws IOException {
    checkWritable();
    checkRange(offset, length);
    descriptorText.changeCid();
  }

  @Override
  public void flush() throws IOException {
    if (isReadOnly) {
      return;
    }
    for (BlockBackend extent : extents) {
      extent.flush();
    }
    if (!descriptorText.isEmbedded()) {
      file.flush();
    }
  }

  @Override
  public Extent extentAt(long offset, long length) throws IOException {
    checkRange(offset, length);
    int i = extentIndex(offset);
    long part = Math.min(length, starts[i + 1] - offset);
    if (extents[i] instanceof SparseExtent sparse) {
      Extent inside = sparse.extentAt(offset - starts[i], part);
      boolean isHere = descriptorText.isEmbedded();
      return new Extent(
          offset,
          inside.length(),
          inside.kind(),
          isHere ? inside.fileOffset() : -1,
          inside.isCompressed());
    }
    Extent whole = new Extent(offset, part, Extent.Kind.DATA, -1, false);
    return extents[i] instanceof FlatExtent flat
        ? flat.lookAt(whole, offset - starts[i])
        : new Extent(offset, part, Extent.Kind.ZERO, -1, false);
  }

  private int extentIndex(long offset) {
    int low = 0;
    int high = extents.length - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (starts[middle] <= offset) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  private IoVector slice(IoVector whole, long offset, long length) {
    if (offset == 0 && length == whole.bytes()) {
      return whole;
    }
    IoVector slice = slices.get();
    slice.setSlice(whole, offset, length);
    return slice;
  }

  private void checkRange(long offset, long length) throws IOException {
    if (offset < 0 || length < 0 || length > sizeBytes() - offset) {
      throw new IOException(
          "%s: %d bytes at %d are outside the disk's %d"
              .formatted(file.name(), length, offset, sizeBytes()));
    }
  }

  @Override
  public void resize(long bytes) throws IOException {
    checkWritable();
    BlockBackend extent = extents[0];
    boolean isSparse = extent instanceof SparseExtent;
    VmdkKind kind = isSparse ? VmdkKind.MONOLITHIC_SPARSE : VmdkKind.MONOLITHIC_FLAT;
    if (extents.length != 1
        || descriptor == null
        || descriptorText.isEmbedded() != isSparse
        || !descriptor.createType().equals(kind.createType())) {
      throw new UnsupportedOperationException(
          "only a VMDK of type monolithicSparse or monolithicFlat can be resized: convert it to one");
    }
    if (bytes < sizeBytes()) {
      throw new UnsupportedOperationException("a VMDK can only be made larger");
    }
    long limit = isSparse ? VmdkCreation.MAX_SPARSE_BYTES : VmdkCreation.MAX_FLAT_BYTES;
    if (bytes > limit || bytes % SECTOR_BYTES != 0) {
      throw new IOException(
          "a VMDK of this type has at most %d bytes, in whole sectors, and not %d"
              .formatted(limit, bytes));
    }
    descriptorText.changeCid();
    extent.resize(bytes);
    descriptorText.setSize(bytes / SECTOR_BYTES, descriptor.cylinders(bytes / SECTOR_BYTES));
    starts[1] = bytes;
    sizeBytes = bytes;
    sizeListener.run();
  }

  @Override
  public void onSizeChange(Runnable listener) {
    sizeListener = listener;
  }

  @Override
  public void adoptParent() throws IOException {
    if (parent instanceof VmdkImage image) {
      checkWritable();
      descriptorText.setParentCid(image.contentId());
    }
  }

  @Override
  public CheckReport check(Repair repair) throws IOException {
    flush();
    VmdkCheck check = new VmdkCheck(repair);
    for (BlockBackend extent : extents) {
      if (extent instanceof SparseExtent sparse) {
        check.check(sparse);
      }
    }
    return check.report();
  }

  @Override
  public ImageInfo info() throws IOException {
    Map<String, Object> details = new LinkedHashMap<>();
    long fileBytes = descriptorText.isEmbedded() ? 0 : file.size();
    int clusterBytes = 0;
    List<String> lines = new ArrayList<>();
    for (BlockBackend extent : extents) {
      if (extent instanceof SparseExtent sparse) {
        fileBytes += sparse.file().allocatedBytes();
        clusterBytes = (int) sparse.header.grainBytes();
        lines.add(
            "%s: %d bytes, %s"
                .formatted(
                    sparse.file().name(),
                    sparse.sizeBytes(),
                    sparse.header.has(SparseHeader.FLAG_COMPRESSED) ? "compressed" : "sparse"));
      } else if (extent instanceof FlatExtent flat) {
        fileBytes += flat.file.allocatedBytes();
        lines.add("%s: %d bytes, flat".formatted(flat.file.name(), flat.sizeBytes()));
      }
    }
    if (descriptor != null) {
      details.put("create type", descriptor.createType());
      details.put("cid", contentId());
      details.put("parent cid", descriptor.parentCid());
    }
    details.put("extents", String.join("; ", lines));
    ImageInfo.@Nullable Backing backing =
        descriptor == null || descriptor.parentHint() == null || !descriptor.hasParent()
            ? null
            : new ImageInfo.Backing(descriptor.parentHint(), null);
    return new ImageInfo(sizeBytes(), fileBytes, clusterBytes, backing, List.of(), details);
  }

  @Override
  public void close() throws IOException {
    IOException first = null;
    for (BlockBackend extent : extents) {
      try {
        extent.close();
      } catch (IOException e) {
        first = first == null ? e : first;
      }
    }
    try (parent) {
      if (!descriptorText.isEmbedded()) {
        if (!file.isReadOnly()) {
          file.flush();
        }
        file.close();
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
