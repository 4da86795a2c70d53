package org.maloca.x86.statistics;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.maloca.core.cpu.EngineStatistics;
import org.maloca.core.cpu.EngineStatistics.Counter;
import org.maloca.core.cpu.EngineStatistics.Group;
import org.maloca.core.cpu.EngineStatistics.Unit;
import org.maloca.x86.Cpu;
import org.maloca.x86.GuestFault;
import org.maloca.x86.translate.RegionDrop;
import org.maloca.x86.translate.Translator;

/** Adds up the counters of all vCPUs of a machine and of its translator. */
public final class EngineReport {
  private final List<Cpu> cpus;
  private final List<Group> groups = new ArrayList<>();

  private EngineReport(List<Cpu> cpus) {
    this.cpus = cpus;
  }

  /** The figures as they are now; from any thread. */
  public static EngineStatistics of(List<Cpu> cpus, @Nullable Translator translator) {
    EngineReport report = new EngineReport(cpus);
    report.instructions(translator != null);
    if (translator != null) {
      report.exits();
      report.linking();
      report.regions();
      report.groups.addAll(TranslationReport.groups(translator));
    }
    report.code();
    report.memory();
    report.events();
    return new EngineStatistics(report.groups);
  }

  private void instructions(boolean translated) {
    long total = sum(cpu -> cpu.instructions);
    long compiled = Math.min(total, sum(cpu -> cpu.counters.regionInstructions));
    long quick = Math.min(compiled, sum(cpu -> cpu.code.regions.quickInsns()));
    List<Counter> counters = new ArrayList<>();
    counters.add(new Counter("interpreted", "interpreted", Unit.INSTRUCTIONS, total - compiled));
    if (translated) {
      counters.add(new Counter("quick", "in quick regions", Unit.INSTRUCTIONS, quick));
      counters.add(new Counter("best", "in best regions", Unit.INSTRUCTIONS, compiled - quick));
    }
    groups.add(new Group("instructions", "guest instructions", true, counters));
  }

  private void exits() {
    List<Counter> counters = new ArrayList<>();
    for (RegionExit exit : RegionExit.values()) {
      counters.add(counter(exit.counterName(), exit.label(), cpu -> cpu.counters.exits(exit)));
    }
    groups.add(new Group("region-exits", "compiled code left to the loop for", true, counters));
  }

  private void linking() {
    add(
        "linking",
        "from region to region",
        counter("chained", "region right after another", cpu -> cpu.counters.chained),
        counter("computed", "of those, by computed jumps", cpu -> cpu.counters.computedJumps),
        counter("resumed", "of those, the same after a handler", cpu -> cpu.counters.resumed),
        counter("links-connected", "links connected", cpu -> cpu.counters.linksConnected),
        counter("nested-calls", "guest calls as calls", cpu -> cpu.counters.nestedCalls),
        counter("unwound-calls", "of those, unwound", cpu -> cpu.counters.unwoundCalls));
  }

  private void regions() {
    add(
        "regions",
        "regions in use",
        counter("quick-live", "quick, now", cpu -> cpu.code.regions.live(false)),
        counter("best-live", "best, now", cpu -> cpu.code.regions.live(true)),
        counter("quick-installed", "quick, ever", cpu -> cpu.code.regions.installed(false)),
        counter("best-installed", "best, ever", cpu -> cpu.code.regions.installed(true)),
        new Counter(
            "bytecode", "bytecode, now", Unit.BYTES, sum(cpu -> cpu.code.regions.codeBytes())));
    List<Counter> drops = new ArrayList<>();
    for (RegionDrop drop : RegionDrop.values()) {
      drops.add(counter(drop.counterName(), drop.label(), cpu -> cpu.code.regions.dropped(drop)));
    }
    groups.add(new Group("region-drops", "regions dropped because", true, drops));
  }

  private void code() {
    add(
        "code",
        "decoded code",
        counter("blocks-decoded", "blocks decoded", cpu -> cpu.counters.blocksDecoded),
        counter("blocks-kept", "blocks kept now", cpu -> cpu.code.blockCount()),
        counter("pages-kept", "pages watched now", cpu -> cpu.code.pageCount()),
        counter("code-writes", "stores that hit code", cpu -> cpu.counters.codeWrites),
        counter("harmless-writes", "stores beside code", cpu -> cpu.counters.harmlessWrites),
        counter("pages-dropped", "pages given up", cpu -> cpu.counters.pagesDropped),
        counter("evictions", "room made", cpu -> cpu.counters.evictions),
        counter("flushes", "all code dropped", cpu -> cpu.counters.codeFlushes));
  }

  private void memory() {
    add(
        "memory",
        "software TLB",
        counter("slow-accesses", "accesses on the slow path", cpu -> cpu.counters.slowAccesses),
        counter("data-walks", "page walks for data", cpu -> cpu.counters.dataWalks),
        counter("fetch-walks", "page walks for code", cpu -> cpu.counters.fetchWalks),
        counter("fills", "entries filled", cpu -> cpu.counters.tlbFills),
        counter("space-changes", "loads of CR3", cpu -> cpu.counters.addressSpaceChanges),
        counter("page-flushes", "flushes of a page", cpu -> cpu.counters.pageFlushes),
        counter("flushes", "flushes of all", cpu -> cpu.counters.tlbFlushes),
        counter("device-accesses", "device registers", cpu -> cpu.counters.deviceAccesses));
  }

  private void events() {
    add(
        "events",
        "interrupts and exceptions",
        counter("interrupts", "interrupts", cpu -> cpu.counters.interrupts),
        counter("nmis", "NMIs", cpu -> cpu.counters.nmis),
        exception("page-faults", "#PF, page fault", GuestFault.PF),
        exception("general-protection", "#GP, general protection", GuestFault.GP),
        exception("divide-errors", "#DE, divide error", GuestFault.DE),
        exception("undefined-opcodes", "#UD, undefined opcode", GuestFault.UD),
        exception("device-not-available", "#NM, device not available", GuestFault.NM),
        counter("exceptions", "exceptions, all", cpu -> cpu.counters.allExceptions()),
        counter("halts", "halts", cpu -> cpu.counters.halts),
        new Counter(
            "halted", "halted for", Unit.NANOSECONDS, sum(cpu -> cpu.counters.haltedNanos)));
  }

  private Counter exception(String name, String label, int vector) {
    return counter(name, label, cpu -> cpu.counters.exceptions(vector));
  }

  private void add(String name, String title, Counter... counters) {
    groups.add(new Group(name, title, false, List.of(counters)));
  }

  private Counter counter(String name, String label, ToLongFunction<Cpu> value) {
    return new Counter(name, label, Unit.COUNT, sum(value));
  }

  private long sum(ToLongFunction<Cpu> value) {
    return cpus.stream().mapToLong(value).sum();
  }
}
