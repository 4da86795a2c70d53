package org.maloca.x86.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A region is no longer used. */
@Name("maloca.RegionDropped")
@Label("Region Dropped")
@Description("A region is no longer used")
@Category("Maloca")
@StackTrace(false)
public final class RegionDropped extends Event {
  @Label("Region")
  public int region;

  @Label("RIP")
  @MemoryAddress
  public long rip;

  @Label("Kind")
  public String kind = "";

  @Label("Cause")
  public String cause = "";

  @Label("Executed Instructions")
  @Description("Guest instructions that it executed")
  public long executedInstructions;
}
