package org.maloca.x86.translate;

import org.jspecify.annotations.Nullable;

/**
 * What can be chosen of a translator.
 *
 * @param vcpus that it translates for
 * @param maxRegions regions that may be in use: beyond, the least used are dropped
 * @param dumps which regions are written down, and where; null for none
 */
public record TranslatorOptions(int vcpus, int maxRegions, @Nullable DumpOptions dumps) {
  /** Some 15 KiB each, with what the JVM keeps of their classes. */
  public static final int DEFAULT_MAX_REGIONS = 6000;

  public static final TranslatorOptions DEFAULT =
      new TranslatorOptions(1, DEFAULT_MAX_REGIONS, null);

  /** The same, with regions written down. */
  public TranslatorOptions withDumps(@Nullable DumpOptions wanted) {
    return new TranslatorOptions(vcpus, maxRegions, wanted);
  }

  /** The same, for so many vCPUs. */
  public TranslatorOptions withVcpus(int count) {
    return new TranslatorOptions(count, maxRegions, dumps);
  }
}
