/** The user-mode network. */
module org.maloca.net {
  requires transitive org.maloca.core;
  requires java.naming;
  requires static org.jspecify;

  exports org.maloca.net.dhcp;
  exports org.maloca.net.dns;
}
