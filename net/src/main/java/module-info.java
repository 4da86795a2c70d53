/** The user-mode network. */
module org.maloca.net {
  requires transitive org.maloca.core;
  requires static org.jspecify;
}
