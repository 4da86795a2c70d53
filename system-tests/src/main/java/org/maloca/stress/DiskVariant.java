package org.maloca.stress;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.maloca.block.disk.CreateRequest;
import org.maloca.block.disk.DiskImages;
import org.maloca.block.disk.ImageCreation;
import org.maloca.block.disk.OpenOptions;
import org.maloca.block.disk.OpenedDisk;
import org.maloca.block.image.ImageFormat;

/** The kinds of images that are put under stress, alone and as differences to another one. */
enum DiskVariant {
  RAW(ImageFormat.RAW, Map.of()),
  QCOW2(ImageFormat.QCOW2, Map.of()),
  QCOW2_V2(ImageFormat.QCOW2, Map.of("compat", "0.10", "cluster_size", "512")),
  QCOW2_SMALL(ImageFormat.QCOW2, Map.of("cluster_size", "4K", "refcount_bits", "8")),
  QCOW2_LAZY(ImageFormat.QCOW2, Map.of("lazy_refcounts", "on", "cluster_size", "4K")),
  QCOW2_EXTENDED(ImageFormat.QCOW2, Map.of("extended_l2", "on", "cluster_size", "16K")),
  QCOW2_OVER(ImageFormat.QCOW2, Map.of("cluster_size", "4K"), true),
  VMDK(ImageFormat.VMDK, Map.of()),
  VMDK_OVER(ImageFormat.VMDK, Map.of(), true),
  VDI(ImageFormat.VDI, Map.of()),
  VDI_OVER(ImageFormat.VDI, Map.of(), true),
  VHD(ImageFormat.VHD, Map.of()),
  VHD_OVER(ImageFormat.VHD, Map.of(), true),
  VHDX(ImageFormat.VHDX, Map.of("block_size", "1M")),
  VHDX_OVER(ImageFormat.VHDX, Map.of("block_size", "1M"), true);

  private final ImageFormat format;
  private final Map<String, String> options;
  private final boolean hasParent;

  DiskVariant(ImageFormat format, Map<String, String> options) {
    this(format, options, false);
  }

  DiskVariant(ImageFormat format, Map<String, String> options, boolean hasParent) {
    this.format = format;
    this.options = options;
    this.hasParent = hasParent;
  }

  String title() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  ImageFormat format() {
    return format;
  }

  /** Whether the image is a difference to one that is full of {@link SectorPattern#PARENT}. */
  boolean hasParent() {
    return hasParent;
  }

  /** Whether there are internal snapshots. */
  boolean hasSnapshots() {
    return format == ImageFormat.QCOW2;
  }

  /** QEMU's name of the format, or nothing where it cannot open such an image. */
  String qemuName() {
    boolean isKnown = !hasParent || format == ImageFormat.QCOW2 || format == ImageFormat.VMDK;
    return !isKnown ? "" : format == ImageFormat.VHD ? "vpc" : format.optionName();
  }

  /** Makes the image in a folder, and what it is a difference to. */
  Path create(Path folder, int diskBytes) throws IOException {
    Path path = folder.resolve(title() + ending());
    if (!hasParent) {
      create(path, diskBytes, null);
      return path;
    }
    Path parent = folder.resolve(title() + "-parent" + ending());
    create(parent, diskBytes, null);
    try (OpenedDisk below = DiskImages.open(parent, OpenOptions.writable().withFormat(format))) {
      SectorPattern.fill(below.image(), diskBytes);
    }
    try (OpenedDisk below = DiskImages.open(parent, OpenOptions.readOnly().withFormat(format))) {
      create(
          path,
          diskBytes,
          new CreateRequest.Base(parent.getFileName().toString(), format, below.image()));
    }
    return path;
  }

  private String ending() {
    return "." + format.optionName();
  }

  private void create(
      Path path, int diskBytes, CreateRequest.@org.jspecify.annotations.Nullable Base base)
      throws IOException {
    ImageCreation.create(path, new CreateRequest(format, diskBytes, options, base), true);
  }

  OpenedDisk open(Path path) throws IOException {
    return DiskImages.open(path, OpenOptions.writable().withFormat(format));
  }
}
