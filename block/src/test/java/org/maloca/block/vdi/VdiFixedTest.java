package org.maloca.block.vdi;

class VdiFixedTest extends VdiContract {
  @Override
  boolean isFixed() {
    return true;
  }
}
