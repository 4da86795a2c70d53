package org.maloca.cpu;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.maloca.core.bus.IoHandler;
import org.maloca.core.bus.PortBus;
import org.maloca.core.cpu.Accelerator;
import org.maloca.core.cpu.CpuState;
import org.maloca.core.cpu.SegmentState;
import org.maloca.core.cpu.Vcpu;
import org.maloca.core.cpu.VcpuBus;
import org.maloca.core.cpu.VcpuExit;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.MemoryMap;
import org.maloca.core.memory.MemoryRegion;
import org.maloca.core.memory.RamBlock;
import org.maloca.x86.TimeStampCounter;

/**
 * The least machine that an assembly guest needs: RAM, software CPUs, interrupts between them, a
 * console at port 0xe9 and an exit at port 0xf4. The guest starts at 0:0x7c00 in real mode; after a
 * shutdown of its CPU it starts again there, with memory as it was, as after a PC's reset.
 */
final class GuestMachine implements AutoCloseable {
  private static final int RAM_BYTES = 64 << 20;
  private static final int LOAD_ADDRESS = 0x7c00;
  private static final int CONSOLE = 0xe9;
  private static final int EXIT = 0xf4;
  private static final int APIC_BASE_MSR = 0x1b;
  private static final int REAL_MODE_CODE = SegmentState.ATTR_P | SegmentState.ATTR_S | 0xb;

  private final RamBlock ram = RamBlock.allocate(RAM_BYTES);
  private final PortBus ports = new PortBus();
  private final Vcpu[] vcpus;
  private final IpiController ipis;
  private final Accelerator accelerator;
  private final ByteArrayOutputStream console = new ByteArrayOutputStream();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final int mostRestarts;
  private volatile String ending = "no end in time";

  /**
   * Makes the machine.
   *
   * @param mostRestarts how often the boot CPU may start again; a further shutdown ends the run
   */
  GuestMachine(byte[] image, int cpus, int mostRestarts, GuestEngine engine) throws IOException {
    this.mostRestarts = mostRestarts;
    vcpus = new Vcpu[cpus];
    ipis = new IpiController(vcpus);
    var memory =
        new GuestMemory(
            MemoryMap.of(
                List.of(
                    new MemoryRegion.Ram(0, RAM_BYTES, ram.hostAddress(), 0),
                    new MemoryRegion.Mmio(IpiController.GPA, 0x1000, ipis))),
            RAM_BYTES >> 12);
    memory.write(LOAD_ADDRESS, image, 0, image.length);
    ports.register(CONSOLE, 1, new Console());
    ports.register(EXIT, 1, new Exit());
    accelerator = engine.accelerator(cpus, RAM_BYTES >> 12, new HostTicks());
    for (int i = 0; i < cpus; i++) {
      vcpus[i] = accelerator.createVcpu(i, memory, new Bus(i));
    }
    enterImage();
  }

  /** Runs to the guest's end; returns the console's lines and last how it ended. */
  List<String> run(long timeoutSeconds) throws InterruptedException {
    Thread[] threads = new Thread[vcpus.length];
    for (int i = 0; i < vcpus.length; i++) {
      Vcpu vcpu = vcpus[i];
      threads[i] = Thread.ofPlatform().daemon().start(() -> runVcpu(vcpu));
    }
    boolean inTime = ended.await(timeoutSeconds, TimeUnit.SECONDS);
    if (!inTime) {
      ended.countDown();
    }
    for (int i = 0; i < vcpus.length; i++) {
      while (threads[i].isAlive()) {
        vcpus[i].kick();
        threads[i].join(10);
      }
    }
    List<String> lines =
        new ArrayList<>(console.toString(StandardCharsets.ISO_8859_1).lines().toList());
    lines.add(ending);
    return lines;
  }

  private void runVcpu(Vcpu vcpu) {
    int restarts = 0;
    while (ended.getCount() > 0) {
      VcpuExit exit = vcpu.run();
      if (exit == VcpuExit.SHUTDOWN && vcpu.index() == 0 && restarts++ < mostRestarts) {
        vcpu.reset();
        enterImage();
      } else if (exit != VcpuExit.KICKED) {
        end(exit.toString());
      }
    }
  }

  private void enterImage() {
    CpuState state = new CpuState();
    vcpus[0].save(state);
    state.segments[CpuState.CS].set(0, 0, 0xffff, REAL_MODE_CODE);
    state.rip = LOAD_ADDRESS;
    vcpus[0].restore(state);
  }

  private void end(String how) {
    ending = how;
    ended.countDown();
    vcpus[0].kick();
  }

  @Override
  public void close() {
    for (Vcpu vcpu : vcpus) {
      vcpu.close();
    }
    accelerator.close();
    ram.close();
  }

  private final class Console implements IoHandler {
    @Override
    public long read(int offset, int size) {
      return CONSOLE;
    }

    @Override
    public void write(int offset, int size, long value) {
      synchronized (console) {
        console.write((int) value);
      }
    }
  }

  private final class Exit implements IoHandler {
    @Override
    public long read(int offset, int size) {
      return 0;
    }

    @Override
    public void write(int offset, int size, long value) {
      end("exit " + value);
    }
  }

  private static final class HostTicks implements TimeStampCounter {
    @Override
    public long ticks() {
      return System.nanoTime();
    }

    @Override
    public long frequencyHz() {
      return 1_000_000_000L;
    }
  }

  private final class Bus implements VcpuBus {
    private final int cpu;
    private int taskPriority;

    Bus(int cpu) {
      this.cpu = cpu;
    }

    @Override
    public long portRead(int port, int size) {
      return ports.read(port, size);
    }

    @Override
    public void portWrite(int port, int size, long value) {
      ports.write(port, size, value);
    }

    @Override
    public int acknowledgeInterrupt() {
      return ipis.acknowledge(cpu);
    }

    @Override
    public int taskPriority() {
      return taskPriority;
    }

    @Override
    public void setTaskPriority(int priorityClass) {
      taskPriority = priorityClass;
    }

    @Override
    public boolean readMsr(int index, long[] value) {
      value[0] = IpiController.GPA | 0x800 | (cpu == 0 ? 0x100 : 0);
      return index == APIC_BASE_MSR;
    }

    @Override
    public boolean writeMsr(int index, long value) {
      return index == APIC_BASE_MSR;
    }
  }
}
