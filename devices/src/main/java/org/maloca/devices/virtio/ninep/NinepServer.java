package org.maloca.devices.virtio.ninep;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.maloca.core.defect.DefectLog;
import org.maloca.core.linux.Errno;
import org.maloca.core.memory.IoVector;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * A server of 9P2000.L for one guest: takes a request, works on the shared folder and answers. The
 * messages are those of 9P2000 (Plan 9 manual, section 5) and of its Linux dialect as {@code
 * net/9p} of Linux speaks it; failures are Rlerror with Linux's error numbers.
 *
 * <p>Requests are served one after the other, so the one that a Tflush names has always been
 * answered. Nothing waits for the guest or another process: locks are refused in place of waited
 * for, FIFOs and devices of the host are not opened. Safe for any thread; what the folder's file
 * system takes is taken under the lock.
 */
public final class NinepServer implements AutoCloseable {
  /** No fid. */
  static final int NOFID = -1;

  /** What {@link #serveAtOnce} answers when the request may take long. */
  static final long NOT_AT_ONCE = -1;

  static final int MIN_MESSAGE_BYTES = 4096;

  /** A local file system is slower than this only when it waits for a disk that is busy. */
  private static final long QUICK_NANOS = 100_000_000;

  private static final long PATIENT_NANOS = 1_000_000_000;

