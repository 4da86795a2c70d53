package org.maloca.fuzz;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.maloca.core.memory.IoVector;
import org.maloca.devices.virtio.ninep.NinepServer;

/**
 * Random messages of 9P2000.L: most with the fields that their type has, so that they get
 * somewhere, and odd values in them; then some are cut, lengthened or changed. The same ones for a
 * seed.
 */
final class NinepMessages implements AutoCloseable {
  /** Fields of a type: fid, new fid, name, text, data, and numbers of 1, 2, 4 and 8 bytes. */
  private record Form(int type, String fields) {}

  private static final Form[] FORMS = {
    new Form(8, "f"),
    new Form(12, "fo"),
    new Form(14, "fno44"),
    new Form(16, "fnt4"),
    new Form(18, "fnm444"),
    new Form(20, "ffn"),
    new Form(22, "f"),
    new Form(24, "f8"),
    new Form(26, "fvm44s8888"),
    new Form(30, "fFx"),
    new Form(32, "fxs4"),
    new Form(40, "fsc"),
    new Form(50, "f4"),
    new Form(52, "f14ss4n"),
    new Form(54, "f1ss4n"),
    new Form(70, "ffn"),
    new Form(72, "fnm4"),
    new Form(74, "fnfn"),
    new Form(76, "fnu"),
    new Form(104, "F9tt4"),
    new Form(108, "2"),
    new Form(110, "fFw"),
    new Form(110, "fFw"),
    new Form(110, "fFw"),
    new Form(116, "fsc"),
    new Form(118, "fsd"),
    new Form(120, "f"),
    new Form(122, "f"),
  };

  private static final int ROOM = 1 << 16;
  private static final int HEADER_BYTES = 7;
  private static final int RLERROR = 7;
  private static final int FIDS = 30;
  private static final long[] ODD = {
    0,
    1,
    2,
    511,
    4095,
    4096,
    65536,
    1L << 31,
    (1L << 32) - 1,
    1L << 62,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    -1
  };
  private static final int[] OPEN_FLAGS = {0, 1, 2, 0102, 0302, 01101, 02001, 0200000, 0404002, -1};
  private static final int[] MODES = {
    0100644, 010600, 0140600, 020600, 060600, 0755, 0777, 04755, 0, -1
  };

  private final SplittableRandom random;
  private final String[] names;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment request = arena.allocate(ROOM);
  private final MemorySegment reply = arena.allocate(ROOM);
  private final IoVector readable = new IoVector();
  private final IoVector writable = new IoVector();
  private final byte[] answer = new byte[ROOM];
  private boolean isStarted;
  private long accepted;

  NinepMessages(long seed, Path outside) {
    random = new SplittableRandom(seed);
    names =
        new String[] {
          "a",
          "b",
          "c",
          "d",
          "e",
          "x".repeat(255),
          "x".repeat(256),
          "",
          ".",
          "..",
          "../secret",
          "/",
          "a/b",
          "secret",
          "\0",
          "user.a",
          "user.b",
          "security.capability",
          "ä",
          outside.resolve("secret").toString(),
          outside.resolve("made").toString(),
          ".."
        };
  }

  /** Number of messages that were not refused. */
  long accepted() {
    return accepted;
  }

  /** Sends a message; answers what is wrong with the reply, or nothing. */
  String send(NinepServer server) {
    byte[] message = next();
    MemorySegment.copy(message, 0, request, ValueLayout.JAVA_BYTE, 0, message.length);
    readable.clear();
    writable.clear();
    addPieces(readable, request.address(), message.length);
    int room = random.nextInt(50) == 0 ? random.nextInt(200) : ROOM;
    addPieces(writable, reply.address(), room);
    long length = server.serve(readable, writable);
    if (length == 0) {
      return message.length < HEADER_BYTES || room < HEADER_BYTES + 4
          ? ""
          : "no answer to type " + message[4];
    }
    if (length < HEADER_BYTES || length > room) {
      return "%d bytes of answer in %d".formatted(length, room);
    }
    writable.copyTo(0, answer, 0, (int) length);
    int size = answer[0] & 0xff | (answer[1] & 0xff) << 8 | (answer[2] & 0xff) << 16;
    boolean isRefused = answer[4] == RLERROR;
    if (size != length || answer[5] != message[5] || answer[6] != message[6]) {
      return "wrong header of the answer to type " + message[4];
    }
    if (!isRefused) {
      accepted++;
    }
    return isRefused || answer[4] == (byte) (message[4] + 1) ? "" : "answer " + answer[4];
  }

