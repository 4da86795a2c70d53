package org.maloca.x86;

/**
 * What CPUID offers: what it says is what works.
 *
 * @param vcpus number of vCPUs in the machine, for the topology leaves
 * @param brand the brand string, at most 48 characters
 */
public record CpuFeatures(int vcpus, String brand) {
  public static final String DEFAULT_BRAND = "Maloca software CPU";

  public CpuFeatures(int vcpus) {
    this(vcpus, DEFAULT_BRAND);
  }
}
