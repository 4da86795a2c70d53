package org.maloca.block.vmdk;

class VmdkMonolithicSparseTest extends VmdkContract {
  @Override
  VmdkKind kind() {
    return VmdkKind.MONOLITHIC_SPARSE;
  }
}
