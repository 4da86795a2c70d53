package org.maloca.cli.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GuestUseTest {
  @TempDir Path folder;

  private Path guest;

  /** Another process: uses the guest that it is told of until its input ends. */
  static final class User {
    private User() {}

    public static void main(String[] arguments) throws IOException {
      GuestUse.begin(Path.of(arguments[0]));
      System.out.write('\n');
      System.out.flush();
      while (System.in.read() >= 0) {}
    }
  }

  @BeforeEach
  void makeGuest() throws IOException {
    guest = Files.createDirectories(folder.resolve("guests/debian"));
    Files.writeString(guest.resolve("root.raw"), "a disk");
  }

  @Test
  void whatNobodyUsesIsDeleted() throws IOException {
    assertFalse(GuestUse.isUsed(guest));
    assertTrue(GuestUse.deleteUnused(guest));
    try (var left = Files.list(guest.getParent())) {
      assertEquals(List.of(".in-use"), left.map(each -> "" + each.getFileName()).toList());
    }
  }

  @Test
  void whatThisProcessUsesStays() throws IOException {
    GuestUse.begin(guest);
    GuestUse.begin(folder.resolve("guests/../guests/debian"));
    assertTrue(GuestUse.isUsed(guest));
    assertFalse(GuestUse.deleteUnused(guest));
    assertEquals("a disk", Files.readString(guest.resolve("root.raw")));
    Path other = Files.createDirectory(folder.resolve("guests/other"));
    assertFalse(GuestUse.isUsed(other));
  }

  @Test
  void whatAnotherProcessUsesStaysUntilItsEnd() throws Exception {
    Process user =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                User.class.getName(),
                guest.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertEquals('\n', user.getInputStream().read());
      assertTrue(GuestUse.isUsed(guest));
      assertFalse(GuestUse.deleteUnused(guest));
      assertTrue(Files.exists(guest.resolve("root.raw")));
    } finally {
      user.destroyForcibly().waitFor();
    }
    assertTrue(GuestUse.deleteUnused(guest));
  }

  @Test
  void aGuestThatIsGoneIsNoHindrance() throws IOException {
    GuestUse.begin(folder.resolve("guests/gone"));
    GuestUse.begin(folder.resolve("nowhere/gone"));
    assertFalse(Files.exists(folder.resolve("nowhere")));
  }
}
