package org.maloca.devices.scsi;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a logical unit says of itself (SPC-4, sections 6.6 and 7.8). */
final class Inquiry {
  static final int DISC = 0x00;
  static final int CD = 0x05;

  /** Answers of a place where there is no unit, and of the one that only lists the others. */
  static final int NO_UNIT = 0x7f;

  static final int WELL_KNOWN_UNIT = 0x1e;

  private static final int VERSION_SPC_4 = 6;
  private static final int HISUP_AND_FORMAT = 0x12;
  private static final int COMMAND_QUEUING = 0x02;
  private static final int STANDARD_BYTES = 74;
  private static final int SAM_5 = 0x00a0;
  private static final int SPC_4 = 0x0460;
  private static final int VITAL_DATA = 0x01;
  private static final int UNIT_SERIAL_NUMBER = 0x80;
  private static final int DEVICE_IDENTIFICATION = 0x83;
  private static final int ASCII = 2;
  private static final int T10_VENDOR_ID = 1;
  private static final String VENDOR = "MALOCA  ";
  private static final String REVISION = "1.0 ";

  private final byte[] standard;
  private final List<VitalPage> pages = new ArrayList<>();
  private final int type;

  /** Makes the content of a page, header included. */
  interface VitalContent {
    byte[] page();
  }

  private record VitalPage(int code, VitalContent content) {}

  /**
   * Makes the answers of a unit with the pages that all have.
   *
   * @param type peripheral device type
   * @param product at most 16 characters
   * @param commandSet version descriptor of the standard for the type
   * @param serial unique among the units of a machine; ASCII
   */
  Inquiry(int type, boolean isRemovable, String product, int commandSet, String serial) {
    this.type = type;
    standard = standard(type, isRemovable, product);
    BigEndian.put(standard, 58, 2, SAM_5);
    BigEndian.put(standard, 60, 2, SPC_4);
    BigEndian.put(standard, 62, 2, commandSet);
    add(0, this::supportedPages);
    byte[] number = serial.getBytes(StandardCharsets.US_ASCII);
    add(UNIT_SERIAL_NUMBER, () -> page(UNIT_SERIAL_NUMBER, number));
    byte[] name = (VENDOR + serial).getBytes(StandardCharsets.US_ASCII);
    byte[] designator = new byte[4 + name.length];
    designator[0] = ASCII;
    designator[1] = T10_VENDOR_ID;
    designator[3] = (byte) name.length;
    System.arraycopy(name, 0, designator, 4, name.length);
    add(DEVICE_IDENTIFICATION, () -> page(DEVICE_IDENTIFICATION, designator));
  }

  /** Adds a page of vital product data; pages come in the order of their codes. */
  void add(int code, VitalContent content) {
    pages.add(new VitalPage(code, content));
  }

  /** A page with its header. */
  byte[] page(int code, byte[] body) {
    byte[] page = new byte[4 + body.length];
    page[0] = (byte) type;
    page[1] = (byte) code;
    BigEndian.put(page, 2, 2, body.length);
    System.arraycopy(body, 0, page, 4, body.length);
    return page;
  }

  private byte[] supportedPages() {
    byte[] codes = new byte[pages.size()];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = (byte) pages.get(i).code;
    }
    return page(0, codes);
  }

  private static byte[] standard(int typeAndQualifier, boolean isRemovable, String product) {
    byte[] data = new byte[STANDARD_BYTES];
    data[0] = (byte) typeAndQualifier;
    data[1] = (byte) (isRemovable ? 0x80 : 0);
    data[2] = VERSION_SPC_4;
    data[3] = HISUP_AND_FORMAT;
    data[4] = STANDARD_BYTES - 5;
    data[7] = COMMAND_QUEUING;
    Arrays.fill(data, 8, 36, (byte) ' ');
    put(data, 8, VENDOR);
    put(data, 16, product);
    put(data, 32, REVISION);
    return data;
  }

  private static void put(byte[] data, int offset, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, data, offset, bytes.length);
  }

  /** INQUIRY of a unit. */
  void answer(ScsiCommand command) {
    int code = command.octet(2);
    if ((command.octet(1) & VITAL_DATA) == 0) {
      answerStandard(command, standard);
      return;
    }
    for (VitalPage page : pages) {
      if (page.code == code) {
        byte[] data = page.content.page();
        command.reply(data, data.length, command.field(3, 2));
        return;
      }
    }
    command.check(Sense.INVALID_FIELD_IN_CDB);
  }

  /** INQUIRY of a place without a unit of its own. */
  static void answerWithout(int typeAndQualifier, ScsiCommand command) {
    if ((command.octet(1) & VITAL_DATA) != 0) {
      command.check(Sense.INVALID_FIELD_IN_CDB);
      return;
    }
    answerStandard(command, standard(typeAndQualifier, false, ""));
  }

  private static void answerStandard(ScsiCommand command, byte[] data) {
    if (command.octet(2) != 0) {
      command.check(Sense.INVALID_FIELD_IN_CDB);
      return;
    }
    command.reply(data, data.length, command.field(3, 2));
  }
}
