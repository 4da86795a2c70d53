package org.maloca.cli.guest;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The section {@code .modinfo} of a kernel module, an ELF file of 32 or 64 bits: texts of the form
 * {@code key=value}, zero-terminated.
 */
final class ModuleInfo {
  private static final int ELF_MAGIC = 0x464C457F;
  private static final int EI_CLASS = 4;
  private static final int ELFCLASS64 = 2;
  private static final int HEADER_BYTES = 64;
  private static final String NAME = ".modinfo";

  private final ByteBuffer file;
  private final boolean is64;

  private ModuleInfo(byte[] content) {
    file = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    is64 = content[EI_CLASS] == ELFCLASS64;
  }

  /** The texts; none where this is not a module. */
  static List<String> read(byte[] content) {
    if (content.length < HEADER_BYTES
        || ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).getInt() != ELF_MAGIC) {
      return List.of();
    }
    try {
      return new ModuleInfo(content).read();
    } catch (IndexOutOfBoundsException | ArithmeticException damaged) {
      return List.of();
    }
  }

  private List<String> read() {
    int headers = word(0, 0x20, 0x28);
    int headerBytes = file.getShort(is64 ? 0x3A : 0x2E) & 0xFFFF;
    int count = file.getShort(is64 ? 0x3C : 0x30) & 0xFFFF;
    int namesAt = headers + headerBytes * (file.getShort(is64 ? 0x3E : 0x32) & 0xFFFF);
    int names = offset(namesAt);
    for (int i = 0; i < count; i++) {
      int header = headers + i * headerBytes;
      if (text(names + file.getInt(header)).equals(NAME)) {
        return texts(offset(header), word(header, 0x14, 0x20));
      }
    }
    return List.of();
  }

  private int offset(int sectionHeader) {
    return word(sectionHeader, 0x10, 0x18);
  }

  /** An address or a size of the file's class. */
  private int word(int at, int offset32, int offset64) {
    return is64 ? Math.toIntExact(file.getLong(at + offset64)) : file.getInt(at + offset32);
  }

  private List<String> texts(int start, int bytes) {
    List<String> texts = new ArrayList<>();
    int at = start;
    while (at < start + bytes) {
      String text = text(at);
      if (!text.isEmpty()) {
        texts.add(text);
      }
      at += text.length() + 1;
    }
    return texts;
  }

  private String text(int start) {
    int end = start;
    while (file.get(end) != 0) {
      end++;
    }
    byte[] bytes = new byte[end - start];
    file.get(start, bytes);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
