package org.maloca.cli.guest;

/** Kinds of Debian kernel that Maloca makes guests with. */
public enum GuestArchitecture {
  AMD64("amd64", "amd64", "linux-image-cloud-amd64"),
  /** With drivers for real machines, and for shared folders. */
  AMD64_GENERIC("amd64-generic", "amd64", "linux-image-amd64"),
  I386("i386", "i386", "linux-image-686-pae");

  private final String cacheName;
  private final String debianName;
  private final String kernelPackage;

  GuestArchitecture(String cacheName, String debianName, String kernelPackage) {
    this.cacheName = cacheName;
    this.debianName = debianName;
    this.kernelPackage = kernelPackage;
  }

  /** Tells its guests from others in one folder. */
  String cacheName() {
    return cacheName;
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
