/** The {@code maloca} command. */
module org.maloca.cli {
  requires info.picocli;
  requires org.jline.terminal;
  requires org.maloca.machine;
  requires static org.jspecify;
}
