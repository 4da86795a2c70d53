package org.maloca.cli.guest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/**
 * An index as kmod reads it beside each text file of depmod(8), such as {@code modules.alias.bin}:
 * a tree of the keys' characters, version 2.1 of the format that is described in kmod's {@code
 * libkmod-index.c}. Integers are big endian. A node is
 *
 * <ul>
 *   <li>what all keys below it go on with, zero-terminated, if there is such a thing;
 *   <li>for keys that go on behind that: the first and the last of their next characters, a byte
 *       each, and for each character from one to the other the child's position, or 0;
 *   <li>for the key that ends here: the number of its values, and for each its priority, the
 *       smallest first, and its text, zero-terminated.
 * </ul>
 *
 * A position has in its high bits which of these three a node has. Children come before parents.
 */
final class ModuleIndex {
  private static final int MAGIC = 0xB007F457;
  private static final int VERSION = 0x0002_0001;
  private static final int HEADER_BYTES = 12;
  private static final int INDEX_NODE_PREFIX = 0x8000_0000;
  private static final int INDEX_NODE_VALUES = 0x4000_0000;
  private static final int INDEX_NODE_CHILDS = 0x2000_0000;
  private static final int INDEX_NODE_MASK = 0x0FFF_FFFF;

  private record Value(int priority, String text) {}

  private final TreeMap<String, List<Value>> entries = new TreeMap<>();

  /**
   * Adds a value; one that the key has already is left out.
   *
   * @param key in ASCII; others, which the format has no place for, are left out
   * @param priority of several values that fit, the smaller comes first
   */
  void add(String key, String text, int priority) {
    if (!key.chars().allMatch(c -> c > 0 && c < 0x80)) {
      return;
    }
    List<Value> values = entries.computeIfAbsent(key, absent -> new ArrayList<>());
    if (values.stream().noneMatch(value -> value.text.equals(text))) {
      values.add(new Value(priority, text));
    }
  }

  /** Writes the file. */
  void write(Path target) throws IOException {
    Files.write(target, bytes());
  }

  /**
   * The file's bytes.
   *
   * @throws IOException when there is more than positions can tell
   */
  byte[] bytes() throws IOException {
    ByteArrayOutputStream nodes = new ByteArrayOutputStream();
    List<String> keys = List.copyOf(entries.keySet());
    int root = node(keys, 0, nodes);
    if (nodes.size() > INDEX_NODE_MASK - HEADER_BYTES) {
      throw new IOException("a kernel with too many modules for an index");
    }
    return ByteBuffer.allocate(HEADER_BYTES + nodes.size())
        .putInt(MAGIC)
        .putInt(VERSION)
        .putInt(root)
        .put(nodes.toByteArray())
        .array();
  }

  /**
   * Writes the node for sorted keys, and those below it.
   *
   * @param depth how many characters led here
   */
  private int node(List<String> keys, int depth, ByteArrayOutputStream out) {
    if (keys.isEmpty()) {
      return out.size() + HEADER_BYTES;
    }
    int end = commonEnd(keys.getFirst(), keys.getLast(), depth);
    String prefix = keys.getFirst().substring(depth, end);
    boolean hasValues = keys.getFirst().length() == end;
    List<String> longer = hasValues ? keys.subList(1, keys.size()) : keys;
    int[] children = children(longer, end, out);

    int position = out.size() + HEADER_BYTES;
    if (!prefix.isEmpty()) {
      position |= INDEX_NODE_PREFIX;
      text(prefix, out);
    }
    if (children.length > 0) {
      position |= INDEX_NODE_CHILDS;
      out.write(longer.getFirst().charAt(end));
      out.write(longer.getLast().charAt(end));
      for (int child : children) {
        integer(child, out);
      }
    }
    if (hasValues) {
      position |= INDEX_NODE_VALUES;
      List<Value> values = new ArrayList<>(entries.get(keys.getFirst()));
      values.sort(Comparator.comparingInt(Value::priority));
      integer(values.size(), out);
      for (Value value : values) {
        integer(value.priority, out);
        text(value.text, out);
      }
    }
    return position;
  }

  /** Writes the nodes for keys by their next character; answers where they are. */
  private int[] children(List<String> keys, int at, ByteArrayOutputStream out) {
    if (keys.isEmpty()) {
      return new int[0];
    }
    char first = keys.getFirst().charAt(at);
    int[] positions = new int[keys.getLast().charAt(at) - first + 1];
    int from = 0;
    while (from < keys.size()) {
      char next = keys.get(from).charAt(at);
      int to = from + 1;
      while (to < keys.size() && keys.get(to).charAt(at) == next) {
        to++;
      }
      positions[next - first] = node(keys.subList(from, to), at + 1, out);
      from = to;
    }
    return positions;
  }

  /** Where two keys, between which all others are, begin to differ. */
  private static int commonEnd(String first, String last, int from) {
    int end = from;
    while (end < first.length() && end < last.length() && first.charAt(end) == last.charAt(end)) {
      end++;
    }
    return end;
  }

  private static void integer(int value, ByteArrayOutputStream out) {
    out.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(value).array());
  }

  private static void text(String text, ByteArrayOutputStream out) {
    out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    out.write(0);
  }
}
