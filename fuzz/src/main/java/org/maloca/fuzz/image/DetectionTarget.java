package org.maloca.fuzz.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.maloca.block.disk.ChainExtent;
import org.maloca.block.disk.ChainMap;
import org.maloca.block.disk.DiskImages;
import org.maloca.block.disk.OpenOptions;
import org.maloca.block.disk.OpenedDisk;
import org.maloca.block.image.ImageFormat;
import org.maloca.block.limit.CacheMode;
import org.maloca.block.qcow2.Qcow2Image;
import org.maloca.block.qcow2.Qcow2Options;
import org.maloca.block.vdi.VdiImage;
import org.maloca.block.vdi.VdiOptions;
import org.maloca.block.vhd.VhdImage;
import org.maloca.block.vhd.VhdOptions;
import org.maloca.block.vhdx.VhdxCreation;
import org.maloca.block.vhdx.VhdxOptions;
import org.maloca.block.vmdk.ExtentFiles;
import org.maloca.block.vmdk.VmdkCreation;
import org.maloca.block.vmdk.VmdkKind;
import org.maloca.block.vmdk.VmdkOptions;
import org.maloca.fuzz.guided.FuzzTarget;

/**
 * Two files in a folder of the host, {@code image} and {@code second}, of which the first one is
 * opened without a word of its format, with all that it leads to. A file beside the folder must
 * never be opened, and a raw disk stays one whatever is written into it.
 */
public final class DetectionTarget implements FuzzTarget {
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
  private static final int MAX_EXTENTS = 500;
  private static final String OUTSIDE = "../secret";

  private final Path place = Files.createTempDirectory("maloca-detection");
  private final Path secret = place.resolve("secret");
  private final Path folder = place.resolve("folder");
  private final Path first = folder.resolve("image");
  private final Path second = folder.resolve("second");

  /** Makes the folder. */
  public DetectionTarget() throws IOException {
    Files.createDirectory(folder);
    Files.write(secret, new byte[1 << 16]);
  }

  @Override
  public long run(byte[] bytes) throws IOException {
    ImageInput input;
    try {
      input = ImageInput.of(bytes);
      Files.deleteIfExists(first);
      Files.deleteIfExists(second);
      write(first, input.first());
      write(second, input.second());
    } catch (IOException tooLarge) {
      return 0;
    }
    boolean isReadOnly = input.has(ImageInput.READ_ONLY);
    OpenOptions options = isReadOnly ? OpenOptions.readOnly() : OpenOptions.writable();
    try (OpenedDisk disk = DiskImages.open(first, options.withCache(CacheMode.UNSAFE))) {
      checkNothingElseIsOpen();
      look(disk);
      if (disk.image().format() == ImageFormat.RAW && !isReadOnly) {
        write(first, input.second());
        checkStaysRaw();
      }
      return 1;
    } catch (IOException | UnsupportedOperationException refused) {
      checkNothingElseIsOpen();
      return 0;
    }
  }

  private static void write(Path path, MemoryFile content) throws IOException {
    try (FileChannel channel =
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      for (Map.Entry<Long, byte[]> page : content.pages().entrySet()) {
        long at = page.getKey() * MemoryFile.PAGE_BYTES;
        int length = (int) Math.clamp(content.size() - at, 0, MemoryFile.PAGE_BYTES);
        channel.write(ByteBuffer.wrap(page.getValue(), 0, length), at);
      }
      if (channel.size() < content.size()) {
        channel.write(ByteBuffer.allocate(1), content.size() - 1);
      }
    }
  }

  private static void look(OpenedDisk disk) throws IOException {
    disk.image().info();
    ChainMap map = ChainMap.of(disk);
    long size = disk.image().sizeBytes();
    long at = 0;
    for (int i = 0; i < MAX_EXTENTS && at < size; i++) {
      ChainExtent extent = map.at(at, size - at);
      if (extent.length() <= 0) {
        throw new IllegalStateException("an extent of nothing at " + at);
      }
      at += extent.length();
    }
  }

  private void checkStaysRaw() throws IOException {
    UserDefinedFileAttributeView view =
        Files.getFileAttributeView(first, UserDefinedFileAttributeView.class);
    boolean isRemembered = view != null && !view.list().isEmpty();
    if (isRemembered && DiskImages.detect(first) != ImageFormat.RAW) {
      throw new IllegalStateException("a raw disk was taken for " + DiskImages.detect(first));
    }
  }