  private void addPieces(IoVector vector, long address, int length) {
    int cut = length == 0 ? 0 : random.nextInt(length);
    vector.add(address, cut);
    vector.add(address + cut, length - cut);
  }

  private byte[] next() {
    if (!isStarted || random.nextInt(2000) == 0) {
      isStarted = !isStarted;
      return isStarted ? version() : attach();
    }
    if (random.nextInt(200) == 0) {
      return attach();
    }
    Form form = FORMS[random.nextInt(FORMS.length)];
    ByteArrayOutputStream fields = new ByteArrayOutputStream();
    for (char kind : form.fields.toCharArray()) {
      put(fields, kind);
    }
    byte[] message = message(form.type, fields.toByteArray());
    return random.nextInt(10) == 0 ? spoilt(message) : message;
  }

  private static byte[] version() {
    ByteArrayOutputStream fields = new ByteArrayOutputStream();
    number(fields, ROOM, 4);
    text(fields, "9P2000.L".getBytes(StandardCharsets.US_ASCII));
    return message(100, fields.toByteArray());
  }

  private byte[] attach() {
    ByteArrayOutputStream fields = new ByteArrayOutputStream();
    number(fields, random.nextInt(3), 4);
    number(fields, -1, 4);
    text(fields, new byte[0]);
    text(fields, new byte[0]);
    number(fields, 0, 4);
    return message(104, fields.toByteArray());
  }

  private void put(ByteArrayOutputStream fields, char kind) {
    switch (kind) {
      case 'f', 'F' -> number(fields, random.nextInt(random.nextInt(4) == 0 ? 3 : FIDS), 4);
      case 'n', 'x', 't' -> text(fields, name());
      case 'o' -> number(fields, OPEN_FLAGS[random.nextInt(OPEN_FLAGS.length)], 4);
      case 'm' -> number(fields, MODES[random.nextInt(MODES.length)], 4);
      case 'v' -> number(fields, random.nextInt(0x200), 4);
      // A size or an offset: a large one would fill the host's disk by a sparse file only.
      case 's' -> number(fields, random.nextInt(3) > 0 ? random.nextInt(5000) : odd(), 8);
      case 'c' -> number(fields, random.nextInt(3) > 0 ? random.nextInt(9000) : odd(), 4);
      case 'u' -> number(fields, random.nextBoolean() ? 0x200 : 0, 4);
      case '9' -> number(fields, random.nextInt(10) == 0 ? odd() : -1, 4);
      case 'w' -> {
        int count = random.nextInt(20) == 0 ? random.nextInt(20) : random.nextInt(3);
        number(fields, count, 2);
        for (int i = 0; i < count; i++) {
          text(fields, name());
        }
      }
      case 'd' -> {
        byte[] data = new byte[random.nextInt(2000)];
        random.nextBytes(data);
        number(fields, random.nextInt(20) == 0 ? odd() : data.length, 4);
        fields.writeBytes(data);
      }
      default -> number(fields, random.nextBoolean() ? random.nextInt(4) : odd(), kind - '0');
    }
  }

  private long odd() {
    return ODD[random.nextInt(ODD.length)];
  }

  private byte[] name() {
    // The first few are the ones that exist now and then.
    int range = random.nextInt(4) > 0 ? 5 : names.length;
    return names[random.nextInt(range)].getBytes(StandardCharsets.UTF_8);
  }

  private byte[] spoilt(byte[] message) {
    switch (random.nextInt(3)) {
      case 0 -> {
        return Arrays.copyOf(message, random.nextInt(message.length * 2));
      }
      case 1 -> message[random.nextInt(message.length)] = (byte) random.nextInt();
      default -> {
        message[random.nextInt(4)] = (byte) random.nextInt();
        message[4] = (byte) random.nextInt();
      }
    }
    return message;
  }

  private static byte[] message(int type, byte[] fields) {
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    number(message, HEADER_BYTES + fields.length, 4);
    number(message, type, 1);
    number(message, 0xabcd, 2);
    message.writeBytes(fields);
    return message.toByteArray();
  }

  private static void text(ByteArrayOutputStream target, byte[] text) {
    number(target, text.length, 2);
    target.writeBytes(text);
  }

  private static void number(ByteArrayOutputStream target, long value, int bytes) {
    for (int i = 0; i < bytes; i++) {
      target.write((int) (value >>> 8 * i));
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