  private final DefectLog defects = new DefectLog(System.getLogger(NinepServer.class.getName()));
  private static final byte[] DIALECT = "9P2000.L".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] UNKNOWN = "unknown".getBytes(StandardCharsets.US_ASCII);

  private final SharedFolder folder;
  private final NinepConfig config;
  private final Session session;
  private final NamespaceOperations names;
  private final FileOperations files;
  private final AttributeOperations attributes;
  private final Request request = new Request();
  private final Reply reply = new Reply();
  private boolean isClosed;

  /** Until then no request is taken for quick ({@link System#nanoTime}). */
  private long patientUntilNanos = System.nanoTime();

  private NinepServer(SharedFolder folder, NinepConfig config) {
    this.folder = folder;
    this.config = config;
    session = new Session(folder.root(), config);
    names = new NamespaceOperations(session);
    files = new FileOperations(session);
    attributes = new AttributeOperations(session);
  }

  /**
   * Opens the folder.
   *
   * @throws IOException when that is no directory or cannot be opened
   */
  public static NinepServer open(NinepConfig config) throws IOException {
    return new NinepServer(SharedFolder.open(config), config);
  }

  static NinepServer of(SharedFolder folder, NinepConfig config) {
    return new NinepServer(folder, config);
  }

  /**
   * Another server for the same folder, without what the guest has in this one. Nothing of the
   * folder's file system is asked; safe while this one is at work.
   */
  NinepServer another() {
    return new NinepServer(folder.another(), config);
  }

  /**
   * Serves a request.
   *
   * @param message the request
   * @param answer room for the reply
   * @return bytes of the reply; 0 where there is no room even for an error, or no request
   */
  public synchronized long serve(IoVector message, IoVector answer) {
    return isClosed || !request.take(message) ? 0 : answer(answer);
  }

  /**
   * Serves a request if that takes no longer than a few system calls that wait for nobody, as far
   * as can be told: not those that wait for the disk by their meaning, nor those on file systems
   * that wait for other machines or processes, nor any for a while after one that took long.
   *
   * @return as {@link #serve}, or {@link #NOT_AT_ONCE}, and then nothing was done
   */
  synchronized long serveAtOnce(IoVector message, IoVector answer) {
    if (isClosed || !request.take(message)) {
      return 0;
    }
    long startNanos = System.nanoTime();
    if (!isQuick() || startNanos - patientUntilNanos < 0) {
      return NOT_AT_ONCE;
    }
    long bytes = answer(answer);
    long endNanos = System.nanoTime();
    if (endNanos - startNanos > QUICK_NANOS) {
      patientUntilNanos = endNanos + PATIENT_NANOS;
    }
    return bytes;
  }

  private boolean isQuick() {
    return switch (request.type()) {
      case MessageType.TVERSION,
          MessageType.TAUTH,
          MessageType.TATTACH,
          MessageType.TFSYNC,
          MessageType.TFLUSH ->
          false;
      default -> session.isQuick(request.firstField());
    };
  }

  private long answer(IoVector answer) {
    int type = request.type();
    int tag = request.tag();
    reply.begin(answer, session.messageBytes);
    try {
      request.checkSize(session.messageBytes);
      if (answer.bytes() < Request.HEADER_BYTES) {
        return 0;
      }
      dispatch(type);
      return reply.finish(type + 1, tag);
    } catch (ErrnoException refused) {
      return reply.fail(tag, refused.errno());
    } catch (RuntimeException | Error broken) {
      defects.tell("shared folder: message type " + type, broken);
      return reply.fail(tag, Errno.EIO);
    }
  }

  private void dispatch(int type) throws ErrnoException {
    switch (type) {
      case MessageType.TVERSION -> version();
      case MessageType.TAUTH -> throw ErrnoException.of(Errno.EOPNOTSUPP);
      case MessageType.TATTACH -> attach();
      case MessageType.TFLUSH -> request.u16();
      case MessageType.TWALK -> names.walk(request, reply);
      case MessageType.TSYMLINK -> names.symlink(request, reply);
      case MessageType.TMKNOD -> names.mknod(request, reply);
      case MessageType.TMKDIR -> names.mkdir(request, reply);
      case MessageType.TLINK -> names.link(request);
      case MessageType.TRENAME -> names.rename(request);
      case MessageType.TRENAMEAT -> names.renameat(request);
      case MessageType.TUNLINKAT -> names.unlinkat(request);
      case MessageType.TREMOVE -> names.remove(request);
      case MessageType.TREADLINK -> names.readlink(request, reply);
      case MessageType.TLOPEN -> files.lopen(request, reply);
      case MessageType.TLCREATE -> files.lcreate(request, reply);
      case MessageType.TREAD -> files.read(request, reply);
      case MessageType.TWRITE -> files.write(request, reply);
      case MessageType.TREADDIR -> files.readdir(request, reply);
      case MessageType.TFSYNC -> files.fsync(request);
      case MessageType.TLOCK -> files.lock(request, reply);
      case MessageType.TGETLOCK -> files.getlock(request, reply);
      case MessageType.TCLUNK -> files.clunk(request);
      case MessageType.TSTATFS -> attributes.statfs(request, reply);
      case MessageType.TGETATTR -> attributes.getattr(request, reply);
      case MessageType.TSETATTR -> attributes.setattr(request);
      case MessageType.TXATTRWALK -> attributes.xattrwalk(request, reply);
      case MessageType.TXATTRCREATE -> attributes.xattrcreate(request);
      default -> throw ErrnoException.of(Errno.EOPNOTSUPP);
    }
  }

  /** Starts the conversation anew: all that was is forgotten. */
  private void version() throws ErrnoException {
    long wanted = request.u32() & 0xffff_ffffL;
    byte[] dialect = request.string();
    if (wanted < MIN_MESSAGE_BYTES) {
      throw ErrnoException.of(Errno.EMSGSIZE);
    }
    session.reset();
    session.messageBytes = (int) Math.min(wanted, Session.MAX_MESSAGE_BYTES);
    reply.u32(session.messageBytes);
    reply.string(Arrays.equals(dialect, DIALECT) ? DIALECT : UNKNOWN);
  }

  /** Gives a fid for the folder itself, whatever name the guest has for it. */
  private void attach() throws ErrnoException {
    int number = request.u32();
    if (request.u32() != NOFID) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    request.string();
    request.string();
    int uid = request.u32();
    session.fids.checkFree(number);
    NamespaceOperations.putQid(reply, session.root);
    session.fids.put(new Fid(number, session.owners.userToHost(uid), session.root.retain()));
  }

  /** Forgets the guest's handles and locks, as when it starts anew. */
  public synchronized void reset() {
    if (!isClosed) {
      session.reset();
    }
  }

  /** Puts the session into a snapshot; the folder's content is not part of it. */
  synchronized void save(SnapshotWriter writer, String section) {
    SessionState.save(session, writer, section);
  }

  synchronized void restore(SnapshotReader reader, String section) {
    SessionState.restore(session, reader, section);
  }

  /** Number of fids that the guest has. */
  synchronized int fidCount() {
    return session.fids.count();
  }

  @Override
  public synchronized void close() {
    if (!isClosed) {
      isClosed = true;
      session.reset();
      folder.close();
    }
  }
}
