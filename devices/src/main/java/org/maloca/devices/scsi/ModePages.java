package org.maloca.devices.scsi;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * The mode pages of a logical unit, and the commands that read and change them (SPC-4, sections
 * 6.10 to 6.13 and 7.5). Any thread.
 */
final class ModePages {
  /** Writes what comes before the pages, which differs between kinds of unit. */
  interface Header {
    /** Device-specific parameter (SPC-4, section 7.5.5). */
    int deviceSpecific();

    /** Number of blocks, for the block descriptor. */
    long blocks();

    /** Bytes of a block, for the block descriptor; 0 for none. */
    int blockBytes();
  }

  private static final int ALL_PAGES = 0x3f;
  private static final int ALL_SUBPAGES = 0xff;
  private static final int DISABLE_BLOCK_DESCRIPTORS = 0x08;
  private static final int LONG_LBA_ACCEPTED = 0x10;
  private static final int SAVE_PAGES = 0x01;
  private static final int CHANGEABLE = 1;
  private static final int DEFAULTS = 2;
  private static final int SAVED = 3;
  private static final int MAX_LIST_BYTES = 1024;
  private static final int MAX_SENSE_BYTES = 512;

  private final Header header;
  private final List<Page> pages = new ArrayList<>();

  private static final class Page {
    final int code;
    final byte[] defaults;
    final byte[] changeable;
    final byte[] current;

    Page(int code, byte[] body, byte[] changeableBody) {
      this.code = code;
      defaults = withHeader(code, body);
      changeable = withHeader(code, changeableBody);
      current = defaults.clone();
    }

    private static byte[] withHeader(int code, byte[] body) {
      byte[] page = new byte[body.length + 2];
      page[0] = (byte) code;
      page[1] = (byte) body.length;
      System.arraycopy(body, 0, page, 2, body.length);
      return page;
    }
  }

  ModePages(Header header) {
    this.header = header;
  }

  /**
   * Adds a page; pages come in the order of their codes.
   *
   * @param body what follows the two bytes of the page's header
   * @param changeable the bits of it that the initiator may change
   */
  void add(int code, byte[] body, byte[] changeable) {
    pages.add(new Page(code, body, changeable));
  }

  /** A byte of a page as it is now, or 0 without that page. */
  synchronized int current(int code, int offset) {
    Page page = page(code);
    return page == null ? 0 : page.current[offset] & 0xff;
  }

  private @Nullable Page page(int code) {
    for (Page page : pages) {
      if (page.code == code) {
        return page;
      }
    }
    return null;
  }

  /** Back to the defaults. */
  synchronized void reset() {
    for (Page page : pages) {
      System.arraycopy(page.defaults, 0, page.current, 0, page.current.length);
    }
  }

  /** MODE SENSE, of 6 bytes or of 10. */
  synchronized void sense(ScsiCommand command, boolean isTen) {
    int which = command.octet(2) >> 6;
    int code = command.octet(2) & 0x3f;
    int subpage = command.octet(3);
    if (which == SAVED) {
      command.check(Sense.SAVING_NOT_SUPPORTED);
      return;
    }
    if (subpage != 0 && subpage != ALL_SUBPAGES || code != ALL_PAGES && page(code) == null) {
      command.check(Sense.INVALID_FIELD_IN_CDB);
      return;
    }
    byte[] data = new byte[MAX_SENSE_BYTES];
    int length = isTen ? 8 : 4;
    boolean isLong = isTen && (command.octet(1) & LONG_LBA_ACCEPTED) != 0;
    boolean hasDescriptor =
        (command.octet(1) & DISABLE_BLOCK_DESCRIPTORS) == 0 && header.blockBytes() > 0;
    if (hasDescriptor) {
      length += putDescriptor(data, length, isLong);
    }
    putHeader(data, isTen, isLong && hasDescriptor, length - (isTen ? 8 : 4));
    for (Page page : pages) {
      if (code == ALL_PAGES || code == page.code) {
        byte[] shown =
            which == CHANGEABLE
                ? page.changeable
                : which == DEFAULTS ? page.defaults : page.current;
        System.arraycopy(shown, 0, data, length, shown.length);
        length += shown.length;
      }
    }
    if (isTen) {
      BigEndian.put(data, 0, 2, length - 2);
    } else {
      data[0] = (byte) (length - 1);
    }
    command.reply(data, length, isTen ? command.field(7, 2) : command.octet(4));
  }

