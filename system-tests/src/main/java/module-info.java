/** Tests of whole guests, and the CPU fuzzer. */
module org.maloca.systemtests {
  requires java.logging;
  requires java.management;
  requires jdk.management;
  requires org.apache.commons.compress;
  requires org.maloca.cli;
  requires org.maloca.machine;
  requires org.maloca.net;
  requires org.maloca.x86;
  requires org.tukaani.xz;
  requires static org.jspecify;
}
