package org.maloca.block.disk;

import java.io.IOException;
import org.maloca.block.file.ImageFile;

/** The files beside its first that an image consists of, by the names that it has for them. */
interface ImageFiles {
  /** Opens one, if that is allowed. */
  ImageFile open(String name, boolean isReadOnly) throws IOException;

  /** Makes a new one. */
  ImageFile create(String name) throws IOException;
}
