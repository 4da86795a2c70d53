package org.maloca.net.linux;

/** Where the fields of messages to and from sockets are on 64-bit Linux ({@code recvmsg(2)}). */
final class MessageLayout {
  // struct msghdr and struct cmsghdr.
  static final int MSGHDR_BYTES = 56;
  static final int MSG_NAMELEN = 8;
  static final int MSG_IOV = 16;
  static final int MSG_IOVLEN = 24;
  static final int MSG_CONTROL = 32;
  static final int MSG_CONTROLLEN = 40;
  static final int CMSG_LEVEL = 8;
  static final int CMSG_TYPE = 12;
  static final int CMSG_DATA = 16;

  /** In struct in_pktinfo: the host's address. */
  static final int IPI_SPEC_DST = 4;

  private MessageLayout() {}
}
