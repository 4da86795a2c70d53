package org.maloca.block.vmdk;

import java.io.IOException;
import org.maloca.block.file.ImageFile;

/**
 * How an image gets at the files that its descriptor names. The names come out of the image and may
 * be anything, {@code /etc/shadow} or {@code ../x} too: who opens the image decides here which of
 * them are the user's.
 */
public interface ExtentFiles {
  /**
   * Opens a file that a descriptor names.
   *
   * @throws IOException when there is none, or when it may not be opened
   */
  ImageFile open(String name, boolean isReadOnly) throws IOException;

  /** Makes a new, empty file of the name, for an image that is being created. */
  ImageFile create(String name) throws IOException;

  /** Refuses every file: for images that consist of one. */
  static ExtentFiles none() {
    return new ExtentFiles() {
      @Override
      public ImageFile open(String name, boolean isReadOnly) throws IOException {
        throw new IOException("the image names another file, which is not allowed: " + name);
      }

      @Override
      public ImageFile create(String name) throws IOException {
        throw new IOException("the image needs another file, which is not allowed: " + name);
      }
    };
  }
}
