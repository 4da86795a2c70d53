package org.maloca.devices.virtio.ninep;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.maloca.core.memory.IoVector;

/** A guest's end of 9P2000.L, with numbers of its own, over memory as a guest would give it. */
final class NinepClient implements AutoCloseable {
  static final int ROOT = 0;
  static final int TAG = 0x1234;
  static final int MSIZE = 512_000;

  /** What the server answered to a request that it refused. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    final int errno;

    Refused(int errno) {
      super("errno " + errno);
      this.errno = errno;
    }
  }

  /** Builds the fields of a message. */
  static final class Fields {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Fields u8(int value) {
      return put(value, 1);
    }

    Fields u16(int value) {
      return put(value, 2);
    }

    Fields u32(long value) {
      return put(value, 4);
    }

    Fields u64(long value) {
      return put(value, 8);
    }

    Fields text(String value) {
      byte[] encoded = value.getBytes(StandardCharsets.UTF_8);
      return put(encoded.length, 2).raw(encoded);
    }

    Fields raw(byte[] value) {
      bytes.writeBytes(value);
      return this;
    }

    private Fields put(long value, int size) {
      for (int i = 0; i < size; i++) {
        bytes.write((int) (value >>> 8 * i));
      }
      return this;
    }

    byte[] message(int type) {
      byte[] body = bytes.toByteArray();
      return ByteBuffer.allocate(7 + body.length)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putInt(7 + body.length)
          .put((byte) type)
          .putShort((short) TAG)
          .put(body)
          .array();
    }
  }

  /** An entry of a directory. */
  record Entry(long qidPath, long offset, int type, String name) {}

  /** What Rgetattr tells. */
  record Attributes(
      long valid,
      int qidType,
      long qidPath,
      int mode,
      int uid,
      int gid,
      long links,
      long size,
      long modifySeconds,
      long modifyNanos,
      long accessSeconds) {}

  private final NinepServer server;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment request = arena.allocate(1 << 20);
  private final MemorySegment reply = arena.allocate(1 << 20);
  private int nextFid = 1;

  NinepClient(NinepServer server) {
    this.server = server;
  }

  static Fields fields() {
    return new Fields();
  }

  /** Sends bytes as they are, cut in pieces, and returns all that came back. */
  byte[] exchange(byte[] message, int room) {
    MemorySegment.copy(message, 0, request, ValueLayout.JAVA_BYTE, 0, message.length);
    IoVector in = new IoVector();
    int cut = Math.min(message.length, 11);
    in.add(request.address(), cut);
    in.add(request.address() + cut, message.length - cut);
    IoVector out = new IoVector();
    int head = Math.min(room, 11);
    out.add(reply.address(), head);
    // The rest lies elsewhere, so that pieces have to be minded.
    out.add(reply.address() + 4096, room - head);
    int written = (int) server.serve(in, out);
    byte[] answer = new byte[written];
    out.copyTo(0, answer, 0, written);
    return answer;
  }

  /** Sends a message and returns the fields of the answer. */
  ByteBuffer call(int type, Fields fields) {
    byte[] answer = exchange(fields.message(type), MSIZE);
    ByteBuffer buffer = ByteBuffer.wrap(answer).order(ByteOrder.LITTLE_ENDIAN);
    int size = buffer.getInt();
    int answerType = buffer.get() & 0xff;
    int tag = buffer.getShort();
    if (size != answer.length || tag != TAG) {
      throw new AssertionError("size %d of %d, tag %#x".formatted(size, answer.length, tag));
    }
    if (answerType == 7) {
      throw new Refused(buffer.getInt());
    }
    if (answerType != type + 1) {
      throw new AssertionError("answer %d to %d".formatted(answerType, type));
    }
    return buffer;
  }

  int errno(Runnable refused) {
    try {
      refused.run();
    } catch (Refused answer) {
      return answer.errno;
    }
    return 0;
  }

  NinepClient attach() {
    call(100, fields().u32(MSIZE).text("9P2000.L"));
    call(104, fields().u32(ROOT).u32(-1).text("root").text("/").u32(0));
    return this;
  }

  int walk(int fid, String... names) {
    int to = nextFid++;
    Fields fields = fields().u32(fid).u32(to).u16(names.length);
    Arrays.stream(names).forEach(fields::text);
    int found = call(110, fields).getShort();
    if (found != names.length) {
      throw new Refused(2);
    }
    return to;
  }

  int path(String path) {
    int fid = walk(ROOT);
    for (String name : path.split("/")) {
      int next = walk(fid, name);
      clunk(fid);
      fid = next;
    }
    return fid;
  }

  void clunk(int fid) {
    call(120, fields().u32(fid));
  }

  void open(int fid, int flags) {
    call(12, fields().u32(fid).u32(flags));
  }

  int openPath(String path, int flags) {
    int fid = path(path);
    open(fid, flags);
    return fid;
  }

