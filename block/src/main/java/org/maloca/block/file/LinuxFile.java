package org.maloca.block.file;

import static org.maloca.core.linux.Errno.EINTR;
import static org.maloca.core.linux.LinuxCalls.IOVEC_BYTES;
import static org.maloca.core.linux.LinuxCalls.IOV_MAX;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.locks.StampedLock;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.HostFile.Option;
import org.maloca.core.backend.DiskFullException;
import org.maloca.core.linux.Errno;
import org.maloca.core.linux.LinuxCalls;
import org.maloca.core.linux.OpenFlags;
import org.maloca.core.memory.HostMemory;
import org.maloca.core.memory.IoVector;

/**
 * A file by Linux's positional calls: {@code preadv(2)}, {@code pwritev(2)}, {@code fallocate(2)},
 * {@code lseek(2)} and {@code fdatasync(2)}. A request allocates nothing: what it needs belongs to
 * its thread.
 */
final class LinuxFile implements ImageFile {
  private static final int MODE_RW_ALL = 0666;
  private static final int BOUNCE_BYTES = 1 << 20;
  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

  private final Path path;
  private final int fd;
  private final boolean isReadOnly;
  private final boolean neverFlushes;

  /** What addresses, lengths and positions must be multiples of; 1 with the page cache. */
  private final int alignment;

  /** What may be done at once. */
  private final Promptness promptness;

  private final Durability durability;

  /** Null where nothing is flushed, or there is no page cache. */
  private final @Nullable EarlyWriteback writeback;

  /** Held shared by each call, so that the descriptor's number is not another file's by then. */
  private final StampedLock life = new StampedLock();

  private boolean isClosed;

  private LinuxFile(Path path, int fd, Set<Option> options, int alignment, Promptness promptness) {
    this.path = path;
    this.fd = fd;
    this.isReadOnly = options.contains(Option.READ_ONLY);
    this.neverFlushes = options.contains(Option.NEVER_FLUSH);
    this.alignment = alignment;
    this.promptness = promptness;
    durability = new Durability(path.toString());
    writeback =
        alignment == 1 && !isReadOnly && !neverFlushes
            ? new EarlyWriteback(this::beginToWrite)
            : null;
  }

  static LinuxFile open(Path path, Set<Option> options) throws IOException {
    boolean isReadOnly = options.contains(Option.READ_ONLY);
    int flags = OpenFlags.O_CLOEXEC | (isReadOnly ? OpenFlags.O_RDONLY : OpenFlags.O_RDWR);
    if (options.contains(Option.CREATE_NEW)) {
      flags |= OpenFlags.O_CREAT | OpenFlags.O_EXCL;
    } else if (options.contains(Option.CREATE)) {
      flags |= OpenFlags.O_CREAT;
    }
    String name = path.toString();
    boolean isDirect = options.contains(Option.DIRECT);
    int fd = LinuxCalls.open(name, isDirect ? flags | OpenFlags.O_DIRECT : flags, MODE_RW_ALL);
    if (fd == -Errno.EINVAL && isDirect) {
      isDirect = false;
      fd = LinuxCalls.open(name, flags & ~OpenFlags.O_EXCL, MODE_RW_ALL);
    }
    switch (-fd) {
      case Errno.ENOENT -> throw new NoSuchFileException(name);
      case Errno.EEXIST -> throw new FileAlreadyExistsException(name);
      case Errno.EACCES, Errno.EPERM, Errno.EROFS -> throw new AccessDeniedException(name);
      default -> {
        if (fd < 0) {
          throw new IOException("%s: cannot be opened: %s".formatted(name, Errno.describe(-fd)));
        }
      }
    }
    try {
      if (!options.contains(Option.UNLOCKED)) {
        LinuxImageLock.acquire(fd, path, !isReadOnly);
      }
      LinuxFile file =
          new LinuxFile(
              path,
              fd,
              options,
              isDirect ? probeAlignment(fd) : 1,
              isDirect ? Promptness.none() : Promptness.of(fd));
      if (LinuxCalls.lseek(fd, 0, LinuxCalls.SEEK_END) < 0) {
        throw new IOException(name + ": is neither a file nor a disk");
      }
      if (options.contains(Option.CREATE)) {
        file.setSize(0);
      }
      return file;
    } catch (Throwable failure) {
      int ignored = LinuxCalls.close(fd);
      throw failure;
    }
  }

  /** Disks of 512-byte sectors take direct transfers of as little; the others say no. */
  private static int probeAlignment(int fd) {
    long address = SCRATCH.get().bounce() + 512;
    return LinuxCalls.pread(fd, address, 512, 512) == -Errno.EINVAL ? 4096 : 512;
  }

  @Override
  public String name() {
    return path.toString();
  }

