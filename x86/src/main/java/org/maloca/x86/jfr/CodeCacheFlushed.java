package org.maloca.x86.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A vCPU dropped all decoded and compiled code. */
@Name("maloca.CodeCacheFlushed")
@Label("Code Cache Flushed")
@Description("A virtual CPU dropped all its decoded and compiled code")
@Category("Maloca")
@StackTrace(false)
public final class CodeCacheFlushed extends Event {
  @Label("Virtual CPU")
  public int vcpu;

  @Label("Cause")
  public String cause = "";

  @Label("Blocks")
  @Description("Decoded blocks that were dropped")
  public int blocks;

  @Label("Pages")
  @Description("Pages of the guest's memory that they were in")
  public int pages;
}
