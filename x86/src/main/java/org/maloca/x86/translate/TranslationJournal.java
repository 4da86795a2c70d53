package org.maloca.x86.translate;

import org.maloca.x86.ir.CodeMode;
import org.maloca.x86.jfr.FlightRecording;
import org.maloca.x86.jfr.RegionCompiled;
import org.maloca.x86.jfr.RegionTranslated;
import org.maloca.x86.translate.TranslationCounters.Outcome;

/** Takes note of all that a translator does: the one place that everything to be seen passes. */
final class TranslationJournal {
  private final TranslationCounters counters = new TranslationCounters();

  TranslationCounters counters() {
    return counters;
  }

  /** A region was translated. */
  void translated(Translation translation) {
    TranslationCounters.OfKind of = counters.ofKind(translation.region().isBest());
    of.made++;
    of.guestInsns += translation.guestInsns();
    of.codeBytes += translation.codeBytes();
    of.shortened += translation.attempts() - 1;
    of.emitNanos += translation.emitNanos();
    of.defineNanos += translation.defineNanos();
    if (FlightRecording.isOn()) {
      record(translation);
    }
  }

  private static void record(Translation translation) {
    Region region = translation.region();
    RegionTranslated event = new RegionTranslated();
    event.region = region.number;
    event.rip = region.rip;
    event.mode = CodeMode.describe(translation.plan().mode());
    event.kind = region.kind().label();
    event.blocks = region.layout().blocks().length;
    event.guestInstructions = translation.guestInsns();
    event.bytecode = translation.codeBytes();
    event.attempts = translation.attempts();
    event.emitTime = translation.emitNanos();
    event.defineTime = translation.defineNanos();
    event.commit();
  }

  /** HotSpot has compiled a region or has not. */
  void compiled(Region region, Outcome outcome, long nanos) {
    counters.ofKind(region.isBest()).compiled(outcome, nanos);
    if (FlightRecording.isOn()) {
      record(region, outcome, nanos);
    }
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
