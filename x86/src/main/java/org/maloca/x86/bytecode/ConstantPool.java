package org.maloca.x86.bytecode;

import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDesc;
import java.lang.constant.MethodTypeDesc;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The constants of the class file that is being written (4.4). What is known of the members that
 * code refers to is kept from one class file to the next. For one thread.
 */
public final class ConstantPool {
  private static final int UTF8 = 1;
  private static final int INTEGER = 3;
  private static final int LONG = 5;
  private static final int CLASS = 7;
  private static final int FIELDREF = 9;
  private static final int METHODREF = 10;
  private static final int NAME_AND_TYPE = 12;

  final Types types = new Types();

  private final Map<Key, Member> members = new HashMap<>();
  private final Map<String, byte[]> encodedNames = new HashMap<>();
  private final Map<Object, Integer> indices = new HashMap<>();
  private final ByteSink bytes = new ByteSink();
  private final Consumer<ClassDesc> ownerListener;
  private int count = 1;
  private int stamp;

  /** A member's owner, name and type. */
  private record Key(ClassDesc owner, String name, ConstantDesc type) {
    @Override
    public int hashCode() {
      return 31 * owner.hashCode() + name.hashCode();
    }
  }

  /** A class, in {@link #indices}, where a string is its own text. */
  private record ClassKey(ClassDesc type) {}

  /**
   * Makes one that nothing is known to yet.
   *
   * @param ownerListener is told the owner of each member when code refers to it for the first time
   */
  public ConstantPool(Consumer<ClassDesc> ownerListener) {
    this.ownerListener = ownerListener;
  }

  /** Begins a new class file. */
  void begin() {
    indices.clear();
    bytes.clear();
    count = 1;
    stamp++;
  }

  void writeTo(ByteSink file) {
    file.u2(count).append(bytes);
  }

  Member field(ClassDesc owner, String name, ClassDesc type) {
    Key key = new Key(owner, name, type);
    Member known = members.get(key);
    if (known == null) {
      known = Member.field(owner, name, type, types);
      members.put(key, known);
      ownerListener.accept(owner);
    }
    return known;
  }

  Member method(ClassDesc owner, String name, MethodTypeDesc type) {
    Key key = new Key(owner, name, type);
    Member known = members.get(key);
    if (known == null) {
      known = Member.method(owner, name, type, types);
      members.put(key, known);
      ownerListener.accept(owner);
    }
    return known;
  }

  int indexOfField(Member member) {
    return indexOf(member, FIELDREF);
  }

  int indexOfMethod(Member member) {
    return indexOf(member, METHODREF);
  }

  private int indexOf(Member member, int tag) {
    if (member.stamp != stamp) {
      int owner = indexOf(member.owner);
      int name = indexOf(member.name);
      int descriptor = indexOf(member.descriptor);
      bytes.u1(NAME_AND_TYPE).u2(name).u2(descriptor);
      int nameAndType = count++;
      bytes.u1(tag).u2(owner).u2(nameAndType);
      member.index = count++;
      member.stamp = stamp;
    }
    return member.index;
  }

  int indexOf(String text) {
    Integer known = indices.get(text);
    if (known == null) {
      byte[] encoded =
          encodedNames.computeIfAbsent(text, one -> one.getBytes(StandardCharsets.UTF_8));
      bytes.u1(UTF8).u2(encoded.length).append(encoded);
      known = count++;
      indices.put(text, known);
    }
    return known;
  }

  int indexOf(ClassDesc type) {
    ClassKey key = new ClassKey(type);
    Integer known = indices.get(key);
    if (known == null) {
      int name = indexOf(internalName(type));
      bytes.u1(CLASS).u2(name);
      known = count++;
      indices.put(key, known);
    }
    return known;
  }

  private static String internalName(ClassDesc type) {
    String descriptor = type.descriptorString();
    return type.isArray() ? descriptor : descriptor.substring(1, descriptor.length() - 1);
  }

  int indexOf(int value) {
    Integer known = indices.get(value);
    if (known == null) {
      bytes.u1(INTEGER).u4(value);
      known = count++;
      indices.put(value, known);
    }
    return known;
  }

  int indexOf(long value) {
    Integer known = indices.get(value);
    if (known == null) {
      bytes.u1(LONG).u8(value);
      known = count;
      count += 2;
      indices.put(value, known);
    }
    return known;
  }
}
