package org.maloca.x86.translate;

import org.maloca.x86.translate.TranslationCounters.Outcome;

/** Takes note of all that a translator does: the one place that everything to be seen passes. */
final class TranslationJournal {
  private final TranslationCounters counters = new TranslationCounters();

  TranslationCounters counters() {
    return counters;
  }

  /** A region was translated. */
  void translated(Translation translation) {
    TranslationCounters.OfKind of = counters.ofKind(translation.kind() == RegionShape.Kind.BEST);
    of.made++;
    of.guestInsns += translation.guestInsns();
    of.codeBytes += translation.codeBytes();
    of.shortened += translation.attempts() - 1;
    of.emitNanos += translation.emitNanos();
    of.defineNanos += translation.defineNanos();
  }

  /** HotSpot has compiled a region or has not. */
  void compiled(Region region, Outcome outcome, long nanos) {
    counters.ofKind(region.isBest()).compiled(outcome, nanos);
  }
}
