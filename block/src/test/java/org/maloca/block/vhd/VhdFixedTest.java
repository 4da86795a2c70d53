package org.maloca.block.vhd;

class VhdFixedTest extends VhdContract {
  @Override
  boolean isFixed() {
    return true;
  }

  @Override
  protected int[] structures() {
    return new int[] {-512};
  }
}
