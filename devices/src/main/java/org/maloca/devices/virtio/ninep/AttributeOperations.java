package org.maloca.devices.virtio.ninep;

import org.maloca.core.linux.Errno;

/** Messages about what is known of files: attributes, plain and extended. Not thread-safe. */
final class AttributeOperations {
  // Of Tgetattr's mask.
  private static final long GETATTR_BASIC = 0x7ff;
  private static final long GETATTR_BTIME = 0x800;

  // Of Tsetattr's mask.
  private static final int SETATTR_MODE = 1;
  private static final int SETATTR_UID = 2;
  private static final int SETATTR_GID = 4;
  private static final int SETATTR_SIZE = 8;
  private static final int SETATTR_ATIME = 0x10;
  private static final int SETATTR_MTIME = 0x20;
  private static final int SETATTR_ATIME_SET = 0x80;
  private static final int SETATTR_MTIME_SET = 0x100;

  private static final long NANOS_PER_SECOND = 1_000_000_000;
  private static final int KEEP = -1;

  private final Session session;
  private final FileStatus status = new FileStatus();
  private final FolderStatus folderStatus = new FolderStatus();

  AttributeOperations(Session session) {
    this.session = session;
  }

  /** Tstatfs: fid[4]. */
  void statfs(Request request, Reply reply) throws ErrnoException {
    session.fid(request).file.folderStatus(folderStatus);
    reply.u32(folderStatus.type);
    reply.u32(folderStatus.blockBytes);
    reply.u64(folderStatus.blocks);
    reply.u64(folderStatus.freeBlocks);
    reply.u64(folderStatus.availableBlocks);
    reply.u64(folderStatus.files);
    reply.u64(folderStatus.freeFiles);
    reply.u64(folderStatus.id);
    reply.u32(folderStatus.nameBytes);
  }

  /** Tgetattr: fid[4] request_mask[8]. All that is known comes, whatever was asked for. */
  void getattr(Request request, Reply reply) throws ErrnoException {
    SharedFile file = session.fid(request).file;
    request.u64();
    file.status(status);
    reply.u64(GETATTR_BASIC | (status.hasBirth ? GETATTR_BTIME : 0));
    reply.qid(status.mode, status.version(), file.qidPath());
    reply.u32(status.mode);
    reply.u32(session.owners.userToGuest(status.uid));
    reply.u32(session.owners.groupToGuest(status.gid));
    reply.u64(status.links);
    reply.u64(status.deviceNumber);
    reply.u64(status.sizeBytes);
    reply.u64(status.blockBytes);
    reply.u64(status.blocks);
    reply.u64(status.accessSeconds);
    reply.u64(status.accessNanos);
    reply.u64(status.modifySeconds);
    reply.u64(status.modifyNanos);
    reply.u64(status.changeSeconds);
    reply.u64(status.changeNanos);
    reply.u64(status.birthSeconds);
    reply.u64(status.birthNanos);
    reply.u64(0);
    reply.u64(0);
  }

  /**
   * Tsetattr: fid[4] valid[4] mode[4] uid[4] gid[4] size[8] atime_sec[8] atime_nsec[8] mtime_sec[8]
   * mtime_nsec[8].
   */
  void setattr(Request request) throws ErrnoException {
    Fid fid = session.fid(request);
    int valid = request.u32();
    int mode = request.u32();
    int uid = request.u32();
    int gid = request.u32();
    long sizeBytes = request.u64();
    long accessSeconds = request.u64();
    long accessNanos = request.u64();
    long modifySeconds = request.u64();
    long modifyNanos = request.u64();
    session.checkWritable();
    if ((valid & (SETATTR_UID | SETATTR_GID)) != 0) {
      fid.file.setOwner(
          (valid & SETATTR_UID) != 0 ? session.owners.userToHost(uid) : KEEP,
          (valid & SETATTR_GID) != 0 ? session.owners.groupToHost(gid) : KEEP);
    }
    if ((valid & SETATTR_MODE) != 0) {
      boolean isDirectory = fid.file.type() == FileMode.S_IFDIR;
      fid.file.setPermissions(FileMode.permissions(mode, isDirectory));
    }
    if ((valid & SETATTR_SIZE) != 0) {
      setSize(fid, sizeBytes);
    }
    if ((valid & (SETATTR_ATIME | SETATTR_MTIME)) != 0) {
      fid.file.setTimes(
          accessSeconds,
          nanos(valid, SETATTR_ATIME, SETATTR_ATIME_SET, accessNanos),
          modifySeconds,
          nanos(valid, SETATTR_MTIME, SETATTR_MTIME_SET, modifyNanos));
    }
  }

  private static void setSize(Fid fid, long sizeBytes) throws ErrnoException {
    if (sizeBytes < 0) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    if (fid.opened != null && fid.file.type() == FileMode.S_IFREG) {
      fid.opened.setSize(sizeBytes);
    } else {
      fid.file.setSize(sizeBytes);
    }
  }

  private static long nanos(int valid, int wanted, int given, long nanos) throws ErrnoException {
    if ((valid & wanted) == 0) {
      return SharedFile.OMIT;
    }
    if ((valid & given) == 0) {
      return SharedFile.NOW;
    }
    if (nanos < 0 || nanos >= NANOS_PER_SECOND) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return nanos;
  }

  /** Txattrwalk: fid[4] newfid[4] name[s]; without a name it is the list of all. */
  void xattrwalk(Request request, Reply reply) throws ErrnoException {
    Fid from = session.fid(request);
    int newNumber = request.u32();
    byte[] name = attributeName(request);
    session.fids.checkFree(newNumber);
    byte[] value =
        name.length == 0 ? from.file.extendedAttributeNames() : from.file.extendedAttribute(name);
    reply.u64(value.length);
    session.acquireAttribute(value.length);
    Fid fid = new Fid(newNumber, from.uid, from.file.retain());
    fid.attribute = AttributeTransfer.reading(value);
    session.fids.put(fid);
  }

  /** Txattrcreate: fid[4] name[s] attr_size[8] flags[4]. */
  void xattrcreate(Request request) throws ErrnoException {
    Fid fid = session.fid(request);
    byte[] name = attributeName(request);
    long sizeBytes = request.u64();
    int flags = request.u32();
    session.checkWritable();
    fid.checkUnopened();
    if (sizeBytes < 0 || sizeBytes > AttributeTransfer.MAX_BYTES) {
      throw ErrnoException.of(Errno.ERANGE);
    }
    session.acquireAttribute((int) sizeBytes);
    fid.attribute = AttributeTransfer.writing(name, (int) sizeBytes, flags);
  }

  private static byte[] attributeName(Request request) throws ErrnoException {
    byte[] name = Names.checkNoZero(request.string());
    if (name.length > Names.MAX_BYTES) {
      throw ErrnoException.of(Errno.ERANGE);
    }
    return name;
  }
}
