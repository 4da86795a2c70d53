/** The user-mode network. */
module org.maloca.net {
  requires transitive org.maloca.core;
  requires static org.jspecify;
  requires java.naming;

  exports org.maloca.net.capture;
  exports org.maloca.net.dhcp;
  exports org.maloca.net.dns;
  exports org.maloca.net.egress;
  exports org.maloca.net.ethernet;
  exports org.maloca.net.frame;
  exports org.maloca.net.host;
  exports org.maloca.net.http;
  exports org.maloca.net.impair;
  exports org.maloca.net.limit;
  exports org.maloca.net.linux;
  exports org.maloca.net.loopback;
  exports org.maloca.net.nat;
  exports org.maloca.net.replay;
  exports org.maloca.net.service;
  exports org.maloca.net.stream;
  exports org.maloca.net;
}
