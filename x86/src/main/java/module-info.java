/** The x86-64 CPU in software. */
module org.maloca.x86 {
  requires org.maloca.core;
  requires static org.jspecify;
}
