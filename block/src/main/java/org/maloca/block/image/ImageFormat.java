package org.maloca.block.image;

import java.util.Locale;

/** The formats that Maloca reads and writes. */
public enum ImageFormat {
  RAW,
  QCOW2,
  VMDK,
  VDI,
  VHD,
  VHDX;

  /** The name in options and output, as in {@code qcow2}. */
  public String optionName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
