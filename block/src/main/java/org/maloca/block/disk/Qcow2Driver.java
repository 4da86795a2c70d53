package org.maloca.block.disk;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.CorruptImageException;
import org.maloca.block.image.DiskImage;
import org.maloca.block.image.ImageFormat;
import org.maloca.block.image.ImageInfo;
import org.maloca.block.qcow2.Qcow2Header;
import org.maloca.block.qcow2.Qcow2Image;
import org.maloca.block.qcow2.Qcow2Options;
import org.maloca.core.backend.BlockBackend;

/** qcow2, with its options under the names that {@code qemu-img} has for them. */
final class Qcow2Driver implements FormatDriver {
  @Override
  public ImageFormat format() {
    return ImageFormat.QCOW2;
  }

  @Override
  public boolean matches(ImageFile file) throws IOException {
    return Qcow2Image.isQcow2(file);
  }

  @Override
  public ImageInfo.@Nullable Backing backing(ImageFile file) throws IOException {
    Qcow2Header header = Qcow2Image.readHeader(file);
    String name = header.backingFile();
    if (name != null && header.backingFormatName() != null && header.backingFormat() == null) {
      throw new IOException(
          "%s: is a difference to an image of format %s, which is not known"
              .formatted(file.name(), AllowedPaths.shown(header.backingFormatName())));
    }
    return name == null ? null : new ImageInfo.Backing(name, header.backingFormat());
  }

  @Override
  public DiskImage open(ImageFile file, ImageFiles others, @Nullable BlockBackend below)
      throws IOException {
    Qcow2Header header = Qcow2Image.readHeader(file);
    if (!header.hasDataFile()) {
      return Qcow2Image.open(file, below);
    }
    String name = header.dataFile();
    if (name == null) {
      throw new CorruptImageException(
          file.name(), 0, "the image has a data file, but does not say which");
    }
    ImageFile data = others.open(name, file.isReadOnly());
    try {
      return Qcow2Image.open(file, below, data);
    } catch (Throwable failure) {
      data.close();
      throw failure;
    }
  }

  @Override
  public void create(ImageFile file, ImageFiles others, CreateRequest request) throws IOException {
    Qcow2Options options = options(request);
    String dataName = options.dataFile();
    ImageFile data = dataName == null ? null : others.create(dataName);
    Qcow2Image.create(file, request.sizeBytes(), options, null, data).close();
  }

  private static Qcow2Options options(CreateRequest request) {
    request.allow(
        "compat",
        "cluster_size",
        "refcount_bits",
        "lazy_refcounts",
        "extended_l2",
        "compression_type",
        "preallocation",
        "data_file",
        "data_file_raw");
    long clusterBytes = request.bytes("cluster_size", Qcow2Options.DEFAULTS.clusterBytes());
    long refcountBits = request.bytes("refcount_bits", Qcow2Options.DEFAULTS.refcountBits());
    CreateRequest.Base base = request.base();
    return new Qcow2Options(
        version(request),
        (int) Math.min(clusterBytes, Integer.MAX_VALUE),
        (int) Math.min(refcountBits, Integer.MAX_VALUE),
        request.flag("lazy_refcounts", false),
        request.flag("extended_l2", false),
        compression(request),
        preallocation(request),
        base == null ? null : base.name(),
        base == null ? null : qemuName(base.format()),
        request.options().get("data_file"),
        request.flag("data_file_raw", false));
  }

  private static int version(CreateRequest request) {
    return switch (request.word("compat", "1.1")) {
      case "0.10", "v2" -> 2;
      case "1.1", "v3" -> 3;
      default -> throw new IllegalArgumentException("qcow2: compat is 0.10 or 1.1");
    };
  }

  private static Qcow2Options.Compression compression(CreateRequest request) {
    return switch (request.word("compression_type", "zlib")) {
      case "zlib" -> Qcow2Options.Compression.ZLIB;
      case "zstd" -> Qcow2Options.Compression.ZSTD;
      default -> throw new IllegalArgumentException("qcow2: compression_type is zlib or zstd");
    };
  }

  private static Qcow2Options.Preallocation preallocation(CreateRequest request) {
    return switch (request.word("preallocation", "off")) {
      case "off" -> Qcow2Options.Preallocation.OFF;
      case "metadata" -> Qcow2Options.Preallocation.METADATA;
      case "falloc" -> Qcow2Options.Preallocation.FALLOC;
      case "full" -> Qcow2Options.Preallocation.FULL;
      default ->
          throw new IllegalArgumentException(
              "qcow2: preallocation is off, metadata, falloc or full");
    };
  }

  /** QEMU's word for a format, which is what qcow2 headers have. */
  static String qemuName(ImageFormat format) {
    return format == ImageFormat.VHD ? "vpc" : format.optionName();
  }
}
