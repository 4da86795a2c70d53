package org.maloca.machine.boot;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.maloca.core.cpu.CpuState;

/** A kernel file of a known kind. It can be loaded any number of times: once each restart. */
public sealed interface KernelImage extends AutoCloseable
    permits LinuxBzImage, PvhElf, MultibootImage {
  /** What it is, in a few words for people. */
  String description();

  /**
   * Puts the kernel, the initrds and the boot protocol's structures into memory.
   *
   * @return the state in which the boot CPU enters the kernel
   * @throws BootException when something has no room or a file turns out to be damaged
   */
  CpuState load(BootEnvironment environment, Initrds initrds) throws BootException;

  @Override
  void close();

  /**
   * Opens a kernel file and finds out its kind: a Linux bzImage, an ELF with a PVH entry note, or a
   * multiboot 1 image.
   *
   * @throws BootException when it is none of them
   */
  static KernelImage detect(Path path) throws BootException {
    ImageFile file = ImageFile.open(path);
    try {
      return detect(file);
    } catch (BootException failure) {
      file.close();
      throw failure;
    }
  }

  private static KernelImage detect(ImageFile file) throws BootException {
    if (file.size() == 0) {
      throw file.problem("empty file");
    }
    ByteBuffer head = file.readHead(MultibootHeader.SEARCH_BYTES);
    if (ElfImage.looksLikeElf(head)) {
      ElfImage elf = ElfImage.parse(file);
      // An ELF with both, such as Xen's, expects a machine of its own by multiboot; by PVH it
      // expects
      // to be a guest of Xen.
      MultibootHeader header = MultibootHeader.find(file, head);
      if (header != null) {
        return new MultibootImage(file, header, elf);
      }
      Long pvhEntry = PvhElf.findEntry(elf);
      if (pvhEntry != null) {
        return new PvhElf(elf, pvhEntry);
      }
      throw file.problem("an ELF file, but with neither a PVH entry note nor a multiboot header");
    }
    if (LinuxBzImage.looksLikeLinux(head)) {
      return LinuxBzImage.parse(file);
    }
    MultibootHeader header = MultibootHeader.find(file, head);
    if (header != null) {
      return new MultibootImage(file, header, null);
    }
    throw file.problem(ForeignFormat.describe(head));
  }
}
