package org.maloca.net.dns;

/** Numbers of the DNS message format (RFC 1035, section 4.1; RFC 3596; RFC 6891). */
final class DnsCode {
  static final int HEADER_BYTES = 12;

  static final int FLAG_RESPONSE = 0x8000;
  static final int MASK_OPCODE = 0x7800;
  static final int FLAG_AUTHORITATIVE = 0x0400;
  static final int FLAG_TRUNCATED = 0x0200;
  static final int FLAG_RECURSION_DESIRED = 0x0100;
  static final int FLAG_RECURSION_AVAILABLE = 0x0080;
  static final int FLAG_CHECKING_DISABLED = 0x0010;
  static final int MASK_RCODE = 0x000f;

  static final int NO_ERROR = 0;
  static final int FORMAT_ERROR = 1;
  static final int SERVER_FAILURE = 2;
  static final int NAME_ERROR = 3;
  static final int NOT_IMPLEMENTED = 4;
  static final int REFUSED = 5;

  static final int TYPE_A = 1;
  static final int TYPE_CNAME = 5;
  static final int TYPE_SOA = 6;
  static final int TYPE_PTR = 12;
  static final int TYPE_AAAA = 28;
  static final int TYPE_OPT = 41;

  /** Transfers of whole zones: IXFR and AXFR. */
  static final int TYPE_IXFR = 251;

  static final int TYPE_AXFR = 252;
  static final int TYPE_ANY = 255;

  static final int CLASS_IN = 1;

  /** The largest UDP message without EDNS. */
  static final int PLAIN_UDP_BYTES = 512;

  private DnsCode() {}
}
