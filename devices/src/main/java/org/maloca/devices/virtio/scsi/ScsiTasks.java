package org.maloca.devices.virtio.scsi;

import org.jspecify.annotations.Nullable;
import org.maloca.devices.scsi.LogicalUnit;
import org.maloca.devices.scsi.ScsiBus;
import org.maloca.devices.scsi.ScsiTarget;
import org.maloca.devices.scsi.Sense;

/**
 * Task management (virtio 1.2, section 5.6.6.2; SAM-5, section 7). A function that ends tasks is in
 * force while all request queues are served up to their ends; requests that it is about, those that
 * wait for a limit too, are answered without being executed. Those that have reached the host end
 * as they would have.
 */
final class ScsiTasks {
  private static final int ABORT_TASK = 0;
  private static final int ABORT_TASK_SET = 1;
  private static final int CLEAR_ACA = 2;
  private static final int CLEAR_TASK_SET = 3;
  private static final int I_T_NEXUS_RESET = 4;
  private static final int LOGICAL_UNIT_RESET = 5;
  private static final int QUERY_TASK = 6;
  private static final int QUERY_TASK_SET = 7;

  /** Serves the request queues to their ends; answers whether that went. */
  interface Drain {
    boolean drainAll();
  }

  private final ScsiBus bus;
  private final Drain drain;
  private volatile @Nullable Function inForce;

  /** Whether the function in force, which asks for a task, has found one. */
  private volatile boolean isFound;

  private record Function(int subtype, int target, int lun, long tag) {
    boolean isAbout(int otherTarget, int otherLun, long otherTag) {
      return target == otherTarget
          && (subtype == I_T_NEXUS_RESET || lun == otherLun)
          && (subtype != ABORT_TASK && subtype != QUERY_TASK || tag == otherTag);
    }

    boolean isQuery() {
      return subtype == QUERY_TASK || subtype == QUERY_TASK_SET;
    }
  }

  ScsiTasks(ScsiBus bus, Drain drain) {
    this.bus = bus;
    this.drain = drain;
  }

  /** How a request is to be answered instead of being executed; {@code OK} when it is not. */
  byte verdict(int target, int lun, long tag) {
    Function function = inForce;
    if (function == null || !function.isAbout(target, lun, tag)) {
      return ScsiResponse.OK;
    }
    if (function.isQuery()) {
      isFound = true;
      return ScsiResponse.OK;
    }
    boolean isReset = function.subtype == I_T_NEXUS_RESET || function.subtype == LOGICAL_UNIT_RESET;
    return isReset ? ScsiResponse.RESET : ScsiResponse.ABORTED;
  }

  /**
   * Carries a function out, on the control queue's worker.
   *
   * @param lun number of a unit, or {@link LunAddress#NOWHERE}
   * @return the response, or -1 when it has to be tried again after the machine was paused
   */
  int manage(int subtype, int targetNumber, int lun, long tag) {
    ScsiTarget target = bus.target(targetNumber);
    if (target == null) {
      return ScsiResponse.BAD_TARGET;
    }
    LogicalUnit unit = target.unit(lun);
    if (unit == null && subtype != I_T_NEXUS_RESET) {
      return ScsiResponse.INCORRECT_LUN;
    }
    switch (subtype) {
      case ABORT_TASK, ABORT_TASK_SET, CLEAR_TASK_SET, I_T_NEXUS_RESET, LOGICAL_UNIT_RESET -> {
        if (!drainFor(new Function(subtype, targetNumber, lun, tag))) {
          return -1;
        }
        reset(subtype, target, unit);
        return ScsiResponse.FUNCTION_COMPLETE;
      }
      case QUERY_TASK, QUERY_TASK_SET -> {
        // A task is taken from its queue to be executed at once: when its end is reached, only
        // those are left that wait for a limit.
        isFound = false;
        if (!drain.drainAll() || !drainFor(new Function(subtype, targetNumber, lun, tag))) {
          return -1;
        }
        return isFound ? ScsiResponse.FUNCTION_SUCCEEDED : ScsiResponse.FUNCTION_COMPLETE;
      }
      case CLEAR_ACA -> {
        return ScsiResponse.FUNCTION_COMPLETE;
      }
      default -> {
        return ScsiResponse.FUNCTION_REJECTED;
      }
    }
  }

  private boolean drainFor(Function function) {
    inForce = function;
    try {
      return drain.drainAll();
    } finally {
      inForce = null;
    }
  }

  private static void reset(int subtype, ScsiTarget target, @Nullable LogicalUnit unit) {
    if (subtype == LOGICAL_UNIT_RESET && unit != null) {
      unit.reset(Sense.UNIT_RESET);
    } else if (subtype == I_T_NEXUS_RESET) {
      for (int lun = 0; lun < ScsiTarget.UNITS; lun++) {
        LogicalUnit each = target.unit(lun);
        if (each != null) {
          each.reset(Sense.NEXUS_LOST);
        }
      }
    }
  }
}
