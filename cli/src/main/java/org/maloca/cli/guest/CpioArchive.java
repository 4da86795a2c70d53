package org.maloca.cli.guest;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes a cpio archive in the {@code newc} format, which Linux unpacks as its first root file
 * system (Linux, Documentation/driver-api/early-userspace/buffer-format.rst). Everything belongs to
 * root and is of the epoch, so that the same content gives the same bytes.
 */
public final class CpioArchive implements AutoCloseable {
  private static final int S_IFDIR = 0040000;
  private static final int S_IFREG = 0100000;
  private static final int S_IFLNK = 0120000;
  private static final int S_IFCHR = 0020000;
  private static final String TRAILER = "TRAILER!!!";

  private final OutputStream output;
  private long written;
  private int nextInode = 1;

  /** Writes to {@code output}, which {@link #close} closes. */
  public CpioArchive(OutputStream output) {
    this.output = output;
  }

  /** Adds a directory; its parents come before. */
  public void directory(String path, int permissions) throws IOException {
    entry(path, S_IFDIR | permissions, 2, 0, 0, new byte[0]);
  }

  public void file(String path, int permissions, byte[] content) throws IOException {
    entry(path, S_IFREG | permissions, 1, 0, 0, content);
  }

  /** Adds a UTF-8 text file. */
  public void text(String path, int permissions, String content) throws IOException {
    file(path, permissions, content.getBytes(StandardCharsets.UTF_8));
  }

  public void symbolicLink(String path, String target) throws IOException {
    entry(path, S_IFLNK | 0777, 1, 0, 0, target.getBytes(StandardCharsets.UTF_8));
  }

  public void characterDevice(String path, int permissions, int major, int minor)
      throws IOException {
    entry(path, S_IFCHR | permissions, 1, major, minor, new byte[0]);
  }

  @Override
  public void close() throws IOException {
    try (output) {
      header(TRAILER, 0, 0, 1, 0, 0, 0);
    }
  }

  private void entry(String path, int mode, int links, int major, int minor, byte[] content)
      throws IOException {
    header(path, nextInode++, mode, links, content.length, major, minor);
    write(content);
    pad();
  }

  private void header(
      String path, int inode, int mode, int links, int size, int deviceMajor, int deviceMinor)
      throws IOException {
    byte[] name = (path + '\0').getBytes(StandardCharsets.UTF_8);
    StringBuilder header = new StringBuilder("070701");
    int[] fields = {
      inode, mode, 0, 0, links, 0, size, 0, 0, deviceMajor, deviceMinor, name.length, 0
    };
    for (int field : fields) {
      header.append("%08X".formatted(field));
    }
    write(header.toString().getBytes(StandardCharsets.US_ASCII));
    write(name);
    pad();
  }

  private void write(byte[] bytes) throws IOException {
    output.write(bytes);
    written += bytes.length;
  }

  private void pad() throws IOException {
    while ((written & 3) != 0) {
      output.write(0);
      written++;
    }
  }
}