  @Override
  public boolean isReadOnly() {
    return isReadOnly;
  }

  @Override
  public long size() throws IOException {
    long stamp = enter();
    try {
      return check(LinuxCalls.lseek(fd, 0, LinuxCalls.SEEK_END), "size");
    } finally {
      life.unlockRead(stamp);
    }
  }

  @Override
  public void setSize(long bytes) throws IOException {
    long stamp = enter();
    try {
      check(LinuxCalls.ftruncate(fd, bytes), "change of size");
    } finally {
      durability.changed();
      life.unlockRead(stamp);
    }
  }

  @Override
  public void read(long position, ByteBuffer target) throws IOException {
    Scratch scratch = SCRATCH.get();
    long at = position;
    while (target.hasRemaining()) {
      int length = Math.min(target.remaining(), BOUNCE_BYTES);
      scratch.single.clear();
      scratch.single.add(scratch.copies(), length);
      read(at, scratch.single);
      target.put(scratch.copyBuffer(length));
      at += length;
    }
  }

  @Override
  public void write(long position, ByteBuffer source) throws IOException {
    Scratch scratch = SCRATCH.get();
    long at = position;
    while (source.hasRemaining()) {
      int length = Math.min(source.remaining(), BOUNCE_BYTES);
      scratch.copyBuffer(length).put(source.slice(source.position(), length));
      scratch.single.clear();
      scratch.single.add(scratch.copies(), length);
      write(at, scratch.single);
      source.position(source.position() + length);
      at += length;
    }
  }

  @Override
  public void read(long position, IoVector target) throws IOException {
    checkPosition(position, target.bytes());
    long stamp = enter();
    try {
      if (alignment == 1 || isAligned(position, target)) {
        readPieces(position, target);
      } else {
        readBounced(position, target);
      }
    } finally {
      life.unlockRead(stamp);
    }
  }

  @Override
  public void write(long position, IoVector source) throws IOException {
    checkPosition(position, source.bytes());
    if (alignment != 1 && !isAligned(position, source)) {
      writeBounced(position, source);
      return;
    }
    long stamp = enter();
    try {
      writePieces(position, source);
    } finally {
      durability.changed();
      life.unlockRead(stamp);
    }
    noteWrite(position, source.bytes());
  }

  @Override
  public boolean readAtOnce(long position, IoVector target) {
    return promptness.allowsReading() && transferAtOnce(position, target, false);
  }

  @Override
  public boolean writeAtOnce(long position, IoVector source) {
    return !isReadOnly
        && promptness.allowsWriting(position, source.bytes())
        && transferAtOnce(position, source, true);
  }

  private boolean transferAtOnce(long position, IoVector vector, boolean isWrite) {
    long stamp = vector.count() > IOV_MAX ? 0 : life.tryReadLock();
    if (stamp == 0) {
      return false;
    }
    boolean isDone;
    try {
      Scratch scratch = SCRATCH.get();
      int count = scratch.fillIovecs(vector, 0, 0);
      isDone =
          !isClosed
              && vector.bytes()
                  == (isWrite
                      ? promptness.write(fd, scratch.iovecs(), count, position)
                      : promptness.read(fd, scratch.iovecs(), count, position));
    } finally {
      if (isWrite) {
        durability.changed();
      }
      life.unlockRead(stamp);
    }
    if (isDone && isWrite) {
      noteWrite(position, vector.bytes());
    }
    return isDone;
  }

  private void noteWrite(long position, long length) {
    if (writeback != null) {
      writeback.wrote(position, length);
    }
  }

  /** That it fails is the next flush's to tell, which has to write all of it. */
  private void beginToWrite(long position, long length) {
    long stamp = life.readLock();
    try {
      if (!isClosed) {
        int ignored =
            LinuxCalls.syncFileRange(fd, position, length, LinuxCalls.SYNC_FILE_RANGE_WRITE);
      }
    } finally {
      life.unlockRead(stamp);
    }
  }

  @Override
  public void punchHole(long position, long length) throws IOException {
    if (length <= 0) {
      return;
    }
    long stamp = enter();
    try {
      int result;
      do {
        result =
            LinuxCalls.fallocate(
                fd,
                LinuxCalls.FALLOC_FL_PUNCH_HOLE | LinuxCalls.FALLOC_FL_KEEP_SIZE,
                position,
                length);
      } while (result == -EINTR);
      if (result != -Errno.EOPNOTSUPP && result != -Errno.ENOSYS) {
        check(result, "hole");
        return;
      }
    } finally {
      durability.changed();
      life.unlockRead(stamp);
    }
    writeZeros(position, Math.min(length, Math.max(0, size() - position)));
  }

