package org.maloca.net.frame;

import org.maloca.core.backend.NetBackend;

/** A card without offloads or an address of its own, which does nothing but receive. */
@FunctionalInterface
public interface PlainCard extends NetBackend.Port {
  @Override
  default int features() {
    return 0;
  }

  @Override
  default byte[] macAddress() {
    return new byte[6];
  }
}