  int create(int directory, String name, int flags, int mode) {
    int fid = walk(directory);
    call(14, fields().u32(fid).text(name).u32(flags).u32(mode).u32(0));
    return fid;
  }

  byte[] read(int fid, long offset, int count) {
    ByteBuffer answer = call(116, fields().u32(fid).u64(offset).u32(count));
    byte[] data = new byte[answer.getInt()];
    answer.get(data);
    return data;
  }

  int write(int fid, long offset, byte[] data) {
    return call(118, fields().u32(fid).u64(offset).u32(data.length).raw(data)).getInt();
  }

  void writeFile(int directory, String name, byte[] content) {
    int fid = create(directory, name, 0101, 0644);
    for (int at = 0; at < content.length; ) {
      at += write(fid, at, Arrays.copyOfRange(content, at, Math.min(content.length, at + 65536)));
    }
    clunk(fid);
  }

  byte[] readFile(String path) {
    int fid = openPath(path, 0);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] piece = read(fid, 0, 65536); piece.length > 0; ) {
      all.writeBytes(piece);
      piece = read(fid, all.size(), 65536);
    }
    clunk(fid);
    return all.toByteArray();
  }

  void mkdir(int directory, String name, int mode) {
    call(72, fields().u32(directory).text(name).u32(mode).u32(0));
  }

  void symlink(int directory, String name, String target) {
    call(16, fields().u32(directory).text(name).text(target).u32(0));
  }

  String readlink(int fid) {
    return text(call(22, fields().u32(fid)));
  }

  void link(int directory, int fid, String name) {
    call(70, fields().u32(directory).u32(fid).text(name));
  }

  void renameAt(int from, String name, int to, String newName) {
    call(74, fields().u32(from).text(name).u32(to).text(newName));
  }

  void unlinkAt(int directory, String name, int flags) {
    call(76, fields().u32(directory).text(name).u32(flags));
  }

  Attributes getattr(int fid) {
    ByteBuffer b = call(24, fields().u32(fid).u64(0x3fff));
    long valid = b.getLong();
    int qidType = b.get() & 0xff;
    b.getInt();
    long qidPath = b.getLong();
    int mode = b.getInt();
    int uid = b.getInt();
    int gid = b.getInt();
    long links = b.getLong();
    b.getLong();
    long size = b.getLong();
    b.getLong();
    b.getLong();
    long accessSeconds = b.getLong();
    b.getLong();
    long modifySeconds = b.getLong();
    long modifyNanos = b.getLong();
    return new Attributes(
        valid,
        qidType,
        qidPath,
        mode,
        uid,
        gid,
        links,
        size,
        modifySeconds,
        modifyNanos,
        accessSeconds);
  }

  void setattr(int fid, int valid, int mode, long size, long seconds, long nanos) {
    call(
        26,
        fields()
            .u32(fid)
            .u32(valid)
            .u32(mode)
            .u32(7)
            .u32(8)
            .u64(size)
            .u64(seconds)
            .u64(nanos)
            .u64(seconds)
            .u64(nanos));
  }

  /** One Treaddir. */
  List<Entry> readdir(int fid, long offset, int count) {
    ByteBuffer answer = call(40, fields().u32(fid).u64(offset).u32(count));
    int end = answer.getInt() + answer.position();
    List<Entry> entries = new ArrayList<>();
    while (answer.position() < end) {
      answer.get();
      answer.getInt();
      long path = answer.getLong();
      entries.add(new Entry(path, answer.getLong(), answer.get(), text(answer)));
    }
    return entries;
  }

  List<String> list(int fid, int count) {
    List<String> names = new ArrayList<>();
    long offset = 0;
    for (List<Entry> some = readdir(fid, 0, count); !some.isEmpty(); ) {
      for (Entry entry : some) {
        names.add(entry.name());
        offset = entry.offset();
      }
      some = readdir(fid, offset, count);
    }
    return names;
  }

  /** Status of a lock request: 0 done, 1 somebody else holds it. */
  int lock(int fid, int type, long start, long length, int process) {
    return call(
            52, fields().u32(fid).u8(type).u32(0).u64(start).u64(length).u32(process).text("guest"))
        .get();
  }

  void setXattr(int fid, String name, byte[] value, int flags) {
    int transfer = walk(fid);
    call(32, fields().u32(transfer).text(name).u64(value.length).u32(flags));
    if (value.length > 0) {
      write(transfer, 0, value);
    }
    clunk(transfer);
  }

  byte[] getXattr(int fid, String name) {
    int transfer = nextFid++;
    long size = call(30, fields().u32(fid).u32(transfer).text(name)).getLong();
    byte[] value = read(transfer, 0, (int) size);
    clunk(transfer);
    return value;
  }

  private static String text(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.getShort() & 0xffff];
    buffer.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    server.close();
    arena.close();
  }
}
