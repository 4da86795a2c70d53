package org.maloca.devices.scsi;

/**
 * What has happened to a drive's tray since the guest asked last (MMC-6, section 6.7). Not
 * thread-safe.
 */
final class CdEvents {
  private static final int POLLED = 0x01;
  private static final int MEDIA_CLASS = 4;
  private static final int OPERATIONAL_CHANGE_CLASS = 1;
  private static final int SUPPORTED = 1 << MEDIA_CLASS;
  private static final int NO_EVENT_AVAILABLE = 0x80;

  private static final int NO_CHANGE = 0;
  private static final int EJECT_REQUEST = 1;
  private static final int NEW_MEDIA = 2;
  private static final int MEDIA_REMOVAL = 3;

  private int media = NO_CHANGE;

  void ejectRequested() {
    media = EJECT_REQUEST;
  }

  void inserted() {
    media = NEW_MEDIA;
  }

  void removed() {
    media = MEDIA_REMOVAL;
  }

  /** GET EVENT STATUS NOTIFICATION, which takes the event. */
  void answer(ScsiCommand command, boolean isTrayOpen, boolean isMediumIn) {
    if ((command.octet(1) & POLLED) == 0) {
      command.check(Sense.INVALID_FIELD_IN_CDB);
      return;
    }
    byte[] data = new byte[8];
    data[3] = SUPPORTED;
    int classes = command.octet(4);
    long room = command.field(7, 2);
    // A class of a lower number goes first; of what may change in operation there is no news.
    if ((classes & SUPPORTED) == 0 || (classes & 1 << OPERATIONAL_CHANGE_CLASS - 1) != 0) {
      BigEndian.put(data, 0, 2, 2);
      data[2] = (byte) NO_EVENT_AVAILABLE;
      command.reply(data, 4, room);
      return;
    }
    BigEndian.put(data, 0, 2, 6);
    data[2] = MEDIA_CLASS;
    data[4] = (byte) media;
    data[5] = (byte) ((isTrayOpen ? 1 : 0) | (isMediumIn ? 2 : 0));
    if (room > 4) {
      media = NO_CHANGE;
    }
    command.reply(data, 8, room);
  }
}
