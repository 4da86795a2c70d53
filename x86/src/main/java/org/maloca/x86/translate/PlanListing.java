package org.maloca.x86.translate;

import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import org.maloca.x86.Flags;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.InsnPrinter;

/** What was decided about a region, as text: its blocks in the order in which they are emitted. */
final class PlanListing {
  private final RegionDraft draft;
  private final RegionPlan plan;
  private final List<String> lines = new ArrayList<>();

  private PlanListing(RegionDraft draft) {
    this.draft = draft;
    plan = draft.plan();
  }

  static List<String> of(RegionDraft draft) {
    PlanListing listing = new PlanListing(draft);
    listing.list();
    return listing.lines;
  }

  private void list() {
    lines.add("entries: " + rips(plan.entries()));
    lines.add("registers mentioned: " + GuestRegisters.describe(plan.used()));
    lines.add("registers changed:   " + GuestRegisters.describe(plan.changed()));
    lines.add("low halves: " + lowHalves());
    lines.add("bytecode: %d bytes, attempt %d".formatted(draft.codeBytes(), draft.attempts()));
    lines.add("");
    lines.add("In front of each instruction the flags that are live after it.");
    plan.blocks().forEach(this::block);
  }

  private void block(RegionBlock block) {
    lines.add("");
    String role = plan.entries().contains(block) ? ", entry " + plan.entries().indexOf(block) : "";
    lines.add("block %x%s".formatted(rip(block), role));
    int[] live = draft.liveness().after(block);
    Insn[] insns = block.block().insns();
    for (int i = 0; i < insns.length; i++) {
      lines.add("  %s  %s".formatted(flags(live[i]), InsnPrinter.print(insns[i])));
    }
    List<RegionBlock> successors = plan.successors(block);
    if (!successors.isEmpty()) {
      lines.add(
          "  goes on to "
              + successors.stream().map(to -> way(block, to)).collect(Collectors.joining(", ")));
    }
  }

  /** The XMM registers whose low parts are not longs in their locals. */
  private String lowHalves() {
    StringJoiner text = new StringJoiner(" ").setEmptyValue("longs");
    for (int register = 0; register < 16; register++) {
      if (plan.lowHalves().isDouble(register)) {
        text.add("xmm" + register + " double");
      } else if (plan.lowHalves().isSingle(register)) {
        text.add("xmm" + register + " float");
      }
    }
    return text.toString();
  }

  private String way(RegionBlock from, RegionBlock to) {
    return "%x%s".formatted(rip(to), plan.isBackward(from, to) ? " (backward)" : "");
  }

  private String rips(List<RegionBlock> blocks) {
    return blocks.stream()
        .map(block -> "%x".formatted(rip(block)))
        .collect(Collectors.joining(", "));
  }

  private long rip(RegionBlock block) {
    return draft.base() + block.offset();
  }

  private static String flags(int set) {
    int[] bits = {Flags.CF, Flags.PF, Flags.AF, Flags.ZF, Flags.SF, Flags.OF};
    StringBuilder text = new StringBuilder(bits.length);
    for (int i = 0; i < bits.length; i++) {
      text.append((set & bits[i]) != 0 ? "CPAZSO".charAt(i) : '-');
    }
    return text.toString();
  }
}
