package org.maloca.x86;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.maloca.core.cpu.Accelerator;
import org.maloca.core.cpu.EngineStatistics;
import org.maloca.core.cpu.Vcpu;
import org.maloca.core.cpu.VcpuBus;
import org.maloca.core.jvm.JvmAdvice;
import org.maloca.core.memory.GuestMemory;
import org.maloca.x86.code.CodeWatch;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.interpret.Handlers;
import org.maloca.x86.jfr.VcpuSampling;
import org.maloca.x86.statistics.EngineReport;
import org.maloca.x86.translate.Translator;
import org.maloca.x86.translate.TranslatorOptions;

/** Makes CPUs of software, for one machine. Works wherever a JVM does. */
public final class SoftwareAccelerator implements Accelerator {
  private final Options options;
  private final TimeStampCounter timeStampCounter;
  private final @Nullable Translator translator;
  private final List<Cpu> cpus = new CopyOnWriteArrayList<>();
  private final VcpuSampling sampling = new VcpuSampling(cpus);
  private @Nullable CodeWatch codeWatch;

  /**
   * What can be chosen.
   *
   * @param vcpus number of vCPUs that will be made
   * @param ramPages pages of RAM and ROM, as given to {@link GuestMemory}
   * @param specialises whether hot instructions have interpreter ops of their own; false is for
   *     comparisons
   * @param translates whether hot code is compiled to JVM bytecode
   * @param translator how it is
   */
  public record Options(
      int vcpus,
      int ramPages,
      boolean specialises,
      boolean translates,
      TranslatorOptions translator) {
    /** The interpreter alone. */
    public Options(int vcpus, int ramPages) {
      this(vcpus, ramPages, true, false);
    }

    public Options(int vcpus, int ramPages, boolean specialises, boolean translates) {
      this(vcpus, ramPages, specialises, translates, TranslatorOptions.DEFAULT);
    }

    public Options(int vcpus, int ramPages, boolean specialises) {
      this(vcpus, ramPages, specialises, false);
    }
  }

  /**
   * Makes an accelerator.
   *
   * @param timeStampCounter the machine's time in TSC ticks
   */
  public SoftwareAccelerator(Options options, TimeStampCounter timeStampCounter) {
    this.options = options;
    this.timeStampCounter = timeStampCounter;
    if (options.translates()) {
      translator =
          new Translator(
              Handlers.table(), "maloca", options.translator().withVcpus(options.vcpus()));
    } else {
      translator = null;
      JvmAdvice.giveOnce(false);
    }
  }

  /** Loads what every one needs, unless it is there; from any thread. */
  public static void load() {
    HandlerTable ignored = Handlers.table();
    Translator.load();
  }

  @Override
  public EngineStatistics statistics() {
    return EngineReport.of(cpus, translator);
  }

  @Override
  public String name() {
    return "software";
  }

  @Override
  public Vcpu createVcpu(int index, GuestMemory memory, VcpuBus bus) {
    CodeWatch watch = codeWatch;
    if (watch == null) {
      watch = new CodeWatch(memory, options.ramPages());
      codeWatch = watch;
    }
    Cpu cpu = new Cpu(index, memory, bus, new CpuFeatures(options.vcpus()), timeStampCounter);
    SoftwareVcpu vcpu = new SoftwareVcpu(cpu, watch, options.specialises(), translator);
    cpus.add(cpu);
    return vcpu;
  }

  @Override
  public void close() {
    sampling.close();
    if (translator != null) {
      translator.close();
    }
  }
}
