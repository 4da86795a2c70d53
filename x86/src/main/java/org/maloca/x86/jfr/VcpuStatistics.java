package org.maloca.x86.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** What a vCPU has counted, once a second; all but the last two since the machine was made. */
@Name("maloca.VcpuStatistics")
@Label("Virtual CPU Statistics")
@Description("Counters of a virtual CPU since its machine was made")
@Category("Maloca")
@StackTrace(false)
@Period("1 s")
public final class VcpuStatistics extends Event {
  @Label("Virtual CPU")
  public int vcpu;

  @Label("Instructions")
  @Description("Guest instructions executed")
  public long instructions;

  @Label("Compiled Instructions")
  @Description("Of those, the ones in compiled code")
  public long compiledInstructions;

  @Label("Quick Instructions")
  @Description("Of those, the ones in regions for the JVM's quick compiler")
  public long quickInstructions;

  @Label("Region Exits")
  @Description("Times that compiled code gave control back to the interpreter's loop")
  public long regionExits;

  @Label("Slow Accesses")
  @Description("Loads and stores that the software TLB's fast path did not serve")
  public long slowAccesses;

  @Label("TLB Fills")
  public long tlbFills;

  @Label("Code Writes")
  @Description("Stores that hit decoded code")
  public long codeWrites;

  @Label("Exceptions")
  public long exceptions;

  @Label("Interrupts")
  public long interrupts;

  @Label("Halted Time")
  @Timespan
  public long haltedTime;

  @Label("Blocks")
  @Description("Decoded blocks kept now")
  public int blocks;

  @Label("Regions")
  @Description("Compiled regions in use now")
  public long regions;
}
