/**
 * The contracts that every part of Maloca meets at: memory, buses, interrupts, CPUs, devices, time.
 */
module org.maloca.core {
  requires static transitive org.jspecify;

  exports org.maloca.core.backend;
  exports org.maloca.core.bus;
  exports org.maloca.core.cpu;
  exports org.maloca.core.defect;
  exports org.maloca.core.device;
  exports org.maloca.core.irq;
  exports org.maloca.core.jvm;
  exports org.maloca.core.linux;
  exports org.maloca.core.memory;
  exports org.maloca.core.snapshot;
  exports org.maloca.core.text;
  exports org.maloca.core.time;
}
