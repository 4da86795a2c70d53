package org.maloca.block.vmdk;

class VmdkTwoGbFlatTest extends VmdkContract {
  @Override
  VmdkKind kind() {
    return VmdkKind.TWO_GB_FLAT;
  }

  @Override
  protected boolean canGrow() {
    return false;
  }
}
