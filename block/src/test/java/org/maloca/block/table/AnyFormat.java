package org.maloca.block.table;

import java.io.IOException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.maloca.block.file.ImageFile;
import org.maloca.block.image.DiskImage;
import org.maloca.block.vdi.VdiImage;
import org.maloca.block.vdi.VdiOptions;
import org.maloca.block.vhd.VhdImage;
import org.maloca.block.vhd.VhdOptions;
import org.maloca.block.vhdx.VhdxCreation;
import org.maloca.block.vhdx.VhdxImage;
import org.maloca.block.vhdx.VhdxOptions;
import org.maloca.block.vmdk.ExtentFiles;
import org.maloca.block.vmdk.VmdkCreation;
import org.maloca.block.vmdk.VmdkImage;
import org.maloca.block.vmdk.VmdkKind;
import org.maloca.block.vmdk.VmdkOptions;

/** The kinds of images that are one file, without a parent and with one. */
enum AnyFormat {
  VMDK(false) {
    @Override
    void create(ImageFile file, long size) throws IOException {
      VmdkCreation.create(
          file, ExtentFiles.none(), VmdkOptions.of(size, VmdkKind.MONOLITHIC_SPARSE));
    }

    @Override
    DiskImage openWith(ImageFile file, @Nullable PatternDisk parent) throws IOException {
      return VmdkImage.open(file, ExtentFiles.none(), parent);
    }
  },
  VMDK_STREAM(false) {
    @Override
    void create(ImageFile file, long size) throws IOException {
      VmdkCreation.create(
          file, ExtentFiles.none(), VmdkOptions.of(size, VmdkKind.STREAM_OPTIMIZED));
    }

    @Override
    DiskImage openWith(ImageFile file, @Nullable PatternDisk parent) throws IOException {
      return VmdkImage.open(file, ExtentFiles.none(), parent);
    }
  },
  VMDK_CHILD(true) {
    @Override
    void create(ImageFile file, long size) throws IOException {
      VmdkCreation.create(
          file,
          ExtentFiles.none(),
          new VmdkOptions(
              size,
              VmdkKind.MONOLITHIC_SPARSE,
              true,
              VmdkOptions.Hardware.USUAL,
              new VmdkOptions.Parent("p.vmdk", 17)));
    }

    @Override
    DiskImage openWith(ImageFile file, @Nullable PatternDisk parent) throws IOException {
      return VmdkImage.open(file, ExtentFiles.none(), parent);
    }
  },
  VHDX(false) {
    @Override
    void create(ImageFile file, long size) throws IOException {
      VhdxCreation.create(file, new VhdxOptions(size, 1 << 20, 1 << 20, false, null));
    }

    @Override
    DiskImage openWith(ImageFile file, @Nullable PatternDisk parent) throws IOException {
      return VhdxImage.open(file, parent);
    }
  },
  VHDX_CHILD(true) {
    @Override
    void create(ImageFile file, long size) throws IOException {
      VhdxOptions.Parent parent = new VhdxOptions.Parent("p.vhdx", "/p.vhdx", ID);
      VhdxCreation.create(file, new VhdxOptions(size, 1 << 20, 1 << 20, false, parent));
    }

    @Override
    DiskImage openWith(ImageFile file, @Nullable PatternDisk parent) throws IOException {
      return VhdxImage.open(file, parent);
    }
  },
  VDI(false) {
    @Override
    void create(ImageFile file, long size) throws IOException {
      VdiImage.create(file, VdiOptions.dynamic(size));
    }

    @Override
    DiskImage openWith(ImageFile file, @Nullable PatternDisk parent) throws IOException {
      return VdiImage.open(file, parent);
    }
  },
  VDI_CHILD(true) {
    @Override
    void create(ImageFile file, long size) throws IOException {
      VdiImage.create(file, new VdiOptions(size, false, new VdiOptions.Parent(ID, ID)));
    }

    @Override
    DiskImage openWith(ImageFile file, @Nullable PatternDisk parent) throws IOException {
      return VdiImage.open(file, parent);
    }
  },
  VHD(false) {
    @Override
    void create(ImageFile file, long size) throws IOException {
      VhdImage.create(file, VhdOptions.dynamic(size));
    }

    @Override
    DiskImage openWith(ImageFile file, @Nullable PatternDisk parent) throws IOException {
      return VhdImage.open(file, parent);
    }
  },
  VHD_CHILD(true) {
    @Override
    void create(ImageFile file, long size) throws IOException {
      VhdOptions.Parent parent = new VhdOptions.Parent("p.vhd", "/p.vhd", ID, 1_700_000_000);
      VhdImage.create(file, new VhdOptions(size, false, parent));
    }

    @Override
    DiskImage openWith(ImageFile file, @Nullable PatternDisk parent) throws IOException {
      return VhdImage.open(file, parent);
    }
  };

  private static final UUID ID = new UUID(1, 2);

  final boolean hasParent;

  AnyFormat(boolean hasParent) {
    this.hasParent = hasParent;
  }

  abstract void create(ImageFile file, long size) throws IOException;

  abstract DiskImage openWith(ImageFile file, @Nullable PatternDisk parent) throws IOException;

  /** Opens an image, with a parent of the size if it has one. */
  DiskImage open(ImageFile file, long parentSize) throws IOException {
    return openWith(file, hasParent ? new PatternDisk(parentSize) : null);
  }
}
