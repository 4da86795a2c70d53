package org.maloca.fuzz.share;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.maloca.fuzz.guided.Output;

/** Messages of 9P2000.L as a Linux guest sends them, for seeds: a session from mount to unlink. */
public final class NinepRequests {
  private static final int MESSAGE_BYTES = 8192;
  private static final int NONE = -1;

  private NinepRequests() {}

  private interface Fields {
    void write(Output output);
  }

  private static byte[] message(int type, Fields fields) {
    Output body = new Output();
    fields.write(body);
    byte[] bytes = body.toByteArray();
    return new Output().i32(7 + bytes.length).u8(type).u16(1).bytes(bytes).toByteArray();
  }

  private static void text(Output output, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    output.u16(bytes.length).bytes(bytes);
  }

  private static byte[] walk(int fid, int newFid, String... names) {
    return message(
        110,
        out -> {
          out.i32(fid).i32(newFid).u16(names.length);
          for (String name : names) {
            text(out, name);
          }
        });
  }

  private static byte[] withName(int type, int fid, String name, int... numbers) {
    return message(
        type,
        out -> {
          out.i32(fid);
          text(out, name);
          for (int number : numbers) {
            out.i32(number);
          }
        });
  }

  private static byte[] numbers(int type, int... numbers) {
    return message(
        type,
        out -> {
          for (int number : numbers) {
            out.i32(number);
          }
        });
  }

  /** How every session begins. */
  public static List<byte[]> mount() {
    List<byte[]> messages = new ArrayList<>();
    messages.add(
        message(
            100,
            out -> {
              out.i32(MESSAGE_BYTES);
              text(out, "9P2000.L");
            }));
    messages.add(
        message(
            104,
            out -> {
              out.i32(0).i32(NONE);
              text(out, "");
              text(out, "");
              out.i32(0);
            }));
    return messages;
  }

  /** Sessions that together send each message there is. */
  public static List<List<byte[]>> sessions() {
    return List.of(files(), names(), attributes());
  }

  private static List<byte[]> files() {
    List<byte[]> session = mount();
    session.add(walk(0, 1, "a"));
    session.add(numbers(12, 1, 2));
    session.add(numbers(116, 1, 0, 0, 100));
    session.add(message(118, out -> out.i32(1).i64(3).i32(4).u8('d', 'a', 't', 'a')));
    session.add(numbers(50, 1, 0));
    session.add(
        message(
            52,
            out -> {
              out.i32(1).u8(1).i32(0).i64(0).i64(10).i32(5);
              text(out, "me");
            }));
    session.add(
        message(
            54,
            out -> {
              out.i32(1).u8(0).i64(0).i64(10).i32(5);
              text(out, "me");
            }));
    session.add(message(108, out -> out.u16(1)));
    session.add(walk(0, 2));
    session.add(withName(14, 2, "new", 0x42, 0644, 0));
    session.add(walk(0, 3));
    session.add(numbers(12, 3, 0));
    session.add(numbers(40, 3, 0, 0, 4000));
    session.add(numbers(120, 1));
    session.add(numbers(122, 2));
    return session;
  }

  private static List<byte[]> names() {
    List<byte[]> session = mount();
    session.add(withName(72, 0, "made", 0755, 0));
    session.add(walk(0, 1, "made"));
    session.add(
        message(
            16,
            out -> {
              out.i32(0);
              text(out, "link");
              text(out, "../secret");
              out.i32(0);
            }));
    session.add(withName(18, 0, "pipe", 010644, 0, 0, 0));
    session.add(walk(0, 2, "a"));
    session.add(
        message(
            70,
            out -> {
              out.i32(1).i32(2);
              text(out, "hard");
            }));
    session.add(
        message(
            74,
            out -> {
              out.i32(0);
              text(out, "a");
              out.i32(1);
              text(out, "b");
            }));
    session.add(
        message(
            20,
            out -> {
              out.i32(2).i32(0);
              text(out, "c");
            }));
    session.add(walk(0, 3, "l"));
    session.add(numbers(22, 3));
    session.add(walk(0, 4, "d", ".."));
    session.add(withName(76, 0, "link", 0));
    session.add(withName(76, 0, "d", 0x200));
    return session;
  }

  private static List<byte[]> attributes() {
    List<byte[]> session = mount();
    session.add(numbers(8, 0));
    session.add(message(24, out -> out.i32(0).i64(0x3fff)));
    session.add(walk(0, 1, "a"));
    session.add(
        message(
            26,
            out ->
                out.i32(1).i32(0x1ff).i32(0644).i32(0).i32(0).i64(3).i64(1).i64(2).i64(3).i64(4)));
    session.add(walk(0, 2, "a"));
    session.add(
        message(
            32,
            out -> {
              out.i32(2);
              text(out, "user.a");
              out.i64(2).i32(0);
            }));
    session.add(message(118, out -> out.i32(2).i64(0).i32(2).u8('x', 'y')));
    session.add(numbers(120, 2));
    session.add(
        message(
            30,
            out -> {
              out.i32(1).i32(3);
              text(out, "user.a");
            }));
    session.add(numbers(116, 3, 0, 0, 10));
    session.add(
        message(
            30,
            out -> {
              out.i32(1).i32(4);
              text(out, "");
            }));
    session.add(numbers(116, 4, 0, 0, 100));
    return session;
  }
}
