package org.maloca.x86.bytecode;

import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDesc;
import java.lang.constant.MethodTypeDesc;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

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
  private final Map<String, Text> texts = new HashMap<>();
  private final Map<ClassDesc, ClassConstant> classes = new HashMap<>();

  /** Indices of the integers and longs of this class file. */
  private final Map<Object, Integer> numbers = new HashMap<>();

  private final ByteSink bytes = new ByteSink();
  private final Consumer<ClassDesc> ownerListener;
  private int count = 1;
  private int stamp;

  /**
   * A member's owner, name and type. What makes two equal is written out: what the JDK makes for
   * records runs through method handles.
   */
  private record Key(ClassDesc owner, String name, ConstantDesc type) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Key that
          && name.equals(that.name)
          && owner.equals(that.owner)
          && type.equals(that.type);
    }

    @Override
    public int hashCode() {
      return 31 * owner.hashCode() + name.hashCode();
    }
  }

  /** A text in UTF-8. */
  static final class Text {
    private final byte[] encoded;

    /** Class file that {@link #index} is of. */
    private int stamp;

    private int index;

    private Text(byte[] encoded) {
      this.encoded = encoded;
    }
  }

  /** A reference to a class. */
  static final class ClassConstant {
    private final Text name;
    private int stamp;
    private int index;

    private ClassConstant(Text name) {
      this.name = name;
    }
  }

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
    numbers.clear();
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
      known =
          new Member(classOf(owner), text(name), text(type.descriptorString()), 0, types.of(type));
      members.put(key, known);
      ownerListener.accept(owner);
    }
    return known;
  }

  Member method(ClassDesc owner, String name, MethodTypeDesc type) {
    Key key = new Key(owner, name, type);
    Member known = members.get(key);
    if (known == null) {
      known =
          new Member(
              classOf(owner),
              text(name),
              text(type.descriptorString()),
              type.parameterCount(),
              types.of(type.returnType()));
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
    return indexOf(text(text));
  }

  private Text text(String text) {
    Text known = texts.get(text);
    if (known == null) {
      known = new Text(text.getBytes(StandardCharsets.UTF_8));
      texts.put(text, known);
    }
    return known;
  }

  private int indexOf(Text text) {
    if (text.stamp != stamp) {
      bytes.u1(UTF8).u2(text.encoded.length).append(text.encoded);
      text.index = count++;
      text.stamp = stamp;
    }
    return text.index;
  }

  int indexOf(ClassDesc type) {
    return indexOf(classOf(type));
  }

  private ClassConstant classOf(ClassDesc type) {
    ClassConstant known = classes.get(type);
    if (known == null) {
      known = new ClassConstant(text(internalName(type)));
      classes.put(type, known);
    }
    return known;
  }

  private int indexOf(ClassConstant constant) {
    if (constant.stamp != stamp) {
      int name = indexOf(constant.name);
      bytes.u1(CLASS).u2(name);
      constant.index = count++;
      constant.stamp = stamp;
    }
    return constant.index;
  }

  private static String internalName(ClassDesc type) {
    String descriptor = type.descriptorString();
    return type.isArray() ? descriptor : descriptor.substring(1, descriptor.length() - 1);
  }

  int indexOf(int value) {
    Integer known = numbers.get(value);
    if (known == null) {
      bytes.u1(INTEGER).u4(value);
      known = count++;
      numbers.put(value, known);
    }
    return known;
  }

  int indexOf(long value) {
    Integer known = numbers.get(value);
    if (known == null) {
      bytes.u1(LONG).u8(value);
      known = count;
      count += 2;
      numbers.put(value, known);
    }
    return known;
  }
}
