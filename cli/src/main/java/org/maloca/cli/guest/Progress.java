package org.maloca.cli.guest;

/** Hears, in words, what is being done now. */
@FunctionalInterface
public interface Progress {
  Progress SILENT = line -> {};

  void step(String line);
}
