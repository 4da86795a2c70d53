package org.maloca.block.disk;

import org.jspecify.annotations.Nullable;
import org.maloca.block.image.ImageFormat;
import org.maloca.block.limit.CacheMode;

/**
 * How to open an image.
 *
 * @param format the image's, or null to look at its content
 * @param isReadOnly whether writes are refused
 * @param isUnlocked whether to open it although a machine has it open; for looking only
 * @param cache when writes are durable
 * @param writableBacking which of the images below is opened for writing too: 1 is the next one, 0
 *     none
 * @param hasBacking whether images below are opened at all
 * @param allowed which files it may lead to
 * @param snapshot id or name of the internal snapshot to show, to read only, or null for the disk
 *     as it is
 */
public record OpenOptions(
    @Nullable ImageFormat format,
    boolean isReadOnly,
    boolean isUnlocked,
    CacheMode cache,
    int writableBacking,
    boolean hasBacking,
    AllowedPaths allowed,
    @Nullable String snapshot) {
  /** For writing, with the format told by the content, and files beside the image allowed. */
  public static OpenOptions writable() {
    return new OpenOptions(
        null, false, false, CacheMode.WRITEBACK, 0, true, AllowedPaths.OWN_FOLDER, null);
  }

  /** The same for reading only. */
  public static OpenOptions readOnly() {
    return new OpenOptions(
        null, true, false, CacheMode.WRITEBACK, 0, true, AllowedPaths.OWN_FOLDER, null);
  }

  public OpenOptions withFormat(@Nullable ImageFormat told) {
    return new OpenOptions(
        told, isReadOnly, isUnlocked, cache, writableBacking, hasBacking, allowed, snapshot);
  }

  public OpenOptions withUnlocked(boolean unlocked) {
    return new OpenOptions(
        format, isReadOnly, unlocked, cache, writableBacking, hasBacking, allowed, snapshot);
  }

  public OpenOptions withCache(CacheMode mode) {
    return new OpenOptions(
        format, isReadOnly, isUnlocked, mode, writableBacking, hasBacking, allowed, snapshot);
  }

  public OpenOptions withWritableBacking(int depth) {
    return new OpenOptions(
        format, isReadOnly, isUnlocked, cache, depth, hasBacking, allowed, snapshot);
  }

  public OpenOptions withoutBacking() {
    return new OpenOptions(
        format, isReadOnly, isUnlocked, cache, writableBacking, false, allowed, snapshot);
  }

  public OpenOptions withAllowed(AllowedPaths paths) {
    return new OpenOptions(
        format, isReadOnly, isUnlocked, cache, writableBacking, hasBacking, paths, snapshot);
  }

  public OpenOptions withSnapshot(@Nullable String idOrName) {
    return new OpenOptions(
        format, isReadOnly, isUnlocked, cache, writableBacking, hasBacking, allowed, idOrName);
  }
}
