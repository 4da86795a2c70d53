/** The user-mode network. */
module org.maloca.net {
  requires transitive org.maloca.core;
  requires java.naming;
  requires static org.jspecify;

  exports org.maloca.net;
  exports org.maloca.net.ethernet;
  exports org.maloca.net.frame;
  exports org.maloca.net.nat;
  exports org.maloca.net.service;
