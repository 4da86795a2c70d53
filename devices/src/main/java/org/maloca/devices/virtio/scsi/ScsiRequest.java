package org.maloca.devices.virtio.scsi;

import org.maloca.core.memory.IoVector;
import org.maloca.devices.scsi.LogicalUnit;
import org.maloca.devices.scsi.ScsiBus;
import org.maloca.devices.scsi.ScsiCommand;
import org.maloca.devices.scsi.ScsiTarget;
import org.maloca.devices.virtio.DescriptorChain;
import org.maloca.devices.virtio.VirtioDevice;

/**
 * Serves one request queue's commands, one at a time (virtio 1.2, section 5.6.6.1). Used under its
 * queue's lock.
 */
final class ScsiRequest {
  /** Address, tag, attribute, priority and reference number, before the descriptor block. */
  static final int HEADER_BYTES = 19;

  /** What comes before the sense data in an answer. */
  static final int RESPONSE_BYTES = 12;

  /** Answer of {@link #serve} to a request that lacks its header or room for the answer's. */
  static final long MALFORMED = -3;

  private static final int TAG = 8;

  private final ScsiBus bus;
  private final ScsiTasks tasks;
  private final ScsiCommand command = new ScsiCommand();
  private final byte[] header = new byte[HEADER_BYTES + ScsiCommand.CDB_BYTES];
  private final byte[] answer = new byte[RESPONSE_BYTES];

  ScsiRequest(ScsiBus bus, ScsiTasks tasks) {
    this.bus = bus;
    this.tasks = tasks;
  }

  /**
   * Serves a request.
   *
   * @param cdbBytes size of descriptor blocks that the driver has chosen
   * @param senseBytes the same of sense data
   * @return bytes written, {@link VirtioDevice#LATER}, {@link VirtioDevice#LIMITED} or {@link
   *     #MALFORMED}
   */
  long serve(DescriptorChain chain, int cdbBytes, int senseBytes) {
    if (!begin(chain, cdbBytes, senseBytes)) {
      return MALFORMED;
    }
    command.setAdmission(chain.admission());
    int response = execute();
    if (response < 0) {
      return command.isLimited() ? VirtioDevice.LIMITED : VirtioDevice.LATER;
    }
    return respond(chain.writable(), (byte) response, senseBytes);
  }

  /**
   * Serves a request as {@link #serve} does if that waits for nobody.
   *
   * @return bytes written, or {@link VirtioDevice#LATER}
   */
  long serveAtOnce(DescriptorChain chain, int cdbBytes, int senseBytes) {
    return begin(chain, cdbBytes, senseBytes) && executeAtOnce()
        ? respond(chain.writable(), ScsiResponse.OK, senseBytes)
        : VirtioDevice.LATER;
  }

  /** Takes the command in; false without room for its parts. */
  private boolean begin(DescriptorChain chain, int cdbBytes, int senseBytes) {
    IoVector out = chain.readable();
    IoVector in = chain.writable();
    long outHeader = HEADER_BYTES + cdbBytes;
    long inHeader = RESPONSE_BYTES + senseBytes;
    if (out.bytes() < outHeader || in.bytes() < inHeader) {
      return false;
    }
    int kept = Math.min(cdbBytes, ScsiCommand.CDB_BYTES);
    out.copyTo(0, header, 0, HEADER_BYTES + kept);
    command.begin(header, HEADER_BYTES, kept);
    command.dataOut().setSlice(out, outHeader, out.bytes() - outHeader);
    command.dataIn().setSlice(in, inHeader, in.bytes() - inHeader);
    return true;
  }

  private boolean executeAtOnce() {
    if (LunAddress.isReportLuns(header, 0)
        || !LunAddress.isOfTarget(header, 0)
        || hasDataBothWays()) {
      return false;
    }
    int targetNumber = LunAddress.target(header, 0);
    int lun = LunAddress.lun(header, 0);
    ScsiTarget target = bus.target(targetNumber);
    LogicalUnit unit = target == null ? null : target.unit(lun);
    return unit != null
        && tasks.verdict(targetNumber, lun, little(header, TAG)) == ScsiResponse.OK
        && unit.executeAtOnce(command);
  }

  private boolean hasDataBothWays() {
    return command.dataOut().bytes() > 0 && command.dataIn().bytes() > 0;
  }

  /** Answers a response, or -1. */
  private int execute() {
    if (LunAddress.isReportLuns(header, 0)) {
      bus.executeWellKnown(command, LunAddress::put);
      return command.isOverrun() ? ScsiResponse.OVERRUN : ScsiResponse.OK;
    }
    if (!LunAddress.isOfTarget(header, 0)) {
      return ScsiResponse.BAD_TARGET;
    }
    if (hasDataBothWays()) {
      // Both ways at once takes a feature that is not offered.
      return ScsiResponse.FAILURE;
    }
    int targetNumber = LunAddress.target(header, 0);
    ScsiTarget target = bus.target(targetNumber);
    if (target == null) {
      return ScsiResponse.BAD_TARGET;
    }
    int lun = LunAddress.lun(header, 0);
    byte verdict = tasks.verdict(targetNumber, lun, little(header, TAG));
    if (verdict != ScsiResponse.OK) {
      return verdict;
    }
    if (!target.execute(lun, command) || command.isLimited()) {
      return -1;
    }
    return command.isOverrun() ? ScsiResponse.OVERRUN : ScsiResponse.OK;
  }

  private long respond(IoVector in, byte response, int senseRoom) {
    boolean isExecuted = response == ScsiResponse.OK;
    int senseBytes = isExecuted ? Math.min(command.senseBytes(), senseRoom) : 0;
    long left =
        command.dataOut().bytes()
            - command.transferredOut()
            + command.dataIn().bytes()
            - command.transferredIn();
    putLittle(0, senseBytes);
    putLittle(4, (int) Math.min(left, 0xffff_ffffL));
    answer[10] = (byte) (isExecuted ? command.status() : 0);
    answer[11] = response;
    in.copyFrom(0, answer, 0, RESPONSE_BYTES);
    in.copyFrom(RESPONSE_BYTES, command.sense(), 0, senseBytes);
    in.fill(RESPONSE_BYTES + senseBytes, senseRoom - senseBytes, (byte) 0);
    return RESPONSE_BYTES + senseRoom + command.transferredIn();
  }

  private void putLittle(int offset, int value) {
    for (int i = 0; i < 4; i++) {
      answer[offset + i] = (byte) (value >>> 8 * i);
    }
  }

  static long little(byte[] bytes, int offset) {
    long value = 0;
    for (int i = 7; i >= 0; i--) {
      value = value << 8 | bytes[offset + i] & 0xff;
    }
    return value;
  }
}
