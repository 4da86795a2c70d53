/** The virtual devices, as register machines and their slots. */
module org.maloca.devices {
  requires org.maloca.core;
  requires static org.jspecify;

  exports org.maloca.devices.acpi;
  exports org.maloca.devices.debug;
  exports org.maloca.devices.pci;
  exports org.maloca.devices.ps2;
  exports org.maloca.devices.serial;
}
