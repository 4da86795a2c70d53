package org.maloca.devices.virtio.net;

import org.jspecify.annotations.Nullable;
import org.maloca.core.memory.IoVector;
import org.maloca.devices.virtio.DescriptorChain;

/** The control queue's commands (virtio 1.2, section 5.1.6.5). For one thread. */
final class NetControl {
  private static final byte OK = 0;
  private static final byte ERR = 1;

  private static final int CLASS_RX = 0;
  private static final int CLASS_MAC = 1;
  private static final int CLASS_VLAN = 2;
  private static final int CLASS_ANNOUNCE = 3;
  private static final int CLASS_MQ = 4;
  private static final int CLASS_GUEST_OFFLOADS = 5;

  private static final int RX_MODES = 6;
  private static final int MAC_TABLE_SET = 0;
  private static final int MAC_ADDR_SET = 1;
  private static final int VLAN_ADD = 0;
  private static final int VLAN_DEL = 1;

  private static final int HEADER_BYTES = 2;
  private static final int MAC_BYTES = 6;

  private final VirtioNet card;
  private final byte[] scratch = new byte[8];
  private boolean hasOverflown;
  private long tableEnd;

  NetControl(VirtioNet card) {
    this.card = card;
  }

  /** Obeys a command; answers the number of bytes written. */
  long serve(DescriptorChain chain) {
    IoVector in = chain.writable();
    if (in.bytes() == 0) {
      return 0;
    }
    in.fill(0, 1, obey(chain.readable()) ? OK : ERR);
    return 1;
  }

  private boolean obey(IoVector request) {
    if (request.bytes() < HEADER_BYTES) {
      return false;
    }
    int type = (int) request.littleEndian(0, 1);
    int command = (int) request.littleEndian(1, 1);
    return switch (type) {
      case CLASS_RX -> setMode(request, command);
      case CLASS_MAC -> setAddresses(request, command);
      case CLASS_VLAN -> setVlan(request, command);
      case CLASS_ANNOUNCE -> command == 0 && card.announced();
      case CLASS_MQ ->
          command == 0
              && request.bytes() >= HEADER_BYTES + 2
              && card.setPairs((int) request.littleEndian(HEADER_BYTES, 2));
      case CLASS_GUEST_OFFLOADS ->
          command == 0
              && request.bytes() >= HEADER_BYTES + 8
              && card.setGuestOffloads(request.littleEndian(HEADER_BYTES, 8));
      default -> false;
    };
  }

  private boolean setMode(IoVector request, int command) {
    if (command >= RX_MODES || request.bytes() < HEADER_BYTES + 1) {
      return false;
    }
    // The modes' bits are in the order of the commands.
    card.setFilter(
        card.filter().withMode(1 << command, request.littleEndian(HEADER_BYTES, 1) != 0));
    return true;
  }

  private boolean setAddresses(IoVector request, int command) {
    if (command == MAC_ADDR_SET && request.bytes() >= HEADER_BYTES + MAC_BYTES) {
      card.setMac(mac(request, HEADER_BYTES));
      return true;
    }
    return command == MAC_TABLE_SET && setTables(request);
  }

  private boolean setTables(IoVector request) {
    int overflow = 0;
    long[] unicast = table(request, HEADER_BYTES);
    if (unicast == null) {
      return false;
    }
    overflow |= hasOverflown ? NetFilter.UNICAST_OVERFLOW : 0;
    long[] multicast = table(request, tableEnd);
    if (multicast == null) {
      return false;
    }
    overflow |= hasOverflown ? NetFilter.MULTICAST_OVERFLOW : 0;
    card.setFilter(card.filter().withTables(unicast, multicast, overflow));
    return true;
  }

  /** Reads a table of addresses, whose length comes first; null when it is cut off. */
  private long @Nullable [] table(IoVector request, long offset) {
    if (request.bytes() - offset < 4) {
      return null;
    }
    long count = request.littleEndian(offset, 4);
    tableEnd = offset + 4 + count * MAC_BYTES;
    if (tableEnd > request.bytes()) {
      return null;
    }
    hasOverflown = count > NetFilter.MAX_ADDRESSES;
    long[] addresses = new long[hasOverflown ? 0 : (int) count];
    for (int i = 0; i < addresses.length; i++) {
      addresses[i] = mac(request, offset + 4 + (long) i * MAC_BYTES);
    }
    return addresses;
  }

  private boolean setVlan(IoVector request, int command) {
    if (command != VLAN_ADD && command != VLAN_DEL || request.bytes() < HEADER_BYTES + 2) {
      return false;
    }
    int vlan = (int) request.littleEndian(HEADER_BYTES, 2);
    if (vlan > 0xfff) {
      return false;
    }
    card.setFilter(card.filter().withVlan(vlan, command == VLAN_ADD));
    return true;
  }

  private long mac(IoVector request, long offset) {
    request.copyTo(offset, scratch, 0, MAC_BYTES);
    long address = 0;
    for (int i = 0; i < MAC_BYTES; i++) {
      address = address << 8 | scratch[i] & 0xff;
    }
    return address;
  }
}
