package org.maloca.x86.system;

import org.maloca.x86.Cpu;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.Insn;
import org.maloca.x86.ir.Operation;

/**
 * VMCALL and VMMCALL (AMD APM vol. 3): a guest that was shown KVM's interface may make its calls,
 * by either (Linux, Documentation/virt/kvm/x86/hypercalls.rst). There is one that does not depend
 * on a feature, which asks for what happens anyway. To all others they are undefined.
 */
final class HypercallHandlers {
  /** Has interrupts that wait be delivered. */
  private static final int KVM_HC_VAPIC_POLL_IRQ = 1;

  private static final long KVM_EPERM = 1;
  private static final long KVM_ENOSYS = 1000;

  private HypercallHandlers() {}

  static void register(HandlerTable table) {
    table.put(Operation.VMCALL, HypercallHandlers::call);
    table.put(Operation.VMMCALL, HypercallHandlers::call);
  }

  private static void call(Cpu cpu, Insn insn) {
    if (cpu.bus.kvmFeatures() == 0) {
      throw cpu.undefinedOpcode();
    }
    long result = cpu.cpl == 0 ? result((int) cpu.rax) : -KVM_EPERM;
    cpu.rax = cpu.is64() ? result : result & 0xffff_ffffL;
    cpu.rip = cpu.ripAfter(insn);
  }

  private static long result(int number) {
    return number == KVM_HC_VAPIC_POLL_IRQ ? 0 : -KVM_ENOSYS;
  }
}
