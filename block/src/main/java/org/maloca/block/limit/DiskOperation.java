package org.maloca.block.limit;

/** What a disk is asked for, as far as it is counted apart. */
public enum DiskOperation {
  READ,
  WRITE,
  FLUSH,
  DISCARD,
  WRITE_ZEROES
}
