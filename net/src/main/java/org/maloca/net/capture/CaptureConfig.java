package org.maloca.net.capture;

import java.nio.file.Path;

/**
 * Where a capture goes.
 *
 * @param file the current file; older ones are {@code FILE.1}, {@code FILE.2} and so on
 * @param snapBytes how much of each frame is kept, 64 to 65536
 * @param fileBytes how large a file may become, {@link #MIN_FILE_BYTES} or more
 * @param files how many are kept, the current one included; with 1 the capture ends when it is full
 */
public record CaptureConfig(Path file, int snapBytes, long fileBytes, int files) {
  /** Room for a header and a frame of any size. */
  public static final long MIN_FILE_BYTES = 1 << 17;

  /** Checks the values. */
  public CaptureConfig {
    if (snapBytes < 64
        || snapBytes > 65536
        || fileBytes < MIN_FILE_BYTES
        || files < 1
        || files > 1000) {
      throw new IllegalArgumentException("a capture with impossible limits");
    }
  }

  /** Whole frames, in up to 4 files of 64 MiB. */
  public static CaptureConfig of(Path file) {
    return new CaptureConfig(file, 65536, 64L << 20, 4);
  }
}
