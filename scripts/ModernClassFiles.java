import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassFile.StackMapsOption;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.constant.ClassDesc;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;

/**
 * Brings the class files of jars, which it rewrites in place, to version 52 where they are older
 * than 50. The JVM keeps no classes of such age in its start-up cache, nor those of ours that
 * mention them, and verifies them slowly: that was a third of the time to the first guest
 * instruction. Version 52 differs by the stack maps alone (JVMS 25, 4.10.1).
 */
final class ModernClassFiles {
  private ModernClassFiles() {}

  public static void main(String[] jars) throws IOException {
    for (String jar : jars) {
      try (FileSystem files = FileSystems.newFileSystem(Path.of(jar))) {
        modernize(files.getPath("/"));
      }
    }
  }

  private static void modernize(Path root) throws IOException {
    ClassFile format =
        ClassFile.of(
            StackMapsOption.GENERATE_STACK_MAPS, ClassHierarchyResolverOption.of(typesIn(root)));
    for (Path file : classFilesIn(root)) {
      ClassModel model = format.parse(Files.readAllBytes(file));
      if (model.majorVersion() < ClassFile.JAVA_6_VERSION) {
        FileTime written = Files.getLastModifiedTime(file);
        Files.write(file, format.transformClass(model, newCode().andThen(newVersion())));
        // The same jar each time, byte for byte.
        Files.setLastModifiedTime(file, written);
      }
    }
  }

  private static List<Path> classFilesIn(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files.filter(file -> file.toString().endsWith(".class")).toList();
    }
  }

  /** Writes methods anew, since stack maps are made for those alone. */
  private static ClassTransform newCode() {
    return ClassTransform.transformingMethodBodies(
        CodeTransform.ACCEPT_ALL.andThen((code, element) -> code.with(element)));
  }

  private static ClassTransform newVersion() {
    ClassFileVersion version = ClassFileVersion.of(ClassFile.JAVA_8_VERSION, 0);
    return (type, element) -> type.with(element instanceof ClassFileVersion ? version : element);
  }

  /** How the jar's types descend from each other and from the JDK's. */
  private static ClassHierarchyResolver typesIn(Path root) {
    return ClassHierarchyResolver.ofResourceParsing(type -> open(root, type))
        .orElse(ClassHierarchyResolver.defaultResolver())
        .cached();
  }

  /** Null where the jar has no such class, as the resolver wants it. */
  private static InputStream open(Path root, ClassDesc type) {
    String descriptor = type.descriptorString();
    Path file = root.resolve(descriptor.substring(1, descriptor.length() - 1) + ".class");
    try {
      return Files.exists(file) ? Files.newInputStream(file) : null;
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
