/** The virtual devices, as register machines and their slots. */
module org.maloca.devices {
  requires org.maloca.core;
  requires static org.jspecify;
}
