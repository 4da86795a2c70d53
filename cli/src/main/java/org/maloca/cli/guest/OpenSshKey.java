package org.maloca.cli.guest;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;

/**
 * An Ed25519 key pair in the formats of OpenSSH: the private key without a passphrase (OpenSSH,
 * PROTOCOL.key), the public one as a line of {@code authorized_keys} (RFC 8709, section 4).
 *
 * @param privateFile content of the file for {@code ssh -i}
 * @param publicLine ends with a line feed
 */
record OpenSshKey(String privateFile, String publicLine) {
  private static final String TYPE = "ssh-ed25519";
  private static final String MAGIC = "openssh-key-v1";
  private static final int KEY_BYTES = 32;
  private static final int BLOCK_BYTES = 8;

  /** Makes a new pair. */
  static OpenSshKey generate(String comment) {
    try {
      KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
      // RFC 8410: both encodings end with the 32 bytes of the key itself.
      return of(
          tail(pair.getPrivate().getEncoded()),
          tail(pair.getPublic().getEncoded()),
          new SecureRandom().nextInt(),
          comment);
    } catch (GeneralSecurityException | IOException every) {
      throw new IllegalStateException("every JDK makes Ed25519 keys", every);
    }
  }

  /**
   * Writes a pair.
   *
   * @param check stands twice in the private part, for readers to see that they decrypted it
   */
  static OpenSshKey of(byte[] seed, byte[] publicKey, int check, String comment)
      throws IOException {
    ByteArrayOutputStream publicBytes = new ByteArrayOutputStream();
    DataOutputStream publicBlob = new DataOutputStream(publicBytes);
    string(publicBlob, ascii(TYPE));
    string(publicBlob, publicKey);

    ByteArrayOutputStream privateBytes = new ByteArrayOutputStream();
    DataOutputStream privatePart = new DataOutputStream(privateBytes);
    privatePart.writeInt(check);
    privatePart.writeInt(check);
    string(privatePart, ascii(TYPE));
    string(privatePart, publicKey);
    byte[] both = Arrays.copyOf(seed, 2 * KEY_BYTES);
    System.arraycopy(publicKey, 0, both, KEY_BYTES, KEY_BYTES);
    string(privatePart, both);
    string(privatePart, comment.getBytes(StandardCharsets.UTF_8));
    for (int padding = 1; privateBytes.size() % BLOCK_BYTES != 0; padding++) {
      privatePart.writeByte(padding);
    }

    ByteArrayOutputStream fileBytes = new ByteArrayOutputStream();
    DataOutputStream file = new DataOutputStream(fileBytes);
    file.write(ascii(MAGIC));
    file.writeByte(0);
    string(file, ascii("none"));
    string(file, ascii("none"));
    string(file, new byte[0]);
    file.writeInt(1);
    string(file, publicBytes.toByteArray());
    string(file, privateBytes.toByteArray());
    return new OpenSshKey(
        "-----BEGIN OPENSSH PRIVATE KEY-----\n"
            + Base64.getMimeEncoder(70, ascii("\n")).encodeToString(fileBytes.toByteArray())
            + "\n-----END OPENSSH PRIVATE KEY-----\n",
        "%s %s %s\n"
            .formatted(
                TYPE, Base64.getEncoder().encodeToString(publicBytes.toByteArray()), comment));
  }

  private static void string(DataOutputStream output, byte[] content) throws IOException {
    output.writeInt(content.length);
    output.write(content);
  }

  private static byte[] tail(byte[] encoded) {
    return Arrays.copyOfRange(encoded, encoded.length - KEY_BYTES, encoded.length);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
