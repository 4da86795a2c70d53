package org.maloca.block.image;

import java.io.IOException;
import org.maloca.core.backend.BlockBackend;

/**
 * An open image of some format. The disk inside it is what {@link BlockBackend} shows; these
 * methods look at and change the image around it.
 */
public interface DiskImage extends BlockBackend {
  ImageFormat format();

  /** The path that people know the image by. */
  String name();

  /**
   * Tells where a piece of the disk comes from: looks at {@code offset} and on, as long as the
   * answer stays the same, at most {@code length} bytes. Looks into this image only, not into its
   * backing file.
   */
  Extent extentAt(long offset, long length) throws IOException;

  /**
   * Changes the disk's size. What is cut off is lost; what is added reads as zeros.
   *
   * @throws UnsupportedOperationException when the format, or this kind of it, cannot; the message
   *     says so to people
   */
  @Override
  void resize(long bytes) throws IOException;

  /**
   * Forgets all that the image itself holds of the disk, so that it shows what is below it, and
   * makes that durable.
   *
   * @return whether the format can; else nothing has changed
   */
  default boolean empty() throws IOException {
    return false;
  }

  /**
   * Says, durably, that this image is a difference to the one below as that is now: formats whose
   * differences know the state of what is below them would refuse it after a change. For changes
   * that this image does not show.
   */
  default void adoptParent() throws IOException {}

  /** Looks the whole image over and, if asked, mends what can be mended without loss. */
  CheckReport check(Repair repair) throws IOException;

  /** What there is to tell of the image. */
  ImageInfo info() throws IOException;

  /** What {@link #check} may change. */
  enum Repair {
    NOTHING,
    /** Room that nothing refers to. */
    LEAKS,
    ALL
  }
}