  private void checkNothingElseIsOpen() throws IOException {
    if (!Files.exists(DESCRIPTORS)) {
      return;
    }
    try (Stream<Path> names = Files.list(DESCRIPTORS)) {
      for (Path name : names.toList()) {
        if (Files.isSymbolicLink(name) && isSecret(name)) {
          throw new IllegalStateException("a file outside was opened");
        }
      }
    }
  }

  private boolean isSecret(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).equals(secret);
    } catch (IOException closed) {
      return false;
    }
  }

  @Override
  public List<byte[]> seeds() throws IOException {
    List<byte[]> seeds = new ArrayList<>();
    MemoryFile raw = new MemoryFile("second", false);
    raw.setSize(ImageTarget.DISK_BYTES);
    raw.write(0, ByteBuffer.wrap("raw".getBytes(StandardCharsets.US_ASCII)));
    seeds.add(ImageInput.encode(0, raw, qcow2(null)));
    seeds.add(ImageInput.encode(0, qcow2(null), raw));
    for (String name : List.of("second", "image", OUTSIDE)) {
      seeds.add(ImageInput.encode(0, qcow2(name), raw));
    }
    for (String name : List.of("second", OUTSIDE)) {
      seeds.add(ImageInput.encode(0, vmdk(VmdkKind.MONOLITHIC_FLAT, null, name), raw));
      MemoryFile base = vmdk(VmdkKind.MONOLITHIC_SPARSE, null, "");
      seeds.add(ImageInput.encode(0, vmdk(VmdkKind.MONOLITHIC_SPARSE, name, ""), base));
      MemoryFile vhd = new MemoryFile("image", false);
      VhdImage.create(
          vhd,
          new VhdOptions(
              ImageTarget.DISK_BYTES,
              false,
              new VhdOptions.Parent(name, name, new UUID(1, 2), 1_700_000_000)));
      seeds.add(ImageInput.encode(0, vhd, raw));
      MemoryFile vhdx = new MemoryFile("image", false);
      VhdxOptions.Parent parent = new VhdxOptions.Parent(name, name, new UUID(1, 2));
      VhdxCreation.create(vhdx, new VhdxOptions(ImageTarget.DISK_BYTES, 0, 1 << 20, false, parent));
      seeds.add(ImageInput.encode(0, vhdx, raw));
    }
    MemoryFile vdi = new MemoryFile("image", false);
    VdiImage.create(vdi, VdiOptions.dynamic(ImageTarget.DISK_BYTES));
    seeds.add(ImageInput.encode(0, vdi, raw));
    return seeds;
  }

  private static MemoryFile qcow2(@Nullable String backing) throws IOException {
    MemoryFile file = new MemoryFile("image", false);
    Qcow2Options options =
        Qcow2Options.DEFAULTS
            .withClusterBytes(4096)
            .withBacking(backing, backing == null ? null : "raw");
    try (Qcow2Image image = Qcow2Image.create(file, ImageTarget.DISK_BYTES, options, null, null)) {
      image.createSnapshot("s", Clock.systemUTC());
    }
    return file;
  }

  /** A disk whose descriptor names a parent, or an extent, as told. */
  private static MemoryFile vmdk(VmdkKind kind, @Nullable String parent, String extent)
      throws IOException {
    MemoryFile file = new MemoryFile("image", false);
    MemoryFile other = new MemoryFile("extent", false);
    ExtentFiles files =
        new ExtentFiles() {
          @Override
          public MemoryFile open(String name, boolean isReadOnly) {
            return other;
          }

          @Override
          public MemoryFile create(String name) {
            return other;
          }
        };
    VmdkOptions.Parent above = parent == null ? null : new VmdkOptions.Parent(parent, 17);
    VmdkCreation.create(
        file,
        files,
        new VmdkOptions(ImageTarget.DISK_BYTES, kind, false, VmdkOptions.Hardware.USUAL, above));
    if (kind == VmdkKind.MONOLITHIC_FLAT) {
      ByteBuffer text = ByteBuffer.allocate((int) file.size());
      file.read(0, text);
      String renamed =
          new String(text.array(), StandardCharsets.UTF_8).replace("image-flat.vmdk", extent);
      file.setSize(0);
      file.write(0, ByteBuffer.wrap(renamed.getBytes(StandardCharsets.UTF_8)));
    }
    return file;
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(first);
    Files.deleteIfExists(second);
    Files.deleteIfExists(folder);
    Files.deleteIfExists(secret);
    Files.deleteIfExists(place);
  }
}
