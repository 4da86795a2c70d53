package org.maloca.block.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;

/**
 * Remembers, in an extended attribute of the file, that it was opened as a raw disk for writing: a
 * guest that writes another format's header into its first sectors must not have it taken for that
 * format the next time, and with it files of the host that the header names.
 */
final class RememberedFormat {
  private static final String ATTRIBUTE = "maloca.format";
  private static final String RAW = "raw";

  private RememberedFormat() {}

  static boolean isRaw(Path path) {
    try {
      UserDefinedFileAttributeView view = view(path);
      if (view == null || !view.list().contains(ATTRIBUTE) || view.size(ATTRIBUTE) > RAW.length()) {
        return false;
      }
      ByteBuffer value = ByteBuffer.allocate(RAW.length());
      view.read(ATTRIBUTE, value);
      return StandardCharsets.US_ASCII.decode(value.flip()).toString().equals(RAW);
    } catch (IOException | UnsupportedOperationException none) {
      return false;
    }
  }

  /** Says whether the host's file system keeps it. */
  static boolean remember(Path path) {
    try {
      UserDefinedFileAttributeView view = view(path);
      if (view == null) {
        return false;
      }
      view.write(ATTRIBUTE, StandardCharsets.US_ASCII.encode(RAW));
      return true;
    } catch (IOException | UnsupportedOperationException none) {
      return false;
    }
  }

  /** The user said that the file has another format. */
  static void forget(Path path) throws IOException {
    UserDefinedFileAttributeView view = view(path);
    if (view != null && isRaw(path)) {
      view.delete(ATTRIBUTE);
    }
  }

  private static UserDefinedFileAttributeView view(Path path) {
    return Files.getFileAttributeView(path, UserDefinedFileAttributeView.class);
  }
}
