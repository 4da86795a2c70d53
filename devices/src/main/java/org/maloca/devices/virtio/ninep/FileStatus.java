package org.maloca.devices.virtio.ninep;

/** What is known of a file ({@code statx(2)}); filled again and again. */
final class FileStatus {
  int mode;
  int uid;
  int gid;
  long links;
  long deviceNumber;
  long sizeBytes;
  long blockBytes;

  /** Of 512 bytes. */
  long blocks;

  long accessSeconds;
  long accessNanos;
  long modifySeconds;
  long modifyNanos;
  long changeSeconds;
  long changeNanos;
  boolean hasBirth;
  long birthSeconds;
  long birthNanos;

  /** Of the file system that the file is on, unique on the host. */
  long device;

  /** Unique on the device. */
  long inode;

  /** Changes with the content; never 0, by which Linux would know that it does not. */
  int version() {
    int version = (int) (modifySeconds * 1_000_003 + modifyNanos) ^ (int) (sizeBytes << 8);
    return version == 0 ? 1 : version;
  }
}
