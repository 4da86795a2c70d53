package org.maloca.stress;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.maloca.block.disk.OpenedDisk;
import org.maloca.block.image.DiskImage;
import org.maloca.core.memory.IoVector;

/** The process that {@link DiskCrash} kills: says what it begins, and what is flushed. */
public final class DiskCrashWriter {
  static final String BEGIN = "begin ";
  static final String FLUSHED = "flushed ";

  private DiskCrashWriter() {}

  /** Takes the variant's name, the image, the seed and the tag before the first. */
  public static void main(String[] arguments) throws IOException {
    DiskVariant variant = DiskVariant.valueOf(arguments[0]);
    long seed = Long.parseLong(arguments[2]);
    long firstTag = Long.parseLong(arguments[3]);
    try (Arena arena = Arena.ofConfined();
        OutputStream out = new FileOutputStream(FileDescriptor.out);
        OpenedDisk opened = variant.open(Path.of(arguments[1]))) {
      DiskImage image = opened.image();
      long address =
          arena.allocate(DiskAction.MAX_SECTORS * SectorPattern.SECTOR_BYTES, 4096).address();
      IoVector vector = new IoVector();
      int sectors = (int) (image.sizeBytes() / SectorPattern.SECTOR_BYTES);
      for (int i = 0; ; i++) {
        DiskAction action = DiskAction.of(seed, i, sectors);
        say(out, BEGIN, i);
        action.run(image, firstTag + i, address, vector);
        if (action.kind() == DiskAction.Kind.FLUSH) {
          say(out, FLUSHED, i);
        }
      }
    }
  }

  private static void say(OutputStream out, String what, int index) throws IOException {
    out.write((what + index + "\n").getBytes(StandardCharsets.US_ASCII));
  }
}
