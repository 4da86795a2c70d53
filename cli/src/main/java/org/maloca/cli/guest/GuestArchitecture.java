package org.maloca.cli.guest;

/** CPUs that Debian has kernels for and Maloca runs. */
public enum GuestArchitecture {
  AMD64("amd64", "linux-image-cloud-amd64"),
  I386("i386", "linux-image-686-pae");

  private final String debianName;
  private final String kernelPackage;

  GuestArchitecture(String debianName, String kernelPackage) {
    this.debianName = debianName;
    this.kernelPackage = kernelPackage;
  }

  /** As in the names of package files. */
  public String debianName() {
    return debianName;
  }

  /** The meta-package that depends on the newest kernel. */
  String kernelPackage() {
    return kernelPackage;
  }
}
