package org.maloca.machine.device;

import java.io.IOException;
import java.nio.file.Files;
import org.maloca.devices.virtio.VirtioPci;
import org.maloca.devices.virtio.pmem.VirtioPmem;
import org.maloca.machine.board.DevicePlug;
import org.maloca.machine.board.DeviceSite;
import org.maloca.machine.config.ConfigException;
import org.maloca.machine.config.PmemConfig;

/**
 * Persistent memory that shows a file of the host.
 *
 * @param config which file, and how
 */
public record PmemPlug(PmemConfig config) implements DevicePlug {
  /** What Linux's nvdimm drivers take. */
  private static final long ALIGNMENT_BYTES = 2 << 20;

  /** Each page costs the engine some bytes. */
  private static final long MAX_BYTES = 64L << 30;

  /**
   * The file's size.
   *
   * @throws ConfigException when that cannot be one of persistent memory
   */
  @Override
  public long memoryBytes() throws IOException {
    if (!Files.isRegularFile(config.file())) {
      throw new ConfigException("--pmem: %s is not a file".formatted(config.file()));
    }
    long bytes = Files.size(config.file());
    if (bytes <= 0 || bytes % ALIGNMENT_BYTES != 0 || bytes > MAX_BYTES) {
      throw new ConfigException(
          "--pmem: %s has %d bytes, and must have a multiple of 2 MiB, at most 64 GiB"
              .formatted(config.file(), bytes));
    }
    return bytes;
  }

  @Override
  public void plugInto(DeviceSite site) throws IOException {
    long bytes = memoryBytes();
    PmemFile file = PmemFile.open(config, bytes);
    long gpa;
    try {
      gpa = site.addMemory(file.map());
    } catch (IOException | RuntimeException failure) {
      file.close();
      throw failure;
    }
    site.addVirtio(
        new VirtioPmem(site.newId("pmem"), site.memory(), gpa, bytes, file, false),
        VirtioPci.Identity.PMEM);
  }
}
