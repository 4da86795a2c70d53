package org.maloca.x86.jfr;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.MemoryAddress;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A region of guest code was translated to JVM bytecode. */
@Name("maloca.RegionTranslated")
@Label("Region Translated")
@Description("A region of guest code was translated to JVM bytecode")
@Category("Maloca")
@StackTrace(false)
public final class RegionTranslated extends Event {
  @Label("Region")
  @Description("Number of the region in its virtual machine")
  public int region;

  @Label("RIP")
  @Description("Linear address of its first block")
  @MemoryAddress
  public long rip;

  @Label("Mode")
  public String mode = "";

  @Label("Kind")
  @Description("Which of the JVM's compilers it is made for: quick or best")
  public String kind = "";

  @Label("Blocks")
  public int blocks;

  @Label("Guest Instructions")
  public int guestInstructions;

  @Label("Bytecode")
  @DataAmount
  public int bytecode;

  @Label("Attempts")
  @Description("More than one where the method got too long for the JVM's compilers")
  public int attempts;

  @Label("Emit Time")
  @Description("Time to plan it and to write its class file")
  @Timespan
  public long emitTime;

  @Label("Define Time")
  @Description("Time to define, verify and link its class")
  @Timespan
  public long defineTime;
}
