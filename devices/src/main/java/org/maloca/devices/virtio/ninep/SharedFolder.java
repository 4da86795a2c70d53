package org.maloca.devices.virtio.ninep;

import java.io.IOException;

/** The host's side of a shared folder. Not thread-safe; the server calls under its lock. */
interface SharedFolder extends AutoCloseable {
  /** The folder itself; not counted. */
  SharedFile root();

  /** The same folder once more, of which nothing was closed or is held; asks the host nothing. */
  SharedFolder another();

  @Override
  void close();

  /**
   * Opens a folder.
   *
   * @throws IOException when it is no directory, cannot be opened, or the host is none that we can
   *     share from
   */
  static SharedFolder open(NinepConfig config) throws IOException {
    if (!LinuxFolder.isUsable()) {
      throw new IOException(config.folder() + ": folders can be shared on 64-bit Linux only");
    }
    return LinuxFolder.open(config.folder(), config.limits());
  }
}
