package org.maloca.machine.lifecycle;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.maloca.core.backend.CharBackend;
import org.maloca.core.cpu.EngineStatistics;
import org.maloca.core.cpu.Vcpu;
import org.maloca.core.memory.RamBlock;
import org.maloca.machine.board.AcceleratorFactory;
import org.maloca.machine.board.BoardBackends;
import org.maloca.machine.board.GuestRequests;
import org.maloca.machine.board.PcBoard;
import org.maloca.machine.boot.BootException;
import org.maloca.machine.config.MachineConfig;
import org.maloca.x86.SoftwareAccelerator;

/**
 * A virtual machine in this JVM.
 *
 * <p>Its state changes on one thread of its own, in order of the requests; the methods here wait
 * until theirs is carried out, and do nothing when the machine has ended already. Safe for any
 * thread except those of listeners. {@link #close} gives back everything.
 */
public final class Vm implements AutoCloseable {
  /** A guest that cannot even get up is not restarted for ever. */
  private static final int TRIPLE_FAULTS_IN_A_ROW = 3;

  private static final long QUICK_DEATH_NANOS = 10_000_000_000L;

  private static final long LEAST_RAM_BYTES = 4096;

  private final MachineConfig config;
  private final PcBoard board;
  private final RunGate gate;
  private final StateDriver driver;
  private final StateDriver.Once resetRequest;
  private final StateDriver.Once endRequest;
  private final StateDriver.Once pauseRequest;
  private final List<VcpuThread> threads = new ArrayList<>();
  private final List<VmListener> listeners = new CopyOnWriteArrayList<>();
  private final CompletableFuture<VmExit> exit = new CompletableFuture<>();
  private volatile VmState state = VmState.CREATED;
  private int quickTripleFaults;
  private long startedAtNanos;
  private boolean isClosed;

  private Vm(MachineConfig config, AcceleratorFactory accelerators, BoardBackends backends)
      throws BootException, IOException {
    this.config = config;
    gate = new RunGate(config.cpus());
    board = PcBoard.create(config, accelerators, backends, new Requests());
    try {
      board.boot();
    } catch (BootException | RuntimeException | Error failure) {
      board.close();
      throw failure;
    }
    driver = new StateDriver(config.name());
    resetRequest = driver.new Once();
    endRequest = driver.new Once();
    pauseRequest = driver.new Once();
    for (Vcpu vcpu : board.vcpus()) {
      threads.add(new VcpuThread(config.name(), vcpu, gate, new CpuEvents()));
    }
  }

  /**
   * Makes a machine with its kernel loaded, not running yet.
   *
   * @param accelerators how to make its CPUs
   * @param console the host's end of the first serial port
   * @throws BootException when the kernel or an initrd is no good
   * @throws IOException when the host cannot give the memory
   */
  public static Vm create(
      MachineConfig config, AcceleratorFactory accelerators, CharBackend console)
      throws BootException, IOException {
    return create(config, accelerators, BoardBackends.of(console));
  }

  /**
   * As {@link #create(MachineConfig, AcceleratorFactory, CharBackend)}, with more character
   * devices.
   */
  public static Vm create(
      MachineConfig config, AcceleratorFactory accelerators, BoardBackends backends)
      throws BootException, IOException {
    return new Vm(config, accelerators, backends);
  }

  /**
   * Begins to load what every machine needs, on a thread of its own, for who will make one in a
   * moment and has something else to do until then. Nothing depends on it.
   */
  public static void prepare() {
    Thread loader = new Thread(Vm::load, "maloca-loader");
    loader.setDaemon(true);
    loader.start();
  }

  private static void load() {
    try (RamBlock ignored = RamBlock.allocate(LEAST_RAM_BYTES)) {
      SoftwareAccelerator.load();
    } catch (IOException | RuntimeException unimportant) {
      // Whoever makes a machine will meet it, too, and say so.
    }
  }

  public MachineConfig config() {
    return config;
  }

  public VmState state() {
    return state;
  }

  public void addListener(VmListener listener) {
    listeners.add(listener);
  }

  /** What the kernel file turned out to be, for people. */
  public String kernelDescription() {
    return board.kernelDescription();
  }

  /** Guest instructions executed by all vCPUs since the machine was made. */
  public long instructionsExecuted() {
    return board.vcpus().stream().mapToLong(Vcpu::instructionsExecuted).sum();
  }

  /** What the CPU engine has done since the machine was made; also when it has ended. */
  public EngineStatistics statistics() {
    return board.statistics();
  }

  /** Starts it for the first time. */
  public void start() {
    driver.execute(() -> {
      if (state == VmState.CREATED) {
        startedAtNanos = System.nanoTime();
        board.start();
        enter(VmState.RUNNING);
        gate.open();
      }
    });
  }

  /** Stops time; returns when no guest code runs and no device works. */
  public void pause() {
    driver.execute(() -> {
      if (state == VmState.RUNNING) {
        stopCpus();
        board.pause();
        enter(VmState.PAUSED);
      }
    });
  }

  /** Lets a paused machine go on. */
  public void resume() {
    driver.execute(() -> {
      if (state == VmState.PAUSED) {
        board.resume();
        enter(VmState.RUNNING);
        gate.open();
      }
    });
  }

