package org.maloca.devices.ps2;

import java.util.HexFormat;

/**
 * The correspondence of scan code sets 1 and 2, as the 8042's ROM has it (IBM PS/2 Hardware
 * Interface Technical Reference, keyboard controller: scan code translation).
 */
final class Scancodes {
  private static final int SET_2_F7 = 0x83;
  private static final int SET_1_F7 = 0x41;
  private static final int SET_2_SYSTEM_REQUEST = 0x84;
  private static final int SET_1_SYSTEM_REQUEST = 0x54;

  /** Set 1 code of each set 2 code 0x00..0x7f. */
  private static final byte[] SET_1_OF_SET_2 =
      HexFormat.of()
          .parseHex(
              "ff43413f3d3b3c58644442403e0f2959"
                  + "65382a701d10025a66712c1f1e11035b"
                  + "672e2d201205045c68392f211413065d"
                  + "693130232215075e6a7232241608095f"
                  + "6b332517180b0a606c34352627190c61"
                  + "6d7328741a0d626e3a361c1b752b6376"
                  + "55567778797a0e7b7c4f7d4b477e7f6f"
                  + "5253504c4d480145574e514a37494654");

  private static final byte[] SET_2_OF_SET_1 = invert();

  private Scancodes() {}

  private static byte[] invert() {
    byte[] inverse = new byte[128];
    for (int code = 1; code < 128; code++) {
      inverse[SET_1_OF_SET_2[code] & 0x7f] = (byte) code;
    }
    inverse[SET_1_F7] = (byte) SET_2_F7;
    inverse[SET_1_SYSTEM_REQUEST] = (byte) SET_2_SYSTEM_REQUEST;
    return inverse;
  }

  /** What the controller makes of a byte from the keyboard; prefixes and replies stay. */
  static int translate(int set2) {
    return switch (set2) {
      case SET_2_F7 -> SET_1_F7;
      case SET_2_SYSTEM_REQUEST -> SET_1_SYSTEM_REQUEST;
      default -> set2 < 0x80 ? SET_1_OF_SET_2[set2] & 0xff : set2;
    };
  }

  /** The set 2 make code of a set 1 make code 0x01..0x7f. */
  static int set2(int set1) {
    return SET_2_OF_SET_1[set1] & 0xff;
  }
}
