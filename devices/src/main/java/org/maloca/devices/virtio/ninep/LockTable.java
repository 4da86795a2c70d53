package org.maloca.devices.virtio.ninep;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.core.linux.Errno;

/**
 * The byte ranges of files that the guest's processes have locked, against each other and not
 * against the host's ({@code fcntl(2)} gives them to a process as a whole, and all are ours).
 * Nobody waits here: Linux asks again. Not thread-safe.
 */
final class LockTable {
  static final int RDLCK = 0;
  static final int WRLCK = 1;
  static final int UNLCK = 2;

  /** Whoever holds locks: the same process of the same client. */
  record Owner(int process, byte[] client) {
    boolean isSame(Owner other) {
      return process == other.process && Arrays.equals(client, other.client);
    }
  }

  /**
   * A locked range.
   *
   * @param fid through which it was locked; it is let go with it
   * @param last byte of the range, included
   */
  record Lock(int fid, long qidPath, Owner owner, int type, long first, long last) {
    private boolean overlaps(Lock other) {
      return qidPath == other.qidPath && first <= other.last && other.first <= last;
    }

    private boolean conflicts(Lock other) {
      return overlaps(other)
          && !owner.isSame(other.owner)
          && (type == WRLCK || other.type == WRLCK);
    }

    private Lock with(long newFirst, long newLast) {
      return new Lock(fid, qidPath, owner, type, newFirst, newLast);
    }
  }

  private final int maxLocks;
  private List<Lock> locks = new ArrayList<>();

  LockTable(int maxLocks) {
    this.maxLocks = maxLocks;
  }

  /** A lock that stands in the way of another one. */
  @Nullable Lock conflicting(Lock wanted) {
    for (Lock held : locks) {
      if (held.conflicts(wanted)) {
        return held;
      }
    }
    return null;
  }

  /**
   * Locks a range or, with type {@link #UNLCK}, unlocks it, in place of what the owner held there.
   *
   * @return false when another owner's lock stands in the way
   */
  boolean set(Lock wanted) throws ErrnoException {
    if (wanted.type != UNLCK && conflicting(wanted) != null) {
      return false;
    }
    List<Lock> after = new ArrayList<>(locks.size() + 2);
    for (Lock held : locks) {
      if (!held.overlaps(wanted) || !held.owner.isSame(wanted.owner)) {
        after.add(held);
        continue;
      }
      if (held.first < wanted.first) {
        after.add(held.with(held.first, wanted.first - 1));
      }
      if (held.last > wanted.last) {
        after.add(held.with(wanted.last + 1, held.last));
      }
    }
    if (wanted.type != UNLCK) {
      after.add(wanted);
    }
    if (after.size() > maxLocks && after.size() > locks.size()) {
      throw ErrnoException.of(Errno.ENOLCK);
    }
    locks = after;
    return true;
  }

  void releaseAllOf(int fid) {
    if (!locks.isEmpty()) {
      locks.removeIf(held -> held.fid == fid);
    }
  }

  void clear() {
    locks.clear();
  }

  List<Lock> all() {
    return List.copyOf(locks);
  }
}
