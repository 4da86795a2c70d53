/** The {@code maloca} command. */
module org.maloca.cli {
  requires info.picocli;
  requires java.management;
  requires java.net.http;
  requires org.apache.commons.compress;
  requires org.jline.terminal;
  requires org.maloca.block;
  requires org.maloca.machine;
  requires org.tukaani.xz;
  requires org.yaml.snakeyaml;
  requires static org.jspecify;

  exports org.maloca.cli;
  exports org.maloca.cli.cloud;
  exports org.maloca.cli.guest;
}
