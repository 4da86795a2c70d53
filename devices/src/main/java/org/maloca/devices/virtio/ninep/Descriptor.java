package org.maloca.devices.virtio.ninep;

/** Something that may have a file descriptor of the host, and can do without for a while. */
interface Descriptor {
  /** When it was used last, by {@link DescriptorTable}'s count. */
  long lastUse();

  /** Closes the descriptor, if the file can be found again without. */
  void park();

  /** Place in the {@link DescriptorTable}. */
  int slot();

  void setSlot(int slot);
}
