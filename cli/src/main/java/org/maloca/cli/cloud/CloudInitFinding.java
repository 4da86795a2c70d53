package org.maloca.cli.cloud;

/**
 * How cloud-init went, as somebody has found out.
 *
 * @param isGood whether nothing went wrong
 * @param words for people
 */
record CloudInitFinding(boolean isGood, String words) {
  private static final int MAX_SHOWN = 160;

  static CloudInitFinding setUp() {
    return new CloudInitFinding(true, "cloud-init has set the machine up");
  }

  static CloudInitFinding wentWrong(String complaint) {
    return new CloudInitFinding(
        false, "cloud-init has finished, but something went wrong: " + shown(complaint));
  }

  static CloudInitFinding failed(String complaint) {
    return new CloudInitFinding(false, "cloud-init failed: " + shown(complaint));
  }

  /** Bytes of the guest's that are safe on a terminal. */
  private static String shown(String text) {
    String plain = text.replaceAll("[^\\x20-\\x7e]", "?");
    return plain.substring(0, Math.min(MAX_SHOWN, plain.length()));
  }
}
