package org.maloca.devices.scsi;

import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.maloca.core.backend.DiskFullException;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;
import org.maloca.devices.disk.DiskErrors;

/**
 * A logical unit: what all kinds have of the primary commands (SPC-4), unit attentions, and what
 * becomes of the host's failures. Commands may come from several threads at once.
 */
public abstract class LogicalUnit {
  private static final int CONTROL_PAGE = 0x0a;
  private static final int CONTROL_PAGE_BYTES = 10;
  private static final int DESCRIPTOR_SENSE = 0x04;
  private static final int SENSE_WITH_DESCRIPTORS = 0x01;
  private static final int SELF_TEST = 0x04;

  private final String id;
  private final DiskErrors errors;
  private final Inquiry inquiry;
  private final ModePages modePages;
  private final UnitAttentions attentions = new UnitAttentions();
  private volatile boolean hasDescriptors;
  private volatile Consumer<Sense> newsListener = news -> {};
  private volatile Runnable limitListener = () -> {};

  /**
   * Makes a unit that was just switched on.
   *
   * @param id unique in the machine
   */
  LogicalUnit(String id, DiskErrors errors, Inquiry inquiry, ModePages modePages) {
    this.id = id;
    this.errors = errors;
    this.inquiry = inquiry;
    this.modePages = modePages;
    attentions.add(Sense.POWER_ON);
  }

  /** The page that every unit has (SPC-4, section 7.5.8): its one change is the sense format. */
  static void addControlPage(ModePages pages) {
    byte[] changeable = new byte[CONTROL_PAGE_BYTES];
    changeable[0] = DESCRIPTOR_SENSE;
    byte[] body = new byte[CONTROL_PAGE_BYTES];
    // Commands may be reordered.
    body[1] = 0x10;
    pages.add(CONTROL_PAGE, body, changeable);
  }

  public final String id() {
    return id;
  }

  /** Says whom to tell, on any thread, of news that do not come from the initiator's commands. */
  public final void onNews(Consumer<Sense> listener) {
    newsListener = listener;
  }

  /** Says whom to tell, on any thread, when commands may not have to wait any more. */
  public final void onLimitChange(Runnable listener) {
    limitListener = listener;
  }

  /** Says that commands which wait for a limit may not have to any more. */
  final void tellOfLimits() {
    limitListener.run();
  }

  /** Has the initiator told of something that happened here. */
  final void tell(Sense news) {
    attentions.add(news);
    newsListener.accept(news);
  }

  /** Has the initiator told with its next command, without an event of the transport. */
  final void tellLater(Sense news) {
    attentions.add(news);
  }

  /**
   * Executes a command to its end, or until it {@link ScsiCommand#isLimited}.
   *
   * @return false when it has to be kept and executed again after the machine was paused
   */
  public final boolean execute(ScsiCommand command) {
    command.begin();
    command.setDescriptors(hasDescriptors);
    int code = command.operationCode();
    switch (code) {
      case OperationCode.INQUIRY -> inquiry.answer(command);
      case OperationCode.REQUEST_SENSE -> requestSense(command);
      default -> {
        Sense news = hearsNoNews(code) ? null : attentions.take();
        if (news != null) {
          command.check(news);
        } else {
          return tryIt(command);
        }
      }
    }
    return true;
  }

  private boolean tryIt(ScsiCommand command) {
    try {
      if (!performCommon(command)) {
        perform(command);
      }
      return true;
    } catch (IOException failure) {
      switch (errors.judge(id, failure, command.isRead)) {
        case RETRY -> {
          return false;
        }
        case REPORT ->
            command.check(
                failure instanceof DiskFullException ? Sense.NO_SPACE_LEFT : Sense.HOST_FAILURE);
        case IGNORE -> {
          // As if it had gone well.
        }
      }
      return true;
    }
  }

