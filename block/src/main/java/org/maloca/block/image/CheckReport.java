package org.maloca.block.image;

import java.util.List;

/**
 * What a check of an image found.
 *
 * @param corruptions contradictions that are still there
 * @param leaks room that nothing refers to and that is still lost
 * @param repairedCorruptions contradictions that were mended
 * @param repairedLeaks room that was given back
 * @param allocatedClusters pieces of the disk that the image holds
 * @param totalClusters pieces of the disk
 * @param messages one for each finding, of which the first {@link #MAX_MESSAGES} are kept
 */
public record CheckReport(
    long corruptions,
    long leaks,
    long repairedCorruptions,
    long repairedLeaks,
    long allocatedClusters,
    long totalClusters,
    List<String> messages) {
  public static final int MAX_MESSAGES = 100;

  public CheckReport {
    messages = List.copyOf(messages);
  }

  public boolean isClean() {
    return corruptions == 0 && leaks == 0;
  }
}
