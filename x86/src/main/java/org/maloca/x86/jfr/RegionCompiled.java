package org.maloca.x86.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A compilation of a region by the JVM ended. */
@Name("maloca.RegionCompiled")
@Label("Region Compiled")
@Description("A compilation of a region by the JVM, which the translator waited for, ended")
@Category("Maloca")
@StackTrace(false)
public final class RegionCompiled extends Event {
  @Label("Region")
  public int region;

  @Label("RIP")
  @MemoryAddress
  public long rip;

  @Label("Kind")
  @Description("Which of the JVM's compilers it is made for: quick or best")
  public String kind = "";

  @Label("Outcome")
  public String outcome = "";

  @Label("Wait Time")
  @Description("From the request to the JVM until its end was noticed")
  @Timespan
  public long waitTime;
}
