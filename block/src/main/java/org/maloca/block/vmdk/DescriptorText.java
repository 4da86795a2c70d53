package org.maloca.block.vmdk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.ImageFile;

/** The descriptor as it lies in its file, where the CID is changed in place. */
final class DescriptorText {
  private static final Pattern SECTORS = Pattern.compile("(?m)^(?<before>\\s*RW\\s+)\\d+");
  private static final Pattern CYLINDERS =
      Pattern.compile("(?m)^(?<before>\\s*ddb\\.geometry\\.cylinders\\s*=\\s*\")\\d+");
  private static final Pattern PARENT_CID =
      Pattern.compile("(?m)^\\s*parentCID\\s*=\\s*([0-9a-fA-F]{8})\\b");
  private static final Pattern CID = Pattern.compile("(?m)^\\s*CID\\s*=\\s*([0-9a-fA-F]{8})\\b");

  private final ImageFile file;
  private final long offset;
  private String text;
  private final boolean isEmbedded;
  private long cidPosition;
  private volatile boolean isCidChanged;
  private volatile long cid;

  private DescriptorText(ImageFile file, long offset, String text, boolean isEmbedded) {
    this.file = file;
    this.offset = offset;
    this.text = text;
    this.isEmbedded = isEmbedded;
    findCid();
  }

  private void findCid() {
    Matcher matcher = CID.matcher(text);
    boolean isFound = matcher.find();
    cidPosition = isFound ? offset + matcher.start(1) : -1;
    cid = isFound ? Long.parseLong(matcher.group(1), 16) : 0;
  }

  static DescriptorText read(ImageFile file, long offset, int bytes, boolean isEmbedded)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(offset == 0 && isEmbedded ? 0 : bytes);
    file.read(offset, buffer);
    String text = StandardCharsets.ISO_8859_1.decode(buffer.flip()).toString();
    return new DescriptorText(file, offset, text, isEmbedded);
  }

  /** Whether it lies in the only extent. */
  boolean isEmbedded() {
    return isEmbedded;
  }

  long cid() {
    return cid;
  }

  /** What it says; null where an extent has none, as pieces of a disk that is split do not. */
  @Nullable Descriptor parse() throws IOException {
    return isEmbedded && text.replace("\0", "").isBlank()
        ? null
        : Descriptor.parse(file.name(), offset, inUtf8());
  }

  /**
   * The text, whose characters are bytes here so that it can be changed in place, with the names of
   * files as they are: in UTF-8 unless it is none, as it may not be of old products.
   */
  private String inUtf8() {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException other) {
      return text;
    }
  }

  /** Says that the only extent has so many sectors, and the disk so many cylinders. */
  synchronized void setSize(long sectors, long cylinders) throws IOException {
    byte[] before = text.getBytes(StandardCharsets.ISO_8859_1);
    String now = SECTORS.matcher(text).replaceFirst("${before}" + sectors);
    now = CYLINDERS.matcher(now).replaceFirst("${before}" + cylinders);
    if (cidPosition >= 0) {
      int at = (int) (cidPosition - offset);
      now = now.substring(0, at) + "%08x".formatted(cid) + now.substring(at + 8);
    }
    if (isEmbedded) {
      now = now.replaceFirst("\0+$", "").stripTrailing() + "\n";
      now += "\0".repeat(Math.max(0, before.length - now.length()));
      if (now.length() > before.length) {
        throw new IOException(file.name() + ": the descriptor has no room for a longer number");
      }
    }
    text = now;
    file.write(offset, ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
    if (!isEmbedded) {
      file.setSize(offset + text.length());
    }
    file.flush();
    findCid();
  }

  /** Says, durably, which state of the parent this is a difference to. */
  synchronized void setParentCid(long parentCid) throws IOException {
    Matcher matcher = PARENT_CID.matcher(text);
    if (!matcher.find()) {
      throw new IOException(file.name() + ": the descriptor says nothing of a parent");
    }
    String digits = "%08x".formatted(parentCid);
    text = text.substring(0, matcher.start(1)) + digits + text.substring(matcher.end(1));
    file.write(
        offset + matcher.start(1), ByteBuffer.wrap(digits.getBytes(StandardCharsets.US_ASCII)));
    file.flush();
  }

  /** Whether the content has got its new identity. */
  boolean isCidChanged() {
    return isCidChanged;
  }

  /** Gives the content a new identity, once after opening. */
  void changeCid() throws IOException {
    if (isCidChanged) {
      return;
    }
    synchronized (this) {
      if (!isCidChanged && cidPosition >= 0) {
        long next = ThreadLocalRandom.current().nextLong(1, Descriptor.NO_PARENT - 1);
        byte[] digits = "%08x".formatted(next).getBytes(StandardCharsets.US_ASCII);
        file.write(cidPosition, ByteBuffer.wrap(digits));
        cid = next;
      }
      isCidChanged = true;
    }
  }
}
