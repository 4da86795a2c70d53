package org.maloca.block.vmdk;

class VmdkTwoGbSparseTest extends VmdkContract {
  @Override
  VmdkKind kind() {
    return VmdkKind.TWO_GB_SPARSE;
  }

  @Override
  protected boolean canGrow() {
    return false;
  }
}
