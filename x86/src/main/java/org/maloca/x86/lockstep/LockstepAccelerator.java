package org.maloca.x86.lockstep;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.core.cpu.Accelerator;
import org.maloca.core.cpu.EngineStatistics;
import org.maloca.core.cpu.Vcpu;
import org.maloca.core.cpu.VcpuBus;
import org.maloca.core.memory.GuestMemory;
import org.maloca.x86.Cpu;
import org.maloca.x86.CpuFeatures;
import org.maloca.x86.HardwareRandom;
import org.maloca.x86.SoftwareVcpu;
import org.maloca.x86.TimeStampCounter;
import org.maloca.x86.code.CodeWatch;
import org.maloca.x86.interpret.Handlers;
import org.maloca.x86.lockstep.InputLog.Kind;
import org.maloca.x86.statistics.EngineReport;
import org.maloca.x86.translate.Translator;
import org.maloca.x86.translate.TranslatorOptions;

/**
 * Makes the CPU of a machine whose translated code is checked by the interpreter while it runs. One
 * CPU only: what another CPU does to memory meanwhile could not be done once more. Stores take the
 * slow path, where they are recorded; devices must not write memory of themselves.
 */
public final class LockstepAccelerator implements Accelerator {
  private final int ramPages;
  private final TimeStampCounter time;
  private final Translator translator;
  private volatile @Nullable Lockstep lockstep;

  /**
   * Makes an accelerator.
   *
   * @param ramPages pages of RAM and ROM, as given to {@link GuestMemory}
   * @param time the machine's time in TSC ticks
   */
  public LockstepAccelerator(int ramPages, TimeStampCounter time) {
    this(ramPages, time, TranslatorOptions.DEFAULT);
  }

  /** The same, with choices for the translator. */
  public LockstepAccelerator(int ramPages, TimeStampCounter time, TranslatorOptions options) {
    this(ramPages, time, new Translator(Handlers.table(), "maloca", options));
  }

  /** For tests: with another translator. */
  LockstepAccelerator(int ramPages, TimeStampCounter time, Translator translator) {
    this.ramPages = ramPages;
    this.time = time;
    this.translator = translator;
  }

  /** What went apart, when it did: a report for people. */
  public @Nullable String divergence() {
    Lockstep running = lockstep;
    return running == null ? null : running.report();
  }

  /** Those of the leading CPU, and how much was compared. */
  @Override
  public EngineStatistics statistics() {
    Lockstep running = lockstep;
    if (running == null) {
      return EngineStatistics.NONE;
    }
    var groups = new ArrayList<>(EngineReport.of(List.of(running.leader()), translator).groups());
    groups.add(running.statistics());
    return new EngineStatistics(groups);
  }

  @Override
  public String name() {
    return "lockstep";
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException for any but the first vCPU
   */
  @Override
  public Vcpu createVcpu(int index, GuestMemory memory, VcpuBus bus) {
    if (index != 0) {
      throw new IllegalArgumentException("engines can be compared on one CPU only");
    }
    ShadowMemory shadow;
    try {
      shadow = new ShadowMemory(memory, ramPages);
    } catch (IOException noMemory) {
      throw new UncheckedIOException(noMemory);
    }
    var log = new InputLog();
    log.paused = true;
    var stores = new StoreLog(shadow.leaderRam(), shadow.followerRam());
    var recorder = new RecordingBus(bus, memory, log);
    var recordedTime = new RecordedTime(log, time);
    var cpu = new Cpu(0, memory, recorder, new CpuFeatures(1), recordedTime);
    cpu.random = new RecordedRandom(log);
    cpu.devices = recorder;
    var watch = new CodeWatch(memory, ramPages);
    var leader = new SoftwareVcpu(cpu, watch, true, translator);
    var follower = new Follower(shadow, ramPages, log, stores, time.frequencyHz());
    var both = new Lockstep(cpu, follower, shadow, log, stores);
    watch.onStore(both::stored);
    leader.observe(both);
    lockstep = both;
    return new LockstepVcpu(leader, both, shadow);
  }

  @Override
  public void close() {
    translator.close();
  }

  private record RecordedTime(InputLog log, TimeStampCounter time) implements TimeStampCounter {
    @Override
    public long ticks() {
      long value = time.ticks();
      log.record(Kind.TIME, 0, 0, value);
      return value;
    }

    @Override
    public long frequencyHz() {
      return time.frequencyHz();
    }
  }

  private static final class RecordedRandom extends HardwareRandom {
    private final InputLog log;

    RecordedRandom(InputLog log) {
      this.log = log;
    }

    @Override
    public long nextLong() {
      long value = super.nextLong();
      log.record(Kind.RANDOM, 0, 0, value);
      return value;
    }
  }
}
