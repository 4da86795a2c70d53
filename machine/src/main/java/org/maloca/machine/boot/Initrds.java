package org.maloca.machine.boot;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.maloca.core.memory.GuestMemory;

/**
 * The initrd files of a boot. Linux takes several archives one after another in a single initrd,
 * each starting 4-byte aligned; multiboot kernels get them as modules of their own.
 */
public final class Initrds implements AutoCloseable {
  public static final Initrds NONE = new Initrds(List.of());

  private final List<ImageFile> files;

  private Initrds(List<ImageFile> files) {
    this.files = files;
  }

  /** Opens all of them, or none. */
  public static Initrds open(List<Path> paths) throws BootException {
    List<ImageFile> files = new ArrayList<>();
    try {
      for (Path path : paths) {
        files.add(ImageFile.open(path));
      }
    } catch (BootException failure) {
      files.forEach(ImageFile::close);
      throw failure;
    }
    return new Initrds(List.copyOf(files));
  }

  List<ImageFile> files() {
    return files;
  }

  /** Size of all in one piece, in bytes; 0 when there is none. */
  long concatenatedSize() {
    long size = 0;
    for (ImageFile file : files) {
      size = align(size) + file.size();
    }
    return size;
  }

  /** Copies all in one piece to {@code gpa}, with zeros in the gaps. */
  void copyConcatenated(GuestMemory memory, long gpa) throws BootException {
    long at = 0;
    for (ImageFile file : files) {
      for (; at < align(at); at++) {
        memory.write(gpa + at, 1, 0);
      }
      file.copyTo(memory, gpa + at, 0, file.size());
      at += file.size();
    }
  }

  /** One clear line for an initrd that has no room. */
  BootException tooBig() {
    return new BootException(
        "%s: initrd too big for the memory (%d KiB)"
            .formatted(files.getFirst().path(), concatenatedSize() + 1023 >> 10));
  }

  private static long align(long offset) {
    return offset + 3 & ~3L;
  }

  @Override
  public void close() {
    files.forEach(ImageFile::close);
  }
}
