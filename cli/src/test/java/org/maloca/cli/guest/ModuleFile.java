package org.maloca.cli.guest;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Kernel modules of nothing but what they say of themselves. */
final class ModuleFile {
  private static final String SECTION_NAMES = "\0.modinfo\0.shstrtab\0";

  private ModuleFile() {}

  /** An ELF file of either class whose section {@code .modinfo} has texts. */
  static byte[] of(boolean is64, String... texts) {
    byte[] info = (String.join("\0", texts) + "\0").getBytes(StandardCharsets.ISO_8859_1);
    byte[] names = SECTION_NAMES.getBytes(StandardCharsets.ISO_8859_1);
    int headerBytes = is64 ? 64 : 52;
    int sectionBytes = is64 ? 64 : 40;
    // What is in front of the texts is no text, and not terminated.
    byte[] code = {'a', 'l', 'i', 'a', 's', '='};
    int infoAt = headerBytes + code.length;
    int namesAt = infoAt + info.length;
    int headersAt = namesAt + names.length;
    ByteBuffer file =
        ByteBuffer.allocate(headersAt + 3 * sectionBytes).order(ByteOrder.LITTLE_ENDIAN);
    file.put(new byte[] {0x7f, 'E', 'L', 'F', (byte) (is64 ? 2 : 1), 1, 1});
    file.putInt(is64 ? 0x28 : 0x20, headersAt);
    int sizes = is64 ? 0x3A : 0x2E;
    file.putShort(sizes, (short) sectionBytes);
    file.putShort(sizes + 2, (short) 3);
    file.putShort(sizes + 4, (short) 2);
    file.position(headerBytes).put(code).put(info).put(names);
    section(file, headersAt + sectionBytes, is64, 1, infoAt, info.length);
    section(
        file,
        headersAt + 2 * sectionBytes,
        is64,
        SECTION_NAMES.indexOf(".shstrtab"),
        namesAt,
        names.length);
    return file.array();
  }

  private static void section(
      ByteBuffer file, int at, boolean is64, int name, int offset, int size) {
    file.putInt(at, name);
    file.putInt(at + (is64 ? 0x18 : 0x10), offset);
    file.putInt(at + (is64 ? 0x20 : 0x14), size);
  }

  /** The same as Debian 13 has it. */
  static byte[] compressed(byte[] module) throws java.io.IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (var stream =
        new org.tukaani.xz.XZOutputStream(bytes, new org.tukaani.xz.LZMA2Options(0))) {
      stream.write(module);
    }
    return bytes.toByteArray();
  }
}
