/** Measurements of Maloca, side by side with peers. */
module org.maloca.bench {
  requires java.management;
  requires jdk.management;
  requires org.maloca.block;
  requires org.maloca.cli;
  requires org.maloca.core;
  requires org.maloca.devices;
  requires org.maloca.machine;
  requires static org.jspecify;
}
