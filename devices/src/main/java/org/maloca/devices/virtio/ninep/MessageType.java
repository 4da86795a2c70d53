package org.maloca.devices.virtio.ninep;

/** Types of messages (9P2000, section 5 of the manual, and its Linux dialect). R is T plus one. */
final class MessageType {
  static final int RLERROR = 7;
  static final int TSTATFS = 8;
  static final int TLOPEN = 12;
  static final int TLCREATE = 14;
  static final int TSYMLINK = 16;
  static final int TMKNOD = 18;
  static final int TRENAME = 20;
  static final int TREADLINK = 22;
  static final int TGETATTR = 24;
  static final int TSETATTR = 26;
  static final int TXATTRWALK = 30;
  static final int TXATTRCREATE = 32;
  static final int TREADDIR = 40;
  static final int TFSYNC = 50;
  static final int TLOCK = 52;
  static final int TGETLOCK = 54;
  static final int TLINK = 70;
  static final int TMKDIR = 72;
  static final int TRENAMEAT = 74;
  static final int TUNLINKAT = 76;
  static final int TVERSION = 100;
  static final int TAUTH = 102;
  static final int TATTACH = 104;
  static final int TFLUSH = 108;
  static final int TWALK = 110;
  static final int TREAD = 116;
  static final int TWRITE = 118;
  static final int TCLUNK = 120;
  static final int TREMOVE = 122;

  private MessageType() {}
}
