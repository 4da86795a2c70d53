package org.maloca.block.vmdk;

class VmdkStreamOptimizedTest extends VmdkContract {
  @Override
  VmdkKind kind() {
    return VmdkKind.STREAM_OPTIMIZED;
  }

  @Override
  protected boolean canGrow() {
    return false;
  }
}
