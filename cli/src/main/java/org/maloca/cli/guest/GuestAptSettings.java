package org.maloca.cli.guest;

/** Settings for the guest's apt, in the format of apt.conf(5). */
final class GuestAptSettings {
  /** Package lists without translations, kept as they were fetched: a third of the work. */
  private static final String QUICK =
      """
      Acquire::Languages "none";
      Acquire::GzipIndexes "true";
      Acquire::CompressionTypes::Order:: "gz";
      """;

  private GuestAptSettings() {}

  /**
   * Writes them.
   *
   * @param proxy the host's, or empty for none
   */
  static String of(String proxy) {
    return proxy.isEmpty() ? QUICK : QUICK + "Acquire::http::Proxy \"%s\";\n".formatted(proxy);
  }
}
