package org.maloca.devices.virtio.ninep;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.core.snapshot.SnapshotException;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;
import org.maloca.devices.virtio.ninep.SharedFile.Location;

/**
 * A session in a snapshot: fids by where their files are in the folder. The folder itself is the
 * host's and not part of it. A file that is not there any more when the session comes back, or had
 * no name left, answers ESTALE; a transfer of an extended attribute starts anew, with an error.
 */
final class SessionState {
  private static final int VERSION = 1;
  private static final int MAX_PATH_BYTES = 64 << 10;
  private static final int MAX_DEPTH = 512;

  /** Not one of the flags that the guest may open with. */
  private static final int UNOPENED = -1;

  private SessionState() {}

  static void save(Session session, SnapshotWriter writer, String name) {
    SnapshotWriter.Section section = writer.section(name, VERSION);
    section.put(session.messageBytes);
    section.put(session.fids.count());
    for (Fid fid : session.fids.all()) {
      section.put(fid.number);
      section.put(fid.uid);
      section.put(fid.opened == null ? UNOPENED : fid.flags);
      section.put(fid.file.qidPath());
      byte[] path = path(session, fid.file);
      section.put(path != null);
      section.put(path == null ? new byte[0] : path);
    }
    List<LockTable.Lock> locks = session.locks.all();
    section.put(locks.size());
    for (LockTable.Lock lock : locks) {
      section.put(lock.fid());
      section.put(lock.owner().process());
      section.put(lock.owner().client());
      section.put(lock.type());
      section.put(lock.first());
      section.put(lock.last());
    }
  }

  /** Names from the root on, each with a slash behind it; null where there is no way. */
  private static byte @Nullable [] path(Session session, SharedFile file) {
    List<byte[]> names = new ArrayList<>();
    SharedFile at = file.retain();
    try {
      while (at.qidPath() != session.root.qidPath() && names.size() < MAX_DEPTH) {
        Location location = at.locate();
        at.release();
        at = location.directory();
        names.add(location.name());
      }
      if (names.size() == MAX_DEPTH) {
        return null;
      }
    } catch (ErrnoException gone) {
      return null;
    } finally {
      at.release();
    }
    ByteArrayOutputStream path = new ByteArrayOutputStream();
    for (byte[] name : names.reversed()) {
      path.writeBytes(name);
      path.write('/');
    }
    return path.size() > MAX_PATH_BYTES ? null : path.toByteArray();
  }

  static void restore(Session session, SnapshotReader reader, String name) {
    SnapshotReader.Section section = reader.section(name, VERSION);
    session.reset();
    session.messageBytes = section.getInt();
    if (session.messageBytes < NinepServer.MIN_MESSAGE_BYTES
        || session.messageBytes > Session.MAX_MESSAGE_BYTES) {
      throw new SnapshotException(name + ": messages of " + session.messageBytes + " bytes");
    }
    try {
      int fids = section.getInt();
      for (int i = 0; i < fids; i++) {
        restoreFid(session, section);
      }
      int locks = section.getInt();
      for (int i = 0; i < locks; i++) {
        session.locks.set(lock(session, section));
      }
    } catch (ErrnoException refused) {
      throw new SnapshotException(name + ": " + refused.getMessage());
    }
  }

  private static void restoreFid(Session session, SnapshotReader.Section section)
      throws ErrnoException {
    int number = section.getInt();
    int uid = section.getInt();
    int flags = section.getInt();
    long qidPath = section.getLong();
    boolean hasPath = section.getBoolean();
    byte[] path = section.getBytes(MAX_PATH_BYTES);
    session.fids.checkFree(number);
    SharedFile file = hasPath ? find(session, path) : null;
    if (file == null) {
      session.fids.put(new Fid(number, uid, new LostFile(qidPath)));
      return;
    }
    Fid fid = new Fid(number, uid, file);
    session.fids.put(fid);
    if (flags != UNOPENED && !(session.isReadOnly && FileMode.changes(flags))) {
      try {
        fid.opened = file.open(flags & ~FileMode.O_TRUNC);
        fid.flags = flags;
      } catch (ErrnoException refused) {
        session.forget(fid);
        session.fids.put(new Fid(number, uid, new LostFile(qidPath)));
      }
    }
  }

  private static @Nullable SharedFile find(Session session, byte[] path) {
    SharedFile file = session.root.retain();
    try {
      for (int at = 0, end = 0; at < path.length; at = end + 1) {
        for (end = at; end < path.length && path[end] != '/'; ) {
          end++;
        }
        SharedFile next = file.walk(Names.check(Arrays.copyOfRange(path, at, end)));
        file.release();
        file = next;
      }
      return file;
    } catch (ErrnoException gone) {
      file.release();
      return null;
    }
  }

  private static LockTable.Lock lock(Session session, SnapshotReader.Section section)
      throws ErrnoException {
    int fid = section.getInt();
    long qidPath = session.fids.get(fid).file.qidPath();
    var owner = new LockTable.Owner(section.getInt(), section.getBytes(Names.MAX_BYTES));
    return new LockTable.Lock(
        fid, qidPath, owner, section.getInt(), section.getLong(), section.getLong());
  }
}
