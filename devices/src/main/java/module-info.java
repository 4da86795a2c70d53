/** The virtual devices, as register machines and their slots. */
module org.maloca.devices {
  requires org.maloca.core;
  requires static org.jspecify;

  exports org.maloca.devices.acpi;
  exports org.maloca.devices.apic;
  exports org.maloca.devices.debug;
  exports org.maloca.devices.disk;
  exports org.maloca.devices.hpet;
  exports org.maloca.devices.kvm;
  exports org.maloca.devices.pci;
  exports org.maloca.devices.pic;
  exports org.maloca.devices.pit;
  exports org.maloca.devices.pm;
  exports org.maloca.devices.ps2;
  exports org.maloca.devices.rtc;
  exports org.maloca.devices.scsi;
  exports org.maloca.devices.serial;
  exports org.maloca.devices.virtio.balloon;
  exports org.maloca.devices.virtio.block;
  exports org.maloca.devices.virtio.console;
  exports org.maloca.devices.virtio.net;
  exports org.maloca.devices.virtio.ninep;
  exports org.maloca.devices.virtio.pmem;
  exports org.maloca.devices.virtio.rng;
  exports org.maloca.devices.virtio.scsi;
  exports org.maloca.devices.virtio.vsock;
  exports org.maloca.devices.virtio;
}