  /**
   * Executes a command if that waits for nobody and goes well: for threads that have other things
   * to do.
   *
   * @return whether it is done; otherwise {@link #execute} has to do it, from the start
   */
  public final boolean executeAtOnce(ScsiCommand command) {
    if (!attentions.isEmpty() || !canBeDoneAtOnce(command.operationCode())) {
      return false;
    }
    command.begin();
    command.isAtOnce = true;
    try {
      perform(command);
    } catch (IOException failure) {
      return false;
    }
    return !command.isLeft && command.status() == ScsiCommand.GOOD && !command.isOverrun();
  }

  /** Whether {@link #perform} takes heed of {@link ScsiCommand#isAtOnce} in a command. */
  boolean canBeDoneAtOnce(int operationCode) {
    return false;
  }

  private boolean performCommon(ScsiCommand command) throws IOException {
    switch (command.operationCode()) {
      case OperationCode.MODE_SENSE_6 -> modePages.sense(command, false);
      case OperationCode.MODE_SENSE_10 -> modePages.sense(command, true);
      case OperationCode.MODE_SELECT_6 -> modeSelect(command, false);
      case OperationCode.MODE_SELECT_10 -> modeSelect(command, true);
      case OperationCode.SEND_DIAGNOSTIC -> {
        if ((command.octet(1) & SELF_TEST) == 0 && command.field(3, 2) != 0) {
          command.check(Sense.INVALID_FIELD_IN_CDB);
        }
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private void modeSelect(ScsiCommand command, boolean isTen) throws IOException {
    modePages.select(command, isTen);
    followModePages();
    modesSelected();
  }

  private void followModePages() {
    hasDescriptors = (modePages.current(CONTROL_PAGE, 2) & DESCRIPTOR_SENSE) != 0;
    modesChanged();
  }

  private void requestSense(ScsiCommand command) {
    Sense news = attentions.take();
    if (news == null) {
      news = standingSense();
    }
    byte[] data = new byte[Sense.MAX_BYTES];
    boolean asksForDescriptors = (command.octet(1) & SENSE_WITH_DESCRIPTORS) != 0;
    int length =
        (news == null ? Sense.NONE : news).write(data, asksForDescriptors, Sense.NO_INFORMATION);
    command.reply(data, length, command.octet(4));
  }

  /** What keeps the unit from working, or null. */
  @Nullable Sense standingSense() {
    return null;
  }

  /** Whether a command is executed while news wait, beyond those that always are. */
  boolean hearsNoNews(int operationCode) {
    return false;
  }

  /** Executes a command that is not one of all units. */
  abstract void perform(ScsiCommand command) throws IOException;

  /** Mode pages may have changed. */
  void modesChanged() {}

  /** The initiator has changed mode pages; after {@link #modesChanged}. */
  void modesSelected() throws IOException {}

  /**
   * Everything that the initiator has set is forgotten, and it is told so (SAM-5, section 6.3.3).
   *
   * @param news what happened
   */
  public void reset(Sense news) {
    modePages.reset();
    followModePages();
    attentions.add(news);
  }

  /** Puts the unit into the state in which it is switched on. */
  public final void powerOn() {
    reset(Sense.POWER_ON);
  }

  /** Writes the unit's own section. */
  public final void save(SnapshotWriter writer) {
    SnapshotWriter.Section section = writer.section(id + ".scsi", sectionVersion());
    modePages.save(section);
    attentions.save(section);
    saveMore(section);
  }

  public final void restore(SnapshotReader reader) {
    SnapshotReader.Section section = reader.section(id + ".scsi", sectionVersion());
    modePages.restore(section);
    followModePages();
    attentions.restore(section);
    restoreMore(section);
  }

  /** Version of the section that {@link #save} writes. */
  int sectionVersion() {
    return 1;
  }

  void saveMore(SnapshotWriter.Section section) {}

  void restoreMore(SnapshotReader.Section section) {}

  /** Gives the host's end back; no command is being executed. */
  public abstract void close() throws IOException;
}
