/** Boards, firmware, boot and lifecycle: the API for embedding a virtual machine. */
module org.maloca.machine {
  requires transitive org.maloca.core;
  requires org.maloca.devices;
  requires org.maloca.x86;
  requires static org.jspecify;
}
