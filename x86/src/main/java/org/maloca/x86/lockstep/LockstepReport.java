package org.maloca.x86.lockstep;

import org.jspecify.annotations.Nullable;
import org.maloca.x86.Cpu;
import org.maloca.x86.CpuDump;
import org.maloca.x86.code.Block;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.InsnPrinter;
import org.maloca.x86.translate.Region;

/** Tells people where the two engines went apart: what differs, what was run, both states. */
final class LockstepReport {
  private static final int MAX_INSNS = 200;

  private final Cpu leader;
  private final Follower follower;
  private @Nullable String text;

  LockstepReport(Cpu leader, Follower follower) {
    this.leader = leader;
    this.follower = follower;
  }

  /** The last report, or null. */
  @Nullable String text() {
    return text;
  }

  /**
   * Writes a report.
   *
   * @param what differs
   * @param before both CPUs' state when they were last the same
   * @param region the region that the leading CPU entered since; null when it only interpreted
   */
  DivergenceException of(String what, CpuImage before, @Nullable Region region) {
    StringBuilder report = new StringBuilder("the engines diverge\n");
    report.append(what).append("\n\nlast the same\n").append(before.registers());
    if (region == null) {
      report.append("\nno region ran since\n");
    } else {
      report.append("\nthe region that was entered then\n");
      append(report, region);
    }
    report.append("\nwhere the interpreter went on lately\n");
    for (long rip : follower.recentRips()) {
      Block block = follower.code().executedBlock(rip, follower.cpu().mode);
      report.append("%016x%s%n".formatted(rip, block == null ? "" : "  " + firstOf(block)));
    }
    report.append("\nleading\n").append(CpuDump.of(leader));
    report.append("\nfollowing\n").append(CpuDump.of(follower.cpu()));
    text = report.toString();
    return new DivergenceException(text);
  }

  private static void append(StringBuilder report, Region region) {
    int left = MAX_INSNS;
    for (Block block : region.layout().blocks()) {
      report.append("block at page offset %03x%n".formatted(block.pageOffset));
      for (Insn insn : block.insns()) {
        if (left-- == 0) {
          report.append("  ...\n");
          return;
        }
        report.append(
            "  %03x  %s%n".formatted(block.pageOffset + insn.offset, InsnPrinter.print(insn)));
      }
    }
  }

  private static String firstOf(Block block) {
    return InsnPrinter.print(block.insns()[0])
        + (block.count > 1 ? " and %d more".formatted(block.count - 1) : "");
  }
}
