package org.maloca.x86.lockstep;

import org.maloca.core.cpu.CpuState;
import org.maloca.core.cpu.Vcpu;
import org.maloca.core.cpu.VcpuExit;
import org.maloca.core.cpu.VcpuPins;
import org.maloca.x86.SoftwareVcpu;

/** A vCPU that is checked by a second one while it runs. To the machine it is the first. */
final class LockstepVcpu implements Vcpu {
  private static final System.Logger LOG = System.getLogger(LockstepVcpu.class.getName());

  private final SoftwareVcpu leader;
  private final Lockstep lockstep;
  private final ShadowMemory shadow;

  LockstepVcpu(SoftwareVcpu leader, Lockstep lockstep, ShadowMemory shadow) {
    this.leader = leader;
    this.lockstep = lockstep;
    this.shadow = shadow;
  }

  @Override
  public int index() {
    return leader.index();
  }

  @Override
  public VcpuExit run() {
    lockstep.begin();
    VcpuExit exit = leader.run();
    if (exit == VcpuExit.CRASHED) {
      lockstep.abandon();
      return exit;
    }
    try {
      lockstep.end(exit == VcpuExit.SHUTDOWN);
      return exit;
    } catch (DivergenceException divergence) {
      LOG.log(System.Logger.Level.ERROR, divergence.getMessage());
      return VcpuExit.CRASHED;
    }
  }

  @Override
  public void kick() {
    leader.kick();
  }

  @Override
  public VcpuPins pins() {
    return leader.pins();
  }

  @Override
  public void save(CpuState state) {
    leader.save(state);
  }

  @Override
  public void restore(CpuState state) {
    leader.restore(state);
  }

  @Override
  public void reset() {
    leader.reset();
  }

  @Override
  public long instructionsExecuted() {
    return leader.instructionsExecuted();
  }

  @Override
  public void close() {
    leader.close();
    shadow.close();
  }
}
