package org.maloca.devices.virtio.ninep;

import org.jspecify.annotations.Nullable;
import org.maloca.core.linux.Errno;
import org.maloca.core.memory.IoVector;
import org.maloca.devices.virtio.ninep.SharedFile.Created;
import org.maloca.devices.virtio.ninep.SharedFile.NewFile;

/** Messages about open files: their bytes, entries and locks. Not thread-safe. */
final class FileOperations {
  /** Leave it to the guest how much it reads and writes at once. */
  private static final int ANY_IOUNIT = 0;

  private static final int LOCK_SUCCESS = 0;
  private static final int LOCK_BLOCKED = 1;

  /** qid[13] offset[8] type[1] and the name's length[2]. */
  private static final int ENTRY_BYTES = 24;

  private final Session session;
  private final FileStatus status = new FileStatus();
  private final IoVector data = new IoVector();

  FileOperations(Session session) {
    this.session = session;
  }

  /** Tlopen: fid[4] flags[4]. */
  void lopen(Request request, Reply reply) throws ErrnoException {
    Fid fid = session.fid(request);
    int flags = request.u32() & ~(FileMode.O_CREAT | FileMode.O_EXCL);
    fid.checkUnopened();
    if (FileMode.changes(flags)) {
      session.checkWritable();
    }
    fid.opened = fid.file.open(flags);
    fid.flags = flags;
    putOpened(reply, fid.file);
  }

  /** Tlcreate: fid[4] name[s] flags[4] mode[4] gid[4]. The fid becomes the new file's. */
  void lcreate(Request request, Reply reply) throws ErrnoException {
    Fid directory = session.fid(request);
    byte[] name = request.name();
    int flags = request.u32();
    int permissions = FileMode.permissions(request.u32(), false);
    int gid = session.owners.groupToHost(request.u32());
    directory.checkUnopened();
    session.checkWritable();
    Created created =
        directory.file.create(name, flags, new NewFile(permissions, directory.uid, gid));
    Fid fid = new Fid(directory.number, directory.uid, created.file());
    fid.opened = created.opened();
    fid.flags = flags & ~(FileMode.O_CREAT | FileMode.O_EXCL | FileMode.O_TRUNC);
    session.forget(directory);
    session.fids.put(fid);
    putOpened(reply, fid.file);
  }

  private void putOpened(Reply reply, SharedFile file) throws ErrnoException {
    file.status(status);
    reply.qid(file.type(), status.version(), file.qidPath());
    reply.u32(ANY_IOUNIT);
  }

  /** Tread: fid[4] offset[8] count[4]. */
  void read(Request request, Reply reply) throws ErrnoException {
    Fid fid = session.fid(request);
    long offset = request.u64();
    long count = request.u32() & 0xffff_ffffL;
    int countPosition = reply.position();
    reply.u32(0);
    reply.dataRoom(count, data);
    long read =
        fid.attribute != null ? fid.attribute.read(offset, data) : fid.opened().read(offset, data);
    reply.setU32(countPosition, (int) read);
    reply.dataWritten(read);
  }

  /** Twrite: fid[4] offset[8] count[4] data[count]. */
  void write(Request request, Reply reply) throws ErrnoException {
    Fid fid = session.fid(request);
    long offset = request.u64();
    long count = request.u32() & 0xffff_ffffL;
    if (count > session.messageBytes) {
      throw ErrnoException.of(Errno.EMSGSIZE);
    }
    request.data(count, data);
    reply.u32(
        fid.attribute != null
            ? fid.attribute.write(offset, data)
            : fid.opened().write(offset, data));
  }

  /** Treaddir: fid[4] offset[8] count[4]. */
  void readdir(Request request, Reply reply) throws ErrnoException {
    Fid fid = session.fid(request);
    long offset = request.u64();
    long count = request.u32() & 0xffff_ffffL;
    int countPosition = reply.position();
    reply.u32(0);
    int start = reply.position();
    int room = (int) Math.min(count, reply.fieldRoom());
    if (room < ENTRY_BYTES + Names.MAX_BYTES) {
      // The end of the directory is told by no entries, so there has to be room for one.
      throw ErrnoException.of(Errno.EINVAL);
    }
    if (fid.file.type() != FileMode.S_IFDIR) {
      throw ErrnoException.of(Errno.ENOTDIR);
    }
    fid.opened()
        .list(
            offset,
            (qidPath, nextOffset, type, name, nameBytes) -> {
              if (reply.position() - start + ENTRY_BYTES + nameBytes > room) {
                return false;
              }
              putEntry(reply, qidPath, nextOffset, type, name, nameBytes);
              return true;
            });
    reply.setU32(countPosition, reply.position() - start);
  }

  private static void putEntry(
      Reply reply, long qidPath, long nextOffset, int type, byte[] name, int nameBytes)
      throws ErrnoException {
    // d_type is the mode's file type, shifted.
    reply.qid(type << 12, 0, qidPath);
    reply.u64(nextOffset);
    reply.u8(type);
    reply.u16(nameBytes);
    reply.raw(name, 0, nameBytes);
  }

  /** Tfsync: fid[4] datasync[4]; the latter came later. */
  void fsync(Request request) throws ErrnoException {
    Fid fid = session.fid(request);
    fid.opened().sync(request.hasMore() && request.u32() != 0);
  }

  /** Tlock: fid[4] type[1] flags[4] start[8] length[8] proc_id[4] client_id[s]. */
  void lock(Request request, Reply reply) throws ErrnoException {
    Fid fid = session.fid(request);
    fid.opened();
    int type = request.u8();
    request.u32();
    boolean isDone = session.locks.set(lock(fid, type, request));
    reply.u8(isDone ? LOCK_SUCCESS : LOCK_BLOCKED);
  }

  /** Tgetlock: fid[4] type[1] start[8] length[8] proc_id[4] client_id[s]. */
  void getlock(Request request, Reply reply) throws ErrnoException {
    Fid fid = session.fid(request);
    fid.opened();
    LockTable.Lock wanted = lock(fid, request.u8(), request);
    LockTable.@Nullable Lock held = session.locks.conflicting(wanted);
    LockTable.Lock told = held == null ? wanted : held;
    reply.u8(held == null ? LockTable.UNLCK : held.type());
    reply.u64(told.first());
    reply.u64(told.last() == Long.MAX_VALUE ? 0 : told.last() - told.first() + 1);
    reply.u32(told.owner().process());
    reply.string(told.owner().client());
  }

  private static LockTable.Lock lock(Fid fid, int type, Request request) throws ErrnoException {
    long first = request.u64();
    long length = request.u64();
    int process = request.u32();
    byte[] client = request.string();
    if (type > LockTable.UNLCK || first < 0 || length < 0 || length > Long.MAX_VALUE - first) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    if (client.length > Names.MAX_BYTES) {
      throw ErrnoException.of(Errno.ENAMETOOLONG);
    }
    long last = length == 0 ? Long.MAX_VALUE : first + length - 1;
    LockTable.Owner owner = new LockTable.Owner(process, client);
    return new LockTable.Lock(fid.number, fid.file.qidPath(), owner, type, first, last);
  }

  /** Tclunk: fid[4]. The fid is gone even when its last work fails. */
  void clunk(Request request) throws ErrnoException {
    Fid fid = session.fid(request);
    try {
      if (fid.attribute != null) {
        fid.attribute.finish(fid.file);
      }
    } finally {
      session.forget(fid);
    }
  }
}
