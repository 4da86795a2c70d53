package org.maloca.devices.virtio.ninep;

import org.maloca.core.linux.Errno;

/** What lasts from one request of the guest to the next. Not thread-safe. */
final class Session {
  /**
   * The same as of an Rread or Twrite: what a message may have beside its data (Linux's number).
   */
  static final int IO_HEADER_BYTES = 24;

  static final int MAX_MESSAGE_BYTES = (512 << 10) + IO_HEADER_BYTES;

  final SharedFile root;
  final boolean isReadOnly;
  final FidTable fids;
  final LockTable locks;
  final GuestOwners owners;

  /** Most bytes of a message, as agreed upon. */
  int messageBytes = MAX_MESSAGE_BYTES;

  private final int maxAttributeBytes;
  private int attributeBytes;

  Session(SharedFile root, NinepConfig config) {
    this.root = root;
    isReadOnly = config.isReadOnly();
    fids = new FidTable(config.limits().fids());
    locks = new LockTable(config.limits().locks());
    owners = GuestOwners.of(config.owner());
    maxAttributeBytes = config.limits().attributeBytes();
  }

  /** The fid whose number comes next in a request. */
  Fid fid(Request request) throws ErrnoException {
    return fids.get(request.u32());
  }

  /** Whether work on a fid waits for nobody but the host's own disks. */
  boolean isQuick(int fidNumber) {
    Fid fid = fids.find(fidNumber);
    return fid == null || fid.file.isQuick();
  }

  void checkWritable() throws ErrnoException {
    if (isReadOnly) {
      throw ErrnoException.of(Errno.EROFS);
    }
  }

  /** Counts bytes that a fid will keep in our memory. */
  void acquireAttribute(int bytes) throws ErrnoException {
    if (bytes > maxAttributeBytes - attributeBytes) {
      throw ErrnoException.of(Errno.ENOMEM);
    }
    attributeBytes += bytes;
  }

  /** Lets go of a fid. */
  void forget(Fid fid) {
    fids.remove(fid);
    release(fid);
  }

  private void release(Fid fid) {
    if (fid.attribute != null) {
      attributeBytes -= fid.attribute.sizeBytes();
      fid.attribute = null;
    }
    locks.releaseAllOf(fid.number);
    fid.release();
  }

  /** Lets go of everything. */
  void reset() {
    for (Fid fid : fids.all()) {
      release(fid);
    }
    fids.clear();
    locks.clear();
    messageBytes = MAX_MESSAGE_BYTES;
  }
}
