package org.maloca.machine.config;

import org.jspecify.annotations.Nullable;

/**
 * How guest code is translated.
 *
 * @param dumps which regions are written down, for people who look inside; null for none
 */
public record TranslatorConfig(@Nullable RegionDumpConfig dumps) {
  /** As it is for those who do not look inside. */
  public static final TranslatorConfig DEFAULT = new TranslatorConfig(null);
}
