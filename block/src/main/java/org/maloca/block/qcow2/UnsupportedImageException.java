package org.maloca.block.qcow2;

import java.io.IOException;

/** The image is right, for all that can be seen, but of a kind that Maloca does not handle. */
public final class UnsupportedImageException extends IOException {
  private static final long serialVersionUID = 1;

  UnsupportedImageException(String file, String what) {
    super(file + ": " + what);
  }
}
