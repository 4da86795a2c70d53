package org.maloca.devices.virtio.ninep;

import org.jspecify.annotations.Nullable;
import org.maloca.core.linux.Errno;
import org.maloca.devices.virtio.ninep.SharedFile.Location;
import org.maloca.devices.virtio.ninep.SharedFile.NewFile;

/** Messages about names: finding, making, moving and removing them. Not thread-safe. */
final class NamespaceOperations {
  /** {@code MAXWELEM}: the most names that a walk has. */
  private static final int MAX_WALK_NAMES = 16;

  private static final int AT_REMOVEDIR = 0x200;

  /** A symbolic link leads anywhere on Linux. */
  private static final int LINK_PERMISSIONS = 0777;

  private static final int QID_BYTES = 13;

  private final Session session;

  NamespaceOperations(Session session) {
    this.session = session;
  }

  /** Twalk: fid[4] newfid[4] nwname[2] nwname*(wname[s]). */
  void walk(Request request, Reply reply) throws ErrnoException {
    Fid from = session.fid(request);
    int newNumber = request.u32();
    int names = request.u16();
    if (names > MAX_WALK_NAMES) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    if (newNumber == from.number) {
      from.checkUnopened();
    } else {
      session.fids.checkFree(newNumber);
    }
    int countPosition = reply.position();
    reply.u16(0);
    if (names * QID_BYTES > reply.fieldRoom()) {
      throw ErrnoException.of(Errno.EMSGSIZE);
    }
    SharedFile file = from.file.retain();
    int done = 0;
    try {
      while (done < names) {
        SharedFile next = step(file, request, done);
        if (next == null) {
          break;
        }
        file.release();
        file = next;
        putQid(reply, file);
        done++;
      }
      reply.setU16(countPosition, done);
    } catch (ErrnoException refused) {
      file.release();
      throw refused;
    }
    if (done < names) {
      file.release();
      return;
    }
    if (newNumber == from.number) {
      session.forget(from);
    }
    session.fids.put(new Fid(newNumber, from.uid, file));
  }

  /** One step of a walk; null where it ends early, which is an error only at the first name. */
  private static @Nullable SharedFile step(SharedFile directory, Request request, int done)
      throws ErrnoException {
    try {
      return directory.walk(Names.checkComponent(request.string()));
    } catch (ErrnoException missing) {
      if (done == 0) {
        throw missing;
      }
      return null;
    }
  }

  /** Tsymlink: fid[4] name[s] symtgt[s] gid[4]. */
  void symlink(Request request, Reply reply) throws ErrnoException {
    Fid directory = changing(request);
    byte[] name = request.name();
    byte[] target = Names.checkNoZero(request.string());
    int gid = session.owners.groupToHost(request.u32());
    directory.file.makeSymbolicLink(
        name, target, new NewFile(LINK_PERMISSIONS, directory.uid, gid));
    putQid(reply, directory, name);
  }

  /** Tmknod: dfid[4] name[s] mode[4] major[4] minor[4] gid[4]. */
  void mknod(Request request, Reply reply) throws ErrnoException {
    Fid directory = changing(request);
    byte[] name = request.name();
    int mode = request.u32();
    request.u32();
    request.u32();
    int gid = session.owners.groupToHost(request.u32());
    int type = (mode & FileMode.S_IFMT) == 0 ? FileMode.S_IFREG : mode & FileMode.S_IFMT;
    switch (type) {
      case FileMode.S_IFREG, FileMode.S_IFIFO, FileMode.S_IFSOCK ->
          directory.file.makeNode(
              name, type, new NewFile(FileMode.permissions(mode, false), directory.uid, gid));
      // A device's node would be one of the host's devices.
      default -> throw ErrnoException.of(Errno.EPERM);
    }
    putQid(reply, directory, name);
  }

  /** Tmkdir: dfid[4] name[s] mode[4] gid[4]. */
  void mkdir(Request request, Reply reply) throws ErrnoException {
    Fid directory = changing(request);
    byte[] name = request.name();
    int permissions = FileMode.permissions(request.u32(), true);
    int gid = session.owners.groupToHost(request.u32());
    directory.file.makeDirectory(name, new NewFile(permissions, directory.uid, gid));
    putQid(reply, directory, name);
  }

  /** Tlink: dfid[4] fid[4] name[s]. */
  void link(Request request) throws ErrnoException {
    Fid directory = changing(request);
    Fid file = session.fid(request);
    directory.file.link(file.file, request.name());
  }

  /** Trename: fid[4] dfid[4] name[s]. */
  void rename(Request request) throws ErrnoException {
    Fid fid = changing(request);
    Fid newDirectory = session.fid(request);
    byte[] newName = request.name();
    Location location = fid.file.locate();
    try {
      location.directory().rename(location.name(), newDirectory.file, newName);
    } finally {
      location.directory().release();
    }
  }

  /** Trenameat: olddirfid[4] oldname[s] newdirfid[4] newname[s]. */
  void renameat(Request request) throws ErrnoException {
    Fid directory = changing(request);
    byte[] name = request.name();
    Fid newDirectory = session.fid(request);
    directory.file.rename(name, newDirectory.file, request.name());
  }

  /** Tunlinkat: dirfd[4] name[s] flags[4]. */
  void unlinkat(Request request) throws ErrnoException {
    Fid directory = changing(request);
    byte[] name = request.name();
    directory.file.unlink(name, (request.u32() & AT_REMOVEDIR) != 0);
  }

  /** Tremove: fid[4]. The fid is clunked even when the file stays. */
  void remove(Request request) throws ErrnoException {
    Fid fid = session.fid(request);
    try {
      session.checkWritable();
      Location location = fid.file.locate();
      try {
        location.directory().unlink(location.name(), fid.file.type() == FileMode.S_IFDIR);
      } finally {
        location.directory().release();
      }
    } finally {
      session.forget(fid);
    }
  }

  /** Treadlink: fid[4]. */
  void readlink(Request request, Reply reply) throws ErrnoException {
    reply.string(session.fid(request).file.readLink());
  }

  private Fid changing(Request request) throws ErrnoException {
    Fid fid = session.fid(request);
    session.checkWritable();
    return fid;
  }

  static void putQid(Reply reply, SharedFile file) throws ErrnoException {
    reply.qid(file.type(), file.foundVersion(), file.qidPath());
  }

  private static void putQid(Reply reply, Fid directory, byte[] name) throws ErrnoException {
    SharedFile made = directory.file.walk(name);
    try {
      putQid(reply, made);
    } finally {
      made.release();
    }
  }
}
