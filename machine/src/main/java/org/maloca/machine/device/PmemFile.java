package org.maloca.machine.device;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.StandardOpenOption;
import org.maloca.block.file.Durability;
import org.maloca.block.file.HostFile;
import org.maloca.block.file.ImageFile;
import org.maloca.core.memory.RamBlock;
import org.maloca.devices.virtio.pmem.VirtioPmem;
import org.maloca.machine.config.PmemConfig;

/**
 * A file behind persistent memory, locked as images of disks are. All of its room on the host is
 * taken beforehand: memory has no way to say that the host's disk is full.
 */
final class PmemFile implements VirtioPmem.Medium {
  private final ImageFile locked;
  private final FileChannel channel;
  private final boolean isEphemeral;
  private final long bytes;
  private final Durability durability;

  private PmemFile(ImageFile locked, FileChannel channel, boolean isEphemeral, long bytes) {
    this.locked = locked;
    this.channel = channel;
    this.isEphemeral = isEphemeral;
    this.bytes = bytes;
    durability = new Durability(locked.name());
  }

  static PmemFile open(PmemConfig config, long bytes) throws IOException {
    ImageFile locked =
        config.isEphemeral()
            ? HostFile.open(config.file(), HostFile.Option.READ_ONLY)
            : HostFile.open(config.file());
    try {
      if (!config.isEphemeral()) {
        locked.allocate(0, bytes);
      }
      if (locked.size() != bytes) {
        throw new IOException(config.file() + ": changes while it is opened");
      }
      // Java maps privately only what it might write.
      FileChannel channel =
          FileChannel.open(config.file(), StandardOpenOption.READ, StandardOpenOption.WRITE);
      return new PmemFile(locked, channel, config.isEphemeral(), bytes);
    } catch (IOException | RuntimeException failure) {
      locked.close();
      throw failure;
    }
  }

  RamBlock map() throws IOException {
    return RamBlock.map(channel, isEphemeral ? MapMode.PRIVATE : MapMode.READ_WRITE, bytes);
  }

  @Override
  public void flush() throws IOException {
    if (!isEphemeral) {
      // What the guest writes into its memory nobody counts.
      durability.changed();
      durability.flush(() -> channel.force(false));
    }
  }

  @Override
  public void close() throws IOException {
    try (ImageFile last = locked) {
      channel.close();
    }
  }
}
