package org.maloca.x86.translate;

import org.jspecify.annotations.Nullable;
import org.maloca.x86.ir.CodeMode;
import org.maloca.x86.jfr.FlightRecording;
import org.maloca.x86.jfr.RegionCompiled;
import org.maloca.x86.jfr.RegionTranslated;
import org.maloca.x86.translate.TranslationCounters.Outcome;

/** Takes note of all that a translator does: the one place that everything to be seen passes. */
final class TranslationJournal {
  private final TranslationCounters counters = new TranslationCounters();
  private final @Nullable RegionDump dump;

  TranslationJournal(TranslatorOptions options) {
    dump = options.dumps() == null ? null : new RegionDump(options.dumps());
  }

  TranslationCounters counters() {
    return counters;
  }

  /** The bytecode of a region was emitted; whether the JVM takes it is still to be seen. */
  void emitted(RegionDraft draft) {
    if (dump != null) {
      dump.write(draft);
    }
  }

  /** A region was translated. */
  void translated(RegionDraft draft, long emitNanos, long defineNanos) {
    TranslationCounters.OfKind of = counters.ofKind(draft.kind() == RegionShape.Kind.BEST);
    of.made++;
    of.guestInsns += draft.guestInsns();
    of.codeBytes += draft.codeBytes();
    of.shortened += draft.attempts() - 1;
    of.emitNanos += emitNanos;
    of.defineNanos += defineNanos;
    if (FlightRecording.isOn()) {
      record(draft, emitNanos, defineNanos);
    }
  }

  private static void record(RegionDraft draft, long emitNanos, long defineNanos) {
    RegionTranslated event = new RegionTranslated();
    event.region = draft.number();
    event.rip = draft.rip();
    event.mode = CodeMode.describe(draft.plan().mode());
    event.kind = draft.kind().label();
    event.blocks = draft.plan().blocks().size();
    event.guestInstructions = draft.guestInsns();
    event.bytecode = draft.codeBytes();
    event.attempts = draft.attempts();
    event.emitTime = emitNanos;
    event.defineTime = defineNanos;
    event.commit();
  }

  /** HotSpot has compiled a region or has not. */
  void compiled(Region region, Outcome outcome, long nanos) {
    // What is counted is in the recording, too.
    if (FlightRecording.isOn()) {
      record(region, outcome, nanos);
    }
    counters.ofKind(region.isBest()).compiled(outcome, nanos);
  }

  private static void record(Region region, Outcome outcome, long nanos) {
    RegionCompiled event = new RegionCompiled();
    event.region = region.number;
    event.rip = region.rip;
    event.kind = region.kind().label();
    event.outcome = outcome.name();
    event.waitTime = nanos;
    event.commit();
  }
}
