package org.maloca.stress;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.maloca.machine.board.AcceleratorFactory;
import org.maloca.machine.boot.BootException;

/** The guests of {@code guests/smp}, in which CPUs work on each other. */
public enum SmpGuest {
  /** x86's store order. */
  LITMUS(400),
  /** LOCKed instructions, and locks and lists made of them. */
  LOCKS(400),
  /** Interrupts between CPUs, NMI, INIT and start-up. */
  IPIS(400),
  /** Code that one CPU changes while others execute it. */
  CODE(400),
  /** Page tables that one CPU changes while others use them. */
  PAGING(400);

  private static final long MEMORY_BYTES = 128L << 20;

  private final int passesPerSecond;

  SmpGuest(int passesPerSecond) {
    this.passesPerSecond = passesPerSecond;
  }

  /** About as many passes as take a second. */
  public int passesPerSecond() {
    return passesPerSecond;
  }

  /** As on command lines and in file names. */
  public String title() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Assembles and runs it.
   *
   * @param cpus 2 to 8
   * @param passes amount of work
   */
  public BareGuestRun run(
      AcceleratorFactory engine, int cpus, long seed, int passes, long timeoutSeconds)
      throws BootException, IOException, InterruptedException {
    Path image = Files.createTempFile("maloca-smp-" + title(), ".elf");
    try {
      BareGuest.assemble(
          "smp/" + title() + ".asm", Map.of("CPUS", cpus, "SEED", seed, "PASSES", passes), image);
      return BareGuestRun.of(image, cpus, MEMORY_BYTES, engine, timeoutSeconds);
    } finally {
      Files.deleteIfExists(image);
    }
  }
}
