package org.maloca.machine.board;

import org.maloca.core.cpu.Accelerator;
import org.maloca.core.time.VirtualClock;
import org.maloca.machine.config.ConfigException;
import org.maloca.machine.config.RegionDumpConfig;
import org.maloca.machine.config.TranslatorConfig;
import org.maloca.x86.SoftwareAccelerator;
import org.maloca.x86.lockstep.LockstepAccelerator;
import org.maloca.x86.translate.DumpOptions;
import org.maloca.x86.translate.TranslatorOptions;

/** The accelerators there are. */
public final class Accelerators {
  private Accelerators() {}

  /** CPUs of software, by the engine that suits most: {@link #translator()}. */
  public static AcceleratorFactory software() {
    return translator();
  }

  /** CPUs of software, by the interpreter alone: for comparisons. */
  public static AcceleratorFactory interpreter() {
    return Accelerators::makeInterpreter;
  }

  /** CPUs of software; hot code is compiled to JVM bytecode. */
  public static AcceleratorFactory translator() {
    return translator(TranslatorConfig.DEFAULT);
  }

  /** As {@link #translator()}, with choices. */
  public static AcceleratorFactory translator(TranslatorConfig config) {
    TranslatorOptions options = options(config);
    return (cpus, ramPages, clock) ->
        new SoftwareAccelerator(
            new SoftwareAccelerator.Options(cpus, ramPages, true, true, options),
            new MachineTsc(clock));
  }

  private static TranslatorOptions options(TranslatorConfig config) {
    RegionDumpConfig dumps = config.dumps();
    return TranslatorOptions.DEFAULT.withDumps(
        dumps == null ? null : new DumpOptions(dumps.folder(), dumps.rip()));
  }

  /**
   * CPUs of software, whose compiled code the interpreter checks: for machines of one CPU, which
   * take twice as much memory. It is a {@link LockstepAccelerator}.
   */
  public static AcceleratorFactory lockstep() {
    return lockstep(TranslatorConfig.DEFAULT);
  }

  /** As {@link #lockstep()}, with choices. */
  public static AcceleratorFactory lockstep(TranslatorConfig config) {
    TranslatorOptions options = options(config);
    return (cpus, ramPages, clock) -> {
      if (cpus != 1) {
        throw new ConfigException("cpus: engines can be compared on one CPU only");
      }
      return new LockstepAccelerator(ramPages, new MachineTsc(clock), options);
    };
  }

  private static Accelerator makeInterpreter(int cpus, int ramPages, VirtualClock clock) {
    return new SoftwareAccelerator(
        new SoftwareAccelerator.Options(cpus, ramPages), new MachineTsc(clock));
  }
}
