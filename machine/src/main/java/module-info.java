/** Boards, firmware, boot and lifecycle: the API for embedding a virtual machine. */
module org.maloca.machine {
  requires transitive org.maloca.core;
  requires transitive org.maloca.block;
  requires transitive org.maloca.devices;
  requires transitive org.maloca.net;
  requires org.maloca.x86;
  requires jdk.management;
  requires static org.jspecify;

  exports org.maloca.machine.board;
  exports org.maloca.machine.boot;
  exports org.maloca.machine.config;
  exports org.maloca.machine.device;
  exports org.maloca.machine.lifecycle;
}