  private int putDescriptor(byte[] data, int offset, boolean isLong) {
    if (isLong) {
      BigEndian.put(data, offset, 8, header.blocks());
      BigEndian.put(data, offset + 12, 4, header.blockBytes());
      return 16;
    }
    BigEndian.put(data, offset, 4, Math.min(header.blocks(), 0xffff_ffffL));
    BigEndian.put(data, offset + 5, 3, header.blockBytes());
    return 8;
  }

  private void putHeader(byte[] data, boolean isTen, boolean isLong, int descriptorBytes) {
    if (isTen) {
      data[3] = (byte) header.deviceSpecific();
      data[4] = (byte) (isLong ? 1 : 0);
      BigEndian.put(data, 6, 2, descriptorBytes);
    } else {
      data[2] = (byte) header.deviceSpecific();
      data[3] = (byte) descriptorBytes;
    }
  }

  /** MODE SELECT, of 6 bytes or of 10; all pages of its list change, or none. */
  synchronized void select(ScsiCommand command, boolean isTen) {
    int length = (int) (isTen ? command.field(7, 2) : command.octet(4));
    if ((command.octet(1) & SAVE_PAGES) != 0) {
      command.check(Sense.INVALID_FIELD_IN_CDB);
      return;
    }
    if (length == 0 || !command.takesOut(length)) {
      return;
    }
    int headerBytes = isTen ? 8 : 4;
    if (length > MAX_LIST_BYTES || length < headerBytes) {
      command.check(Sense.PARAMETER_LIST_LENGTH);
      return;
    }
    byte[] list = new byte[length];
    command.dataOut().copyTo(0, list, 0, length);
    int descriptorBytes = isTen ? (int) BigEndian.get(list, 6, 2) : list[3] & 0xff;
    int firstPage = headerBytes + descriptorBytes;
    Sense wrong = firstPage > length ? Sense.PARAMETER_LIST_LENGTH : null;
    if (wrong == null && !isDescriptorGood(list, headerBytes, descriptorBytes)) {
      wrong = Sense.INVALID_FIELD_IN_PARAMETERS;
    }
    if (wrong == null) {
      wrong = walk(list, firstPage, false);
    }
    if (wrong != null) {
      command.check(wrong);
      return;
    }
    walk(list, firstPage, true);
  }

  private boolean isDescriptorGood(byte[] list, int offset, int bytes) {
    return switch (bytes) {
      case 0 -> true;
      case 8 -> isBlockSizeGood(BigEndian.get(list, offset + 5, 3));
      case 16 -> isBlockSizeGood(BigEndian.get(list, offset + 12, 4));
      default -> false;
    };
  }

  private boolean isBlockSizeGood(long blockBytes) {
    return blockBytes == 0 || blockBytes == header.blockBytes();
  }

  /** Looks whether the pages of a list are right, or takes them over. */
  private @Nullable Sense walk(byte[] list, int start, boolean takesOver) {
    for (int at = start; at < list.length; ) {
      if (at + 2 > list.length) {
        return Sense.PARAMETER_LIST_LENGTH;
      }
      Page page = page(list[at] & 0x7f);
      if (page == null || (list[at + 1] & 0xff) != page.current.length - 2) {
        return Sense.INVALID_FIELD_IN_PARAMETERS;
      }
      if (at + page.current.length > list.length) {
        return Sense.PARAMETER_LIST_LENGTH;
      }
      for (int i = 2; i < page.current.length; i++) {
        int differs = list[at + i] ^ page.current[i];
        if ((differs & ~page.changeable[i] & 0xff) != 0) {
          return Sense.INVALID_FIELD_IN_PARAMETERS;
        }
        if (takesOver) {
          page.current[i] = list[at + i];
        }
      }
      at += page.current.length;
    }
    return null;
  }

  synchronized void save(SnapshotWriter.Section section) {
    for (Page page : pages) {
      section.put(page.current);
    }
  }

  synchronized void restore(SnapshotReader.Section section) {
    for (Page page : pages) {
      byte[] saved = section.getBytes(page.current.length);
      System.arraycopy(saved, 0, page.current, 0, saved.length);
    }
  }
}
