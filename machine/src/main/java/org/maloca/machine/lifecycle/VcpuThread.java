package org.maloca.machine.lifecycle;

import org.maloca.core.cpu.Vcpu;
import org.maloca.core.cpu.VcpuExit;

/** The platform thread of one vCPU: runs it whenever the machine runs. */
final class VcpuThread {
  /** What a vCPU tells the machine; called on its thread, must not block. */
  interface Events {
    /** The thread exists now. */
    void threadStarted(Vcpu vcpu);

    /** The vCPU met a shutdown cycle (triple fault). */
    void shutDown(Vcpu vcpu);

    /** The engine failed; the vCPU does not run again. */
    void crashed(Vcpu vcpu, String detail);
  }

  private static final System.Logger LOG = System.getLogger(VcpuThread.class.getName());

  /**
   * Guest calls nest as calls of the JVM, whose frames are large as long as HotSpot has not
   * compiled the code well; only what is used of the stack costs memory.
   */
  private static final long STACK_BYTES = 16 << 20;

  private final Vcpu vcpu;
  private final RunGate gate;
  private final Events events;
  private final Thread thread;

  VcpuThread(String machineName, Vcpu vcpu, RunGate gate, Events events) {
    this.vcpu = vcpu;
    this.gate = gate;
    this.events = events;
    String name = "maloca-" + machineName + "-vcpu" + vcpu.index();
    thread = new Thread(null, this::loop, name, STACK_BYTES);
    thread.setDaemon(true);
    thread.start();
  }

  void join() throws InterruptedException {
    thread.join();
  }

  private void loop() {
    events.threadStarted(vcpu);
    while (gate.pass()) {
      VcpuExit exit;
      try {
        exit = vcpu.run();
      } catch (RuntimeException | Error broken) {
        gate.hold();
        events.crashed(vcpu, String.valueOf(broken));
        LOG.log(System.Logger.Level.DEBUG, "vcpu " + vcpu.index() + " failed", broken);
        continue;
      }
      switch (exit) {
        case KICKED, DEBUG -> {}
        case SHUTDOWN -> {
          gate.hold();
          events.shutDown(vcpu);
        }
        case CRASHED -> {
          gate.hold();
          events.crashed(vcpu, "the CPU engine met a state that cannot be");
        }
      }
    }
  }
}
