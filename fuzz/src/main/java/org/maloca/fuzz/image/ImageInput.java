package org.maloca.fuzz.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import org.maloca.fuzz.guided.Input;
import org.maloca.fuzz.guided.Output;

/**
 * An image and what is done to it, as an input. Images are mostly holes, so that only pieces with
 * content are in there: a megabyte of image becomes some hundred bytes, of which each means
 * something.
 *
 * <pre>
 *   0  flags: see the constants
 *   4  length of the file, then of the second one; 8 bytes each
 *  20  {@value #OPERATIONS} operations of two bytes, see {@link ImageUse}
 *  40  pieces: place in units of 16 bytes, of which bit 31 means the second file; length; content
 * </pre>
 *
 * @param flags of how to open it
 * @param operations what is done to it
 */
record ImageInput(int flags, MemoryFile first, MemoryFile second, byte[] operations) {
  static final int READ_ONLY = 1;

  /** Checksums are made right before it is opened; else few inputs would get past the first. */
  static final int SEALED = 2;

  static final int HAS_PARENT = 4;

  private static final int OPERATIONS = 10;
  private static final int UNIT_BYTES = 16;
  private static final int MAX_PIECE_BYTES = 0xffff / UNIT_BYTES * UNIT_BYTES;

  static ImageInput of(byte[] bytes) throws IOException {
    Input input = new Input(bytes);
    int flags = input.i32();
    long firstBytes = input.i64() & MemoryFile.MAX_BYTES - 1;
    long secondBytes = input.i64() & MemoryFile.MAX_BYTES - 1;
    byte[] operations = input.take(2 * OPERATIONS);
    MemoryFile first = new MemoryFile("image", false);
    MemoryFile second = new MemoryFile("second", false);
    while (input.hasMore()) {
      int place = input.i32();
      byte[] content = input.take(input.u16());
      MemoryFile file = place < 0 ? second : first;
      file.write((place & 0x7fff_ffffL) * UNIT_BYTES, ByteBuffer.wrap(content));
    }
    first.setSize(firstBytes);
    second.setSize(secondBytes);
    return new ImageInput(flags, first, second, operations);
  }

  boolean has(int flag) {
    return (flags & flag) != 0;
  }

  static byte[] encode(int flags, MemoryFile first, MemoryFile second, byte... operations) {
    Output output = new Output();
    output.i32(flags).i64(first.size()).i64(second.size());
    output.bytes(java.util.Arrays.copyOf(operations, 2 * OPERATIONS));
    putPieces(output, first, 0);
    putPieces(output, second, 1 << 31);
    return output.toByteArray();
  }

  private static void putPieces(Output output, MemoryFile file, int mark) {
    for (Map.Entry<Long, byte[]> page : file.pages().entrySet()) {
      byte[] bytes = page.getValue();
      int start = 0;
      while (start < bytes.length) {
        int end = start;
        while (end < bytes.length && end - start < MAX_PIECE_BYTES && !isZero(bytes, end)) {
          end += UNIT_BYTES;
        }
        if (end > start) {
          output.i32((int) ((page.getKey() * MemoryFile.PAGE_BYTES + start) / UNIT_BYTES) | mark);
          output.u16(end - start).bytes(java.util.Arrays.copyOfRange(bytes, start, end));
        }
        start = end + UNIT_BYTES;
      }
    }
  }

  private static boolean isZero(byte[] bytes, int from) {
    for (int i = from; i < from + UNIT_BYTES; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }
}
