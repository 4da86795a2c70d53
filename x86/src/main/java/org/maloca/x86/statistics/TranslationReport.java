package org.maloca.x86.statistics;

import java.util.ArrayList;
import java.util.List;
import org.maloca.core.cpu.EngineStatistics.Counter;
import org.maloca.core.cpu.EngineStatistics.Group;
import org.maloca.core.cpu.EngineStatistics.Unit;
import org.maloca.x86.translate.TranslationCounters;
import org.maloca.x86.translate.TranslationCounters.Outcome;
import org.maloca.x86.translate.Translator;

/** What a translator has done, in groups. */
final class TranslationReport {
  private TranslationReport() {}

  static List<Group> groups(Translator translator) {
    TranslationCounters counters = translator.counters();
    List<Group> groups = new ArrayList<>();
    groups.add(
        new Group(
            "translation",
            "translation",
            false,
            List.of(
                count("requests", "regions asked for", counters.requests()),
                count("refused", "queue was full", counters.refused()),
                count("unwanted", "no longer wanted", counters.unwanted),
                count("queue", "waiting now", translator.queueLength()),
                count("longest-queue", "waiting, at most", counters.longestQueue()),
                time("gathering", "gathering, on vCPUs", counters.shapeNanos()))));
    groups.add(kind("quick", "quick regions", counters.ofKind(false)));
    groups.add(kind("best", "best regions", counters.ofKind(true)));
    return groups;
  }

  private static Group kind(String name, String title, TranslationCounters.OfKind of) {
    return new Group(
        name,
        title,
        false,
        List.of(
            count("made", "translated", of.made),
            new Counter(
                "guest-instructions", "guest code in them", Unit.INSTRUCTIONS, of.guestInsns),
            new Counter("bytecode", "bytecode", Unit.BYTES, of.codeBytes),
            count("shortened", "made anew, too long", of.shortened),
            time("emitting", "emitting bytecode", of.emitNanos),
            time("defining", "defining classes", of.defineNanos),
            count("compiled", "compiled by HotSpot", of.outcomes(Outcome.DONE)),
            time("waiting", "waited for that", of.waitNanos),
            time("longest-wait", "waited, at most", of.longestWaitNanos),
            count("obsolete", "obsolete before", of.outcomes(Outcome.OBSOLETE)),
            count("uncompiled", "not asked or refused", of.outcomes(Outcome.REFUSED))));
  }

  private static Counter count(String name, String label, long value) {
    return new Counter(name, label, Unit.COUNT, value);
  }

  private static Counter time(String name, String label, long nanos) {
    return new Counter(name, label, Unit.NANOSECONDS, nanos);
  }
}