  private void writeZeros(long position, long length) throws IOException {
    ByteBuffer zeros = ByteBuffer.allocate((int) Math.min(length, BOUNCE_BYTES));
    for (long done = 0; done < length; done += zeros.limit()) {
      zeros.clear().limit((int) Math.min(zeros.capacity(), length - done));
      write(position + done, zeros);
    }
  }

  @Override
  public void allocate(long position, long length) throws IOException {
    if (length <= 0) {
      return;
    }
    long stamp = enter();
    try {
      int result;
      do {
        result = LinuxCalls.fallocate(fd, 0, position, length);
      } while (result == -EINTR);
      if (result != -Errno.EOPNOTSUPP && result != -Errno.ENOSYS) {
        check(result, "allocation");
        return;
      }
    } finally {
      durability.changed();
      life.unlockRead(stamp);
    }
    ImageFile.super.allocate(position, length);
  }

  @Override
  public void flush() throws IOException {
    if (neverFlushes || isReadOnly) {
      return;
    }
    long stamp = enter();
    try {
      durability.flush(this::synchronize);
    } finally {
      life.unlockRead(stamp);
    }
  }

  private void synchronize() throws IOException {
    int result;
    do {
      result = LinuxCalls.fdatasync(fd);
    } while (result == -EINTR);
    // Special files that cannot be synchronised have nothing to lose.
    if (result != -Errno.EINVAL && result != -Errno.EROFS) {
      check(result, "flush");
    }
  }

  @Override
  public long nextData(long position) throws IOException {
    return seek(position, LinuxCalls.SEEK_DATA);
  }

  @Override
  public long nextHole(long position) throws IOException {
    return seek(position, LinuxCalls.SEEK_HOLE);
  }

  private long seek(long position, int whence) throws IOException {
    long stamp = enter();
    try {
      long end = check(LinuxCalls.lseek(fd, 0, LinuxCalls.SEEK_END), "size");
      if (position >= end) {
        return end;
      }
      long found = LinuxCalls.lseek(fd, position, whence);
      if (found == -Errno.ENXIO) {
        return end;
      }
      if (found == -Errno.EINVAL || found == -Errno.EOPNOTSUPP) {
        return whence == LinuxCalls.SEEK_DATA ? position : end;
      }
      return check(found, "search for holes");
    } finally {
      life.unlockRead(stamp);
    }
  }

  @Override
  public void close() throws IOException {
    long stamp = life.writeLock();
    try {
      if (!isClosed) {
        isClosed = true;
        check(LinuxCalls.close(fd), "close");
      }
    } finally {
      life.unlockWrite(stamp);
    }
  }

  private long enter() throws ClosedChannelException {
    long stamp = life.readLock();
    if (isClosed) {
      life.unlockRead(stamp);
      throw new ClosedChannelException();
    }
    return stamp;
  }

  private boolean isAligned(long position, IoVector vector) {
    long all = position;
    for (int i = 0; i < vector.count(); i++) {
      all |= vector.address(i) | vector.length(i);
    }
    return (all & alignment - 1) == 0;
  }

  private void readPieces(long position, IoVector target) throws IOException {
    long done = transferPieces(position, target, false);
    if (done < target.bytes()) {
      target.fill(done, target.bytes() - done, (byte) 0);
    }
  }

  private void writePieces(long position, IoVector source) throws IOException {
    long done = transferPieces(position, source, true);
    if (done < source.bytes()) {
      throw new IOException("%s: writes nothing at byte %d".formatted(path, position + done));
    }
  }

  /**
   * Transfers piece by piece of the vector, as many at a time as the kernel takes, until all is
   * done or the kernel transfers nothing.
   *
   * @return bytes transferred
   */
  private long transferPieces(long position, IoVector vector, boolean isWrite) throws IOException {
    Scratch scratch = SCRATCH.get();
    int piece = 0;
    long inPiece = 0;
    long done = 0;
    while (piece < vector.count()) {
      long moved = transferSome(position + done, vector, piece, inPiece, isWrite, scratch);
      if (moved == -EINTR) {
        continue;
      }
      if (check(moved, isWrite ? "write" : "read") == 0) {
        break;
      }
      done += moved;
      long passed = inPiece + moved;
      while (piece < vector.count() && passed >= vector.length(piece)) {
        passed -= vector.length(piece++);
      }
      inPiece = passed;
    }
    return done;
  }

  private long transferSome(
      long at, IoVector vector, int piece, long inPiece, boolean isWrite, Scratch scratch) {
    if (vector.count() - piece == 1) {
      long address = vector.address(piece) + inPiece;
      long length = vector.length(piece) - inPiece;
      return isWrite
          ? LinuxCalls.pwrite(fd, address, length, at)
          : LinuxCalls.pread(fd, address, length, at);
    }
    int count = scratch.fillIovecs(vector, piece, inPiece);
    return isWrite
        ? LinuxCalls.pwritev(fd, scratch.iovecs(), count, at)
        : LinuxCalls.preadv(fd, scratch.iovecs(), count, at);
  }

