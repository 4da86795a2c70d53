package org.maloca.devices.virtio.ninep;

/**
 * What is known of the file system that a file is on ({@code statfs(2)}); filled again and again.
 */
final class FolderStatus {
  int type;
  int blockBytes;
  long blocks;
  long freeBlocks;
  long availableBlocks;
  long files;
  long freeFiles;
  long id;
  int nameBytes;
}
