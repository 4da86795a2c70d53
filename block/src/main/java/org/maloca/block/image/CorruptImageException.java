package org.maloca.block.image;

import java.io.IOException;

/** What an image file holds contradicts its format. The message names the file, offset and rule. */
public final class CorruptImageException extends IOException {
  private static final long serialVersionUID = 1;

  /**
   * Makes one.
   *
   * @param file the image's name
   * @param offset where in the file the offending bytes are
   * @param rule what is wrong there
   */
  public CorruptImageException(String file, long offset, String rule) {
    super("%s: at byte %d: %s".formatted(file, offset, rule));
  }
}