  private void readBounced(long position, IoVector target) throws IOException {
    long bounce = SCRATCH.get().bounce();
    long done = 0;
    while (done < target.bytes()) {
      long start = position + done & -alignment;
      long skip = position + done - start;
      long length = Math.min(BOUNCE_BYTES - skip, target.bytes() - done);
      readBlocks(start, bounce, roundUp(skip + length));
      target.copyFrom(done, bounce + skip, length);
      done += length;
    }
  }

  private void writeBounced(long position, IoVector source) throws IOException {
    long bounce = SCRATCH.get().bounce();
    // Exclusively: blocks are read to be written, and the file may be longer for a moment.
    long stamp = life.writeLock();
    try {
      if (isClosed) {
        throw new ClosedChannelException();
      }
      long done = 0;
      while (done < source.bytes()) {
        long start = position + done & -alignment;
        long skip = position + done - start;
        long length = Math.min(BOUNCE_BYTES - skip, source.bytes() - done);
        long whole = roundUp(skip + length);
        long end = LinuxCalls.lseek(fd, 0, LinuxCalls.SEEK_END);
        if (skip != 0) {
          readBlocks(start, bounce, alignment);
        }
        if (skip + length != whole) {
          readBlocks(start + whole - alignment, bounce + whole - alignment, alignment);
        }
        source.copyTo(done, bounce + skip, length);
        writeBlocks(start, bounce, whole);
        // Whole blocks made the file longer than was asked for.
        long last = Math.max(end, start + skip + length);
        if (start + whole > last) {
          check(LinuxCalls.ftruncate(fd, last), "change of size");
        }
        done += length;
      }
    } finally {
      durability.changed();
      life.unlockWrite(stamp);
    }
  }

  private void readBlocks(long position, long address, long length) throws IOException {
    long done = 0;
    while (done < length) {
      long result = LinuxCalls.pread(fd, address + done, length - done, position + done);
      if (result == -EINTR) {
        continue;
      }
      check(result, "read");
      done += result;
      if (result == 0 || done % alignment != 0) {
        HostMemory.fill(address + done, length - done, (byte) 0);
        return;
      }
    }
  }

  private void writeBlocks(long position, long address, long length) throws IOException {
    long done = 0;
    while (done < length) {
      long result = LinuxCalls.pwrite(fd, address + done, length - done, position + done);
      if (result != -EINTR) {
        done += check(result, "write");
      }
    }
  }

  private long roundUp(long length) {
    return length + alignment - 1 & -alignment;
  }

  private void checkPosition(long position, long length) throws IOException {
    if (position < 0 || position > Long.MAX_VALUE - length) {
      throw new IOException("%s: has no byte %d".formatted(path, position));
    }
  }

  private long check(long result, String what) throws IOException {
    if (result >= 0) {
      return result;
    }
    IOException failure =
        new IOException("%s: %s failed: %s".formatted(path, what, Errno.describe((int) -result)));
    if (result == -Errno.ENOSPC || result == -Errno.EDQUOT) {
      throw new DiskFullException(path + ": the host's disk is full", failure);
    }
    throw failure;
  }

  /** A thread's native memory: its vector for the kernel, and room for what is not aligned. */
  private static final class Scratch {
    final IoVector single = new IoVector();
    private final MemorySegment iovecs = Arena.ofAuto().allocate((long) IOV_MAX * IOVEC_BYTES, 8);
    private MemorySegment bounce = MemorySegment.NULL;
    private MemorySegment copies = MemorySegment.NULL;

    long iovecs() {
      return iovecs.address();
    }

    long bounce() {
      if (bounce.byteSize() == 0) {
        bounce = Arena.ofAuto().allocate(BOUNCE_BYTES, 4096);
      }
      return bounce.address();
    }

    long copies() {
      if (copies.byteSize() == 0) {
        copies = Arena.ofAuto().allocate(BOUNCE_BYTES, 4096);
      }
      return copies.address();
    }

    ByteBuffer copyBuffer(int length) {
      copies();
      return copies.asSlice(0, length).asByteBuffer();
    }

    int fillIovecs(IoVector vector, int piece, long inPiece) {
      int count = Math.min(vector.count() - piece, IOV_MAX);
      long at = iovecs.address();
      long skip = inPiece;
      for (int i = piece; i < piece + count; i++) {
        HostMemory.putLong(at, vector.address(i) + skip);
        HostMemory.putLong(at + 8, vector.length(i) - skip);
        at += IOVEC_BYTES;
        skip = 0;
      }
      return count;
    }
  }
}
