package org.maloca.net.dhcp;

/** Option codes of DHCPv4 (RFC 2132; others as noted) and its message types. */
final class DhcpOption {
  static final int PAD = 0;
  static final int SUBNET_MASK = 1;
  static final int ROUTER = 3;
  static final int DOMAIN_NAME_SERVER = 6;
  static final int HOST_NAME = 12;
  static final int DOMAIN_NAME = 15;
  static final int INTERFACE_MTU = 26;
  static final int BROADCAST_ADDRESS = 28;
  static final int REQUESTED_ADDRESS = 50;
  static final int LEASE_TIME = 51;
  static final int OVERLOAD = 52;
  static final int MESSAGE_TYPE = 53;
  static final int SERVER_IDENTIFIER = 54;
  static final int PARAMETER_REQUEST_LIST = 55;
  static final int MESSAGE = 56;
  static final int RENEWAL_TIME = 58;
  static final int REBINDING_TIME = 59;
  static final int CLIENT_IDENTIFIER = 61;

  /** RFC 3397. */
  static final int DOMAIN_SEARCH = 119;

  static final int END = 255;

  static final int DISCOVER = 1;
  static final int OFFER = 2;
  static final int REQUEST = 3;
  static final int DECLINE = 4;
  static final int ACK = 5;
  static final int NAK = 6;
  static final int RELEASE = 7;
  static final int INFORM = 8;

  private DhcpOption() {}
}
