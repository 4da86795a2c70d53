package org.maloca.bench;

/** Who executes a guest. */
enum Emulator {
  MALOCA,
  TCG
}