  /** Presses the reset button: the kernel is loaded anew. A paused machine stays paused. */
  public void reset() {
    driver.execute(() -> restart(false));
  }

  /**
   * Presses the power button: an operating system that listens shuts down. Does not wait for it,
   * and does nothing unless the machine runs.
   *
   * @return whether an operating system listens, which does not say that it will shut down
   */
  public boolean pressPowerButton() {
    AtomicBoolean isHeard = new AtomicBoolean();
    driver.execute(() -> isHeard.set(state == VmState.RUNNING && board.pressPowerButton()));
    return isHeard.get();
  }

  /** Pulls the plug. */
  public void powerOff() {
    driver.execute(() -> end(VmState.STOPPED, VmExit.of(VmExit.Reason.USER)));
  }

  /** Waits until the machine has ended. */
  public VmExit await() throws InterruptedException {
    try {
      return exit.get();
    } catch (java.util.concurrent.ExecutionException never) {
      throw new IllegalStateException(never);
    }
  }

  /** Ends the machine if need be and gives everything back. */
  @Override
  public void close() {
    synchronized (this) {
      if (isClosed) {
        return;
      }
      isClosed = true;
    }
    powerOff();
    driver.finish();
    boolean interrupted = false;
    for (VcpuThread thread : threads) {
      interrupted |= !joined(thread);
    }
    // After an interrupt threads may still run on the memory: leaking it is the safe way.
    if (!interrupted) {
      board.close();
    } else {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean joined(VcpuThread thread) {
    try {
      thread.join();
      return true;
    } catch (InterruptedException interrupted) {
      return false;
    }
  }

  private void stopCpus() {
    gate.hold();
    kickAll();
    gate.awaitAllWaiting();
  }

  private void kickAll() {
    for (Vcpu vcpu : board.vcpus()) {
      vcpu.kick();
    }
  }

  private void restart(boolean byTripleFault) {
    if (state.isFinal() || state == VmState.CREATED) {
      return;
    }
    stopCpus();
    if (state == VmState.RUNNING) {
      // So that all CPUs' time stamp counters start from the same moment.
      board.pause();
    }
    board.reset();
    try {
      board.boot();
    } catch (BootException failure) {
      end(
          VmState.CRASHED,
          new VmExit(VmExit.Reason.CRASH, 0, Objects.toString(failure.getMessage(), "")));
      return;
    }
    startedAtNanos = System.nanoTime();
    listeners.forEach(listener -> listener.guestReset(byTripleFault));
    if (state == VmState.RUNNING) {
      board.resume();
      gate.open();
    }
  }

  private void guestAskedForReset() {
    quickTripleFaults = 0;
    if (config.reboots()) {
      restart(false);
    } else {
      end(VmState.STOPPED, VmExit.of(VmExit.Reason.RESET));
    }
  }

  private void cpuShutDown() {
    boolean quick = System.nanoTime() - startedAtNanos < QUICK_DEATH_NANOS;
    quickTripleFaults = quick ? quickTripleFaults + 1 : 1;
    if (config.reboots() && quickTripleFaults < TRIPLE_FAULTS_IN_A_ROW) {
      restart(true);
    } else {
      end(VmState.STOPPED, VmExit.of(VmExit.Reason.TRIPLE_FAULT));
    }
  }

  private void end(VmState last, VmExit how) {
    if (state.isFinal()) {
      return;
    }
    stopCpus();
    board.pause();
    gate.end();
    enter(last);
    exit.complete(how);
  }

  private void pausedByHost(String deviceId, IOException cause) {
    if (state != VmState.RUNNING) {
      return;
    }
    stopCpus();
    board.pause();
    enter(VmState.PAUSED);
    listeners.forEach(listener -> listener.hostFailed(deviceId, cause));
  }

  private void enter(VmState next) {
    state = next;
    listeners.forEach(listener -> listener.stateChanged(next));
  }

  /** The guest's wishes: the asking vCPU, and the others, run no further than they must. */
  private final class Requests implements GuestRequests {
    @Override
    public void reset() {
      halt();
      resetRequest.submit(Vm.this::guestAskedForReset);
    }

    @Override
    public void powerOff() {
      halt();
      endRequest.submit(() -> end(VmState.STOPPED, VmExit.of(VmExit.Reason.SHUTDOWN)));
    }

    @Override
    public void debugExit(int code) {
      halt();
      endRequest.submit(() -> end(VmState.STOPPED, new VmExit(VmExit.Reason.DEBUG_EXIT, code, "")));
    }

    @Override
    public void hostFailed(String deviceId, IOException cause) {
      pauseRequest.submit(() -> pausedByHost(deviceId, cause));
    }

    private void halt() {
      gate.hold();
      kickAll();
    }
  }

  private final class CpuEvents implements VcpuThread.Events {
    @Override
    public void threadStarted(Vcpu vcpu) {
      board.enterVcpuThread(vcpu.index());
    }

    @Override
    public void shutDown(Vcpu vcpu) {
      kickAll();
      resetRequest.submit(Vm.this::cpuShutDown);
    }

    @Override
    public void crashed(Vcpu vcpu, String detail) {
      kickAll();
      endRequest.submit(() ->
          end(
              VmState.CRASHED,
              new VmExit(VmExit.Reason.CRASH, 0, "vcpu%d: %s".formatted(vcpu.index(), detail))));
    }
  }
}
