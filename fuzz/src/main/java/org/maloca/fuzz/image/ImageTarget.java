package org.maloca.fuzz.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.maloca.block.image.DiskImage;
import org.maloca.block.image.DiskImage.Repair;
import org.maloca.block.raw.RawImage;
import org.maloca.core.backend.BlockBackend;
import org.maloca.fuzz.guided.FuzzTarget;

/** A damaged image of one format is opened, used, checked, mended, closed and opened again. */
abstract class ImageTarget implements FuzzTarget {
  static final int DISK_BYTES = 4 << 20;

  /** Operations that get to every part of a format once. */
  static final byte[] ALL_ROUND = {
    ImageUse.WALK, 0, ImageUse.READ, 0x60, ImageUse.WRITE, 0x61, ImageUse.SNAPSHOT, 1,
    ImageUse.DISCARD, 0x60, ImageUse.ZERO, 0x72, ImageUse.WRITE, 0x12, ImageUse.FLUSH, 0,
    ImageUse.REPAIR, 0, ImageUse.INFO, 0
  };

  /** Further ones. */
  static final byte[] SELDOM = {
    ImageUse.RESIZE,
    0x41,
    ImageUse.COMPRESSED,
    3,
    ImageUse.APPLY,
    0,
    ImageUse.DELETE,
    0,
    ImageUse.RESIZE,
    (byte) 0xc0,
    ImageUse.ZERO_UNMAP,
    0x40,
    ImageUse.REPAIR_LEAKS,
    0,
    ImageUse.WRITE,
    0x31,
    ImageUse.CHECK,
    0,
    ImageUse.RESIZE,
    0x20
  };

  private final ImageUse use = new ImageUse();

  /** Opens the image; the second file is there for formats that have one. */
  abstract DiskImage open(ImageInput input) throws IOException;

  /** Makes checksums right that the input has wrong. */
  void seal(MemoryFile file) throws IOException {}

  @Override
  public final long run(byte[] bytes) throws IOException {
    ImageInput input;
    try {
      input = ImageInput.of(bytes);
      if (input.has(ImageInput.SEALED)) {
        seal(input.first());
      }
    } catch (IOException tooLarge) {
      return 0;
    }
    if (input.has(ImageInput.READ_ONLY)) {
      input =
          new ImageInput(
              input.flags(),
              input.first().copy(true),
              input.second().copy(true),
              input.operations());
    }
    long before = use.done();
    boolean wasClean = false;
    try (DiskImage image = open(input)) {
      wasClean = use.run(image, input.operations());
    } catch (IOException refused) {
      return use.done() - before;
    }
    checkAgain(input, wasClean);
    return use.done() - before;
  }

  private void checkAgain(ImageInput input, boolean wasClean) throws IOException {
    try (DiskImage image = open(input)) {
      if (wasClean && image.check(Repair.NOTHING).corruptions() > 0) {
        throw new IllegalStateException(
            "was clean, and is not: " + image.check(Repair.NOTHING).messages());
      }
    } catch (IOException refused) {
      if (wasClean) {
        throw new IllegalStateException("was clean, and cannot be opened", refused);
      }
    }
  }

  /** What a child shows where it has nothing. */
  static BlockBackend parent() throws IOException {
    MemoryFile file = new MemoryFile("parent", false);
    file.setSize(DISK_BYTES);
    file.write(
        1 << 16, ByteBuffer.wrap("parent".getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
    return RawImage.open(file);
  }

  /** Puts something into an image that was made. */
  void fill(DiskImage image) {
    use.run(
        image,
        new byte[] {
          ImageUse.WRITE, 0, ImageUse.ZERO, 0x64, ImageUse.WRITE, 0x11, ImageUse.FLUSH, 0
        });
  }

  static void addBoth(List<byte[]> seeds, int flags, MemoryFile first, MemoryFile second) {
    seeds.add(ImageInput.encode(flags, first, second, ALL_ROUND));
    seeds.add(ImageInput.encode(flags, first, second, SELDOM));
  }

  @Override
  public void close() throws IOException {
    use.close();
  }
}
