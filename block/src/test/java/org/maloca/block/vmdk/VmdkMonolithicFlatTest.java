package org.maloca.block.vmdk;

class VmdkMonolithicFlatTest extends VmdkContract {
  @Override
  VmdkKind kind() {
    return VmdkKind.MONOLITHIC_FLAT;
  }
}
