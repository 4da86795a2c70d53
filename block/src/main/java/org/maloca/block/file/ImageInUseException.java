package org.maloca.block.file;

import java.nio.file.FileSystemException;
import java.nio.file.Path;

/** Another machine, or another program that locks images as QEMU does, has the file open. */
public final class ImageInUseException extends FileSystemException {
  private static final long serialVersionUID = 1;

  ImageInUseException(Path path) {
    super(path.toString(), null, "is in use by another machine");
  }
}
