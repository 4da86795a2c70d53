package org.maloca.devices.scsi;

/** What a drive can do, and what it can do with the disc in it (MMC-6, sections 5 and 6.6). */
final class CdConfiguration {
  /** As a drive of 50 times the speed of music. */
  static final int KILOBYTES_PER_SECOND = 8820;

  private static final int CD_ROM = 0x0008;
  private static final int DVD_ROM = 0x0010;

  /** Larger discs are DVDs: 80 minutes of 75 blocks a second. */
  private static final long MOST_CD_BLOCKS = 80 * 60 * 75;

  private static final int PROFILE_LIST = 0x0000;
  private static final int CORE = 0x0001;
  private static final int REMOVABLE_MEDIUM = 0x0003;
  private static final int RANDOM_READABLE = 0x0010;
  private static final int CD_READ = 0x001e;
  private static final int DVD_READ = 0x001f;

  private static final int CURRENT = 0x01;
  private static final int PERSISTENT = 0x02;
  private static final int SCSI_FAMILY = 1;

  /** Tray, which can be locked and ejected. */
  private static final int TRAY = 0x29;

  private static final int ALL = 0;
  private static final int ALL_CURRENT = 1;
  private static final int ONE = 2;

  private final byte[] data = new byte[128];
  private int length = 8;
  private final int which;
  private final int first;

  private CdConfiguration(int which, int first) {
    this.which = which;
    this.first = first;
  }

  /**
   * GET CONFIGURATION.
   *
   * @param blocks of the disc, or -1
   */
  static void answer(ScsiCommand command, long blocks) {
    int which = command.octet(1) & 3;
    if (which > ONE) {
      command.check(Sense.INVALID_FIELD_IN_CDB);
      return;
    }
    boolean isCd = blocks >= 0 && blocks <= MOST_CD_BLOCKS;
    boolean isDvd = blocks > MOST_CD_BLOCKS;
    CdConfiguration answer = new CdConfiguration(which, (int) command.field(2, 2));
    BigEndian.put(answer.data, 6, 2, isCd ? CD_ROM : isDvd ? DVD_ROM : 0);
    answer.addAll(isCd, isDvd);
    BigEndian.put(answer.data, 0, 4, answer.length - 4);
    command.reply(answer.data, answer.length, command.field(7, 2));
  }

  private void addAll(boolean isCd, boolean isDvd) {
    byte[] profiles = new byte[8];
    BigEndian.put(profiles, 0, 2, DVD_ROM);
    profiles[2] = (byte) (isDvd ? CURRENT : 0);
    BigEndian.put(profiles, 4, 2, CD_ROM);
    profiles[6] = (byte) (isCd ? CURRENT : 0);
    add(PROFILE_LIST, 0, PERSISTENT, true, profiles);
    byte[] core = new byte[8];
    BigEndian.put(core, 0, 4, SCSI_FAMILY);
    core[4] = 1;
    add(CORE, 2, PERSISTENT, true, core);
    add(REMOVABLE_MEDIUM, 0, PERSISTENT, true, new byte[] {TRAY, 0, 0, 0});
    byte[] readable = new byte[8];
    BigEndian.put(readable, 0, 4, CdDrive.BLOCK_BYTES);
    BigEndian.put(readable, 4, 2, 1);
    add(RANDOM_READABLE, 0, 0, isCd || isDvd, readable);
    add(CD_READ, 2, 0, isCd, new byte[4]);
    add(DVD_READ, 0, 0, isDvd, new byte[0]);
  }

  private void add(int code, int version, int persistence, boolean isCurrent, byte[] body) {
    boolean isWanted =
        switch (which) {
          case ALL -> code >= first;
          case ALL_CURRENT -> code >= first && isCurrent;
          default -> code == first;
        };
    if (isWanted) {
      BigEndian.put(data, length, 2, code);
      data[length + 2] = (byte) (version << 2 | persistence | (isCurrent ? CURRENT : 0));
      data[length + 3] = (byte) body.length;
      System.arraycopy(body, 0, data, length + 4, body.length);
      length += 4 + body.length;
    }
  }
}
