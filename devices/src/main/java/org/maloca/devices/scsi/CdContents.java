package org.maloca.devices.scsi;

/** What lies on a disc of one session with one data track (MMC-6, sections 6.21 to 6.26). */
final class CdContents {
  private static final int TIMES = 0x02;
  private static final int FORMAT_TOC = 0;
  private static final int FORMAT_SESSIONS = 1;
  private static final int FORMAT_RAW_TOC = 2;

  /** Q sub-channel with positions; a data track that may be copied no further. */
  private static final int DATA_TRACK = 0x14;

  private static final int LEAD_OUT = 0xaa;
  private static final int FRAMES_PER_SECOND = 75;
  private static final int LEAD_IN_FRAMES = 150;
  private static final long MOST_FRAMES = 256 * 60 * FRAMES_PER_SECOND - 1;

  private CdContents() {}

  /** READ TOC/PMA/ATIP; old drivers name the format in the last byte. */
  static void readToc(ScsiCommand command, long blocks) {
    int format = command.octet(2) & 0x0f;
    if (format == FORMAT_TOC) {
      format = command.octet(9) >> 6;
    }
    boolean isTimes = (command.octet(1) & TIMES) != 0;
    switch (format) {
      case FORMAT_TOC -> readTracks(command, blocks, isTimes);
      case FORMAT_SESSIONS -> {
        byte[] data = header(12);
        putTrack(data, 4, 1, 0, isTimes);
        reply(command, data);
      }
      case FORMAT_RAW_TOC -> readRaw(command, blocks);
      default -> command.check(Sense.INVALID_FIELD_IN_CDB);
    }
  }

  private static void readTracks(ScsiCommand command, long blocks, boolean isTimes) {
    int first = command.octet(6);
    if (first > 1 && first != LEAD_OUT) {
      command.check(Sense.INVALID_FIELD_IN_CDB);
      return;
    }
    boolean hasTrack = first <= 1;
    byte[] data = header(hasTrack ? 20 : 12);
    if (hasTrack) {
      putTrack(data, 4, 1, 0, isTimes);
    }
    putTrack(data, data.length - 8, LEAD_OUT, blocks, isTimes);
    reply(command, data);
  }

  private static void readRaw(ScsiCommand command, long blocks) {
    byte[] data = header(4 + 4 * 11);
    putRaw(data, 4, 0xa0, 1 << 16);
    putRaw(data, 15, 0xa1, 1 << 16);
    putRaw(data, 26, 0xa2, time(blocks));
    putRaw(data, 37, 1, time(0));
    reply(command, data);
  }

  /** Length, first and last number, both 1. */
  private static byte[] header(int bytes) {
    byte[] data = new byte[bytes];
    BigEndian.put(data, 0, 2, bytes - 2);
    data[2] = 1;
    data[3] = 1;
    return data;
  }

  private static void putTrack(byte[] data, int offset, int number, long block, boolean isTime) {
    data[offset + 1] = DATA_TRACK;
    data[offset + 2] = (byte) number;
    BigEndian.put(data, offset + 4, 4, isTime ? time(block) : block);
  }

  private static void putRaw(byte[] data, int offset, int point, int time) {
    data[offset] = 1;
    data[offset + 1] = DATA_TRACK;
    data[offset + 3] = (byte) point;
    BigEndian.put(data, offset + 8, 3, time);
  }

  /** Minutes, seconds and frames, a byte each; those of a DVD stay at the end of what fits. */
  private static int time(long block) {
    long frames = Math.min(block + LEAD_IN_FRAMES, MOST_FRAMES);
    long seconds = frames / FRAMES_PER_SECOND;
    return (int) (seconds / 60 << 16 | seconds % 60 << 8 | frames % FRAMES_PER_SECOND);
  }

  private static void reply(ScsiCommand command, byte[] data) {
    command.reply(data, data.length, command.field(7, 2));
  }

  /** READ DISC INFORMATION: finished, and neither writable nor erasable. */
  static void readDiscInformation(ScsiCommand command) {
    if ((command.octet(1) & 7) != 0) {
      command.check(Sense.INVALID_FIELD_IN_CDB);
      return;
    }
    byte[] data = new byte[34];
    BigEndian.put(data, 0, 2, data.length - 2);
    // The last session and the disc are complete.
    data[2] = 0x0e;
    data[3] = 1;
    data[4] = 1;
    data[5] = 1;
    data[6] = 1;
    // May be used for anything.
    data[7] = 0x20;
    reply(command, data);
  }

  /** READ TRACK INFORMATION, by block, track or session. */
  static void readTrackInformation(ScsiCommand command, long blocks) {
    int by = command.octet(1) & 3;
    long number = command.field(2, 4);
    boolean isThere = by == 0 ? number < blocks : by < 3 && number == 1;
    if (!isThere) {
      command.check(Sense.INVALID_FIELD_IN_CDB);
      return;
    }
    byte[] data = new byte[36];
    BigEndian.put(data, 0, 2, data.length - 2);
    data[2] = 1;
    data[3] = 1;
    data[5] = 0x04;
    // Data of mode 1.
    data[6] = 0x01;
    BigEndian.put(data, 24, 4, blocks);
    reply(command, data);
  }
}
