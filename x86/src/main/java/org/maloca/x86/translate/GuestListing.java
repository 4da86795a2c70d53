package org.maloca.x86.translate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.maloca.x86.ir.CodeMode;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.InsnPrinter;
import org.maloca.x86.ir.OperandKind;

/** The guest code of a region as text, by address. */
final class GuestListing {
  private final RegionDraft draft;
  private final List<String> lines = new ArrayList<>();

  private GuestListing(RegionDraft draft) {
    this.draft = draft;
  }

  static List<String> of(RegionDraft draft) {
    GuestListing listing = new GuestListing(draft);
    listing.list();
    return listing.lines;
  }

  private void list() {
    List<RegionBlock> blocks = draft.plan().blocks();
    lines.add(
        "%s region %d at %x: %s code, %d instructions in %d blocks"
            .formatted(
                draft.kind().label(),
                draft.number(),
                draft.rip(),
                CodeMode.describe(draft.plan().mode()),
                draft.guestInsns(),
                blocks.size()));
    blocks.stream().sorted(Comparator.comparingInt(RegionBlock::offset)).forEach(this::block);
  }

  private void block(RegionBlock block) {
    lines.add("");
    lines.add(
        "block %x: %d bytes, page of RAM %x, interpreted %d times"
            .formatted(
                draft.base() + block.offset(),
                block.block().length,
                block.block().ramPage(),
                block.block().executions));
    for (Insn insn : block.block().insns()) {
      lines.add("  %x  %s".formatted(draft.base() + block.at(insn), text(block, insn)));
    }
  }

  private String text(RegionBlock block, Insn insn) {
    String text = InsnPrinter.print(insn);
    if (insn.kind0 == OperandKind.RELATIVE) {
      text +=
          "  ; %x".formatted(draft.base() + block.offset() + insn.nextOffset() + insn.immediate);
    } else if (insn == block.last() && block.block().indirectDistances().length > 0) {
      StringBuilder seen = new StringBuilder("  ; seen:");
      for (long distance : block.block().indirectDistances()) {
        seen.append(" %x".formatted(draft.base() + block.offset() + distance));
      }
      text += seen;
    }
    return text;
  }
}
