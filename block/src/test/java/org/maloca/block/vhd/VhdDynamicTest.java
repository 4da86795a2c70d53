package org.maloca.block.vhd;

class VhdDynamicTest extends VhdContract {
  @Override
  boolean isFixed() {
    return false;
  }

  @Override
  protected int[] structures() {
    return new int[] {0, 512, 1536, -512};
  }
}
