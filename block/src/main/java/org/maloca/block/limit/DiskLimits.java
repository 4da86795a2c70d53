package org.maloca.block.limit;

import java.util.Map;
import java.util.StringJoiner;
import org.maloca.core.text.SizeText;

/**
 * The limits of a disk, by requests and by bytes, in all and of reads and writes apart. Discards
 * and zeroing count as writes without bytes, flushes not at all.
 */
public record DiskLimits(
    Rate requests,
    Rate readRequests,
    Rate writeRequests,
    Rate bytes,
    Rate readBytes,
    Rate writeBytes) {
  /** Without limits. */
  public static final DiskLimits NONE =
      new DiskLimits(
          Rate.UNLIMITED,
          Rate.UNLIMITED,
          Rate.UNLIMITED,
          Rate.UNLIMITED,
          Rate.UNLIMITED,
          Rate.UNLIMITED);

  /** Checks that a limit in all and one apart are not both given, which would contradict. */
  public DiskLimits {
    exclude("iops", requests, readRequests, writeRequests);
    exclude("bps", bytes, readBytes, writeBytes);
  }

  private static void exclude(String name, Rate total, Rate reads, Rate writes) {
    if (!total.isUnlimited() && !(reads.isUnlimited() && writes.isUnlimited())) {
      throw new IllegalArgumentException(
          "%s goes with neither %s-rd nor %s-wr".formatted(name, name, name));
    }
  }

  /**
   * Takes the limits out of a disk's options: {@code iops}, {@code iops-rd}, {@code iops-wr},
   * {@code bps}, {@code bps-rd}, {@code bps-wr}, each with {@code -max} behind it for bursts and
   * {@code -max-length} for their length in seconds. Underscores do in place of hyphens. Other
   * options are left in the map.
   *
   * @throws IllegalArgumentException with a message for people
   */
  public static DiskLimits take(Map<String, String> options) {
    return new DiskLimits(
        rate(options, "iops"),
        rate(options, "iops-rd"),
        rate(options, "iops-wr"),
        rate(options, "bps"),
        rate(options, "bps-rd"),
        rate(options, "bps-wr"));
  }

  private static Rate rate(Map<String, String> options, String name) {
    long steady = number(options, name, 0);
    long burst = number(options, name + "-max", 0);
    long burstSeconds = number(options, name + "-max-length", 1);
    try {
      return new Rate(steady, burst, burstSeconds);
    } catch (IllegalArgumentException wrong) {
      throw new IllegalArgumentException(name + ": " + wrong.getMessage(), wrong);
    }
  }

  private static long number(Map<String, String> options, String name, long otherwise) {
    String text = options.remove(name);
    if (text == null) {
      text = options.remove(name.replace('-', '_'));
    }
    if (text == null) {
      return otherwise;
    }
    long number = SizeText.parse(name, text);
    if (number == 0 && text.chars().anyMatch(digit -> digit >= '1' && digit <= '9')) {
      // Which 0, without limit, is not what was meant by.
      throw new IllegalArgumentException("%s: %s is less than 1".formatted(name, text));
    }
    return number;
  }

  /** As options that {@link #take} takes, as in {@code iops-rd=100,iops-wr=20}; empty for none. */
  public String text() {
    StringJoiner options = new StringJoiner(",");
    add(options, "iops", requests);
    add(options, "iops-rd", readRequests);
    add(options, "iops-wr", writeRequests);
    add(options, "bps", bytes);
    add(options, "bps-rd", readBytes);
    add(options, "bps-wr", writeBytes);
    return options.toString();
  }

  private static void add(StringJoiner options, String name, Rate rate) {
    if (!rate.isUnlimited()) {
      options.add(name + "=" + rate.perSecond());
      if (rate.burstPerSecond() != 0) {
        options.add(name + "-max=" + rate.burstPerSecond());
        options.add(name + "-max-length=" + rate.burstSeconds());
      }
    }
  }

  public boolean isNone() {
    return equals(NONE);
  }
}
