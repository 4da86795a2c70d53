package org.maloca.devices.virtio.ninep;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.maloca.core.linux.Errno;

/** The guest's fids by their numbers, no more than the limit. Not thread-safe. */
final class FidTable {
  private final Map<Integer, Fid> fids = new HashMap<>();
  private final int maxFids;

  FidTable(int maxFids) {
    this.maxFids = maxFids;
  }

  @Nullable Fid find(int number) {
    return fids.get(number);
  }

  Fid get(int number) throws ErrnoException {
    Fid fid = find(number);
    if (fid == null) {
      throw ErrnoException.of(Errno.EBADF);
    }
    return fid;
  }

  /** Whether a fid of that number can be added. */
  void checkFree(int number) throws ErrnoException {
    if (number == NinepServer.NOFID || fids.containsKey(number)) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    if (fids.size() >= maxFids) {
      throw ErrnoException.of(Errno.EMFILE);
    }
  }

  /** Puts a fid in, in place of one of that number. */
  void put(Fid fid) {
    fids.put(fid.number, fid);
  }

  void remove(Fid fid) {
    fids.remove(fid.number);
  }

  int count() {
    return fids.size();
  }

  Iterable<Fid> all() {
    return fids.values();
  }

  void clear() {
    fids.clear();
  }
}
