package org.maloca.cli.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

final class OpenSshKeyTest {
  /** RFC 8032, section 7.1, test 1. */
  private static final byte[] SEED =
      HexFormat.of().parseHex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");

  private static final byte[] PUBLIC =
      HexFormat.of().parseHex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");

  private static ByteBuffer body(OpenSshKey key) {
    String text = key.privateFile().replaceAll("-----[A-Z ]+-----|\n", "");
    return ByteBuffer.wrap(Base64.getDecoder().decode(text));
  }

  private static byte[] string(ByteBuffer from) {
    byte[] content = new byte[from.getInt()];
    from.get(content);
    return content;
  }

  @Test
  void writes_the_seed_and_the_public_key_where_openssh_looks_for_them() throws IOException {
    ByteBuffer file = body(OpenSshKey.of(SEED, PUBLIC, 0x01020304, "who@where"));
    byte[] magic = new byte[15];
    file.get(magic);
    assertEquals("openssh-key-v1\0", new String(magic));
    assertEquals("none", new String(string(file)));
    assertEquals("none", new String(string(file)));
    assertEquals(0, string(file).length);
    assertEquals(1, file.getInt());
    ByteBuffer shown = ByteBuffer.wrap(string(file));
    assertEquals("ssh-ed25519", new String(string(shown)));
    assertEquals(HexFormat.of().formatHex(PUBLIC), HexFormat.of().formatHex(string(shown)));
    byte[] secret = string(file);
    assertEquals(0, secret.length % 8);
    ByteBuffer hidden = ByteBuffer.wrap(secret);
    assertEquals(0x01020304, hidden.getInt());
    assertEquals(0x01020304, hidden.getInt());
    assertEquals("ssh-ed25519", new String(string(hidden)));
    assertEquals(HexFormat.of().formatHex(PUBLIC), HexFormat.of().formatHex(string(hidden)));
    assertEquals(
        HexFormat.of().formatHex(SEED) + HexFormat.of().formatHex(PUBLIC),
        HexFormat.of().formatHex(string(hidden)));
    assertEquals("who@where", new String(string(hidden)));
    for (int padding = 1; hidden.hasRemaining(); padding++) {
      assertEquals(padding, hidden.get());
    }
    assertEquals(0, file.remaining());
  }

  @Test
  void writes_lines_that_openssh_takes() throws IOException {
    OpenSshKey key = OpenSshKey.of(SEED, PUBLIC, 7, "who@where");
    assertTrue(key.privateFile().lines().allMatch(line -> line.length() <= 70));
    assertEquals(
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"
            + " who@where\n",
        key.publicLine());
  }
}
