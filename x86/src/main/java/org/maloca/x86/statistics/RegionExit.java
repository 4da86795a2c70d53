package org.maloca.x86.statistics;

/** Why compiled code gave control back to the interpreter's loop. */
public enum RegionExit {
  /** A function returned to where no region begins. */
  RETURN("return", "return to where no region begins"),
  /** An interrupt, a request of another thread, or another event is pending. */
  EVENT("event", "event pending"),
  /** No region begins where a direct jump or call leads, or not as pages are mapped now. */
  NO_REGION("no-region", "jump to where no region begins"),
  /** The same for a jump or call whose target was computed. */
  NO_COMPUTED_REGION("no-computed-region", "computed jump to where none begins"),
  /** A compiled call came back to another place or to another state than it was made in. */
  CALL_UNWOUND("call-unwound", "call that returned elsewhere"),
  /** The handler of an instruction that ends its block changed how code runs. */
  HANDLER("handler", "system instruction"),
  /** An instruction raised an exception. */
  EXCEPTION("exception", "exception"),
  /** An instruction was left to the interpreter, such as a store to the region's own code. */
  INTERPRET("interpret", "instruction for the interpreter"),
  /** An access found nothing in the TLB, in a region that leaves that to the loop. */
  MISS("miss", "access that missed the TLB, odd division"),
  /** A long instruction stopped in its midst so that events are looked at. */
  RESTART("restart", "long instruction interrupted");

  private final String counterName;
  private final String label;

  RegionExit(String counterName, String label) {
    this.counterName = counterName;
    this.label = label;
  }

  String counterName() {
    return counterName;
  }

  String label() {
    return label;
  }
}
