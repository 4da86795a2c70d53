package org.maloca.cli.cloud;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Checksums of files, and the files that vendors write them into: those of {@code sha256sum}, with
 * or without {@code --tag}, and ones that have nothing but the checksum. Signatures around them are
 * not looked at: the text comes by HTTPS.
 */
final class Checksums {
  private static final Pattern PLAIN = Pattern.compile("([0-9A-Fa-f]{64,128}) [ *](\\S.*)");
  private static final Pattern TAGGED =
      Pattern.compile("(SHA[0-9]+) \\((.+)\\) = ([0-9A-Fa-f]{64,128})");
  private static final Pattern BARE = Pattern.compile("\\s*([0-9A-Fa-f]{64,128})\\s*");

  private Checksums() {}

  /** Finds a file's checksum, in lower case. */
  static Optional<String> find(String text, String fileName, String algorithm) {
    int digits = digits(algorithm);
    Matcher bare = BARE.matcher(text);
    if (bare.matches()) {
      return Optional.of(bare.group(1)).filter(hex -> hex.length() == digits).map(Checksums::lower);
    }
    return text.lines()
        .map(line -> {
          Matcher plain = PLAIN.matcher(line);
          if (plain.matches() && name(plain.group(2)).equals(fileName)) {
            return plain.group(1);
          }
          Matcher tagged = TAGGED.matcher(line);
          return tagged.matches() && tagged.group(2).equals(fileName) ? tagged.group(3) : "";
        })
        .filter(hex -> hex.length() == digits)
        .findFirst()
        .map(Checksums::lower);
  }

  private static String name(String written) {
    String stripped = written.strip();
    return stripped.startsWith("./") ? stripped.substring(2) : stripped;
  }

  private static String lower(String hex) {
    return hex.toLowerCase(Locale.ROOT);
  }

  private static int digits(String algorithm) {
    return digest(algorithm).getDigestLength() * 2;
  }

  /** A file's checksum, in lower-case hexadecimal digits. */
  static String of(Path file, String algorithm) throws IOException {
    MessageDigest digest = digest(algorithm);
    byte[] chunk = new byte[1 << 16];
    try (InputStream stream = Files.newInputStream(file)) {
      for (int count = stream.read(chunk); count >= 0; count = stream.read(chunk)) {
        digest.update(chunk, 0, count);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException unknown) {
      throw new IllegalArgumentException("no checksum '" + algorithm + "'", unknown);
    }
  }
}
