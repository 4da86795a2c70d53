package org.maloca.block.vdi;

class VdiDynamicTest extends VdiContract {
  @Override
  boolean isFixed() {
    return false;
  }
}
