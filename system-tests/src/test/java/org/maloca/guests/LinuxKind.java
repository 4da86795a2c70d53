package org.maloca.guests;

import java.util.List;
import org.maloca.cli.guest.GuestArchitecture;

/** The Linux guests that compute answers. */
enum LinuxKind {
  AMD64(GuestArchitecture.AMD64, 1, AnswersProgram.LONG_MODE, AnswersProgram.COMPATIBILITY_MODE),
  AMD64_TWO_CPUS(
      GuestArchitecture.AMD64, 2, AnswersProgram.LONG_MODE, AnswersProgram.COMPATIBILITY_MODE),
  I386(GuestArchitecture.I386, 1, AnswersProgram.COMPATIBILITY_MODE);

  private final GuestArchitecture architecture;
  private final int cpus;
  private final List<AnswersProgram> programs;

  LinuxKind(GuestArchitecture architecture, int cpus, AnswersProgram... programs) {
    this.architecture = architecture;
    this.cpus = cpus;
    this.programs = List.of(programs);
  }

  GuestArchitecture architecture() {
    return architecture;
  }

  int cpus() {
    return cpus;
  }

  /** Programs that its kernel runs. */
  List<AnswersProgram> programs() {
    return programs;
  }

  /** Whether its kernel keeps data from being executed: Debian's for i386 does not. */
  boolean protectsData() {
    return architecture == GuestArchitecture.AMD64;
  }
}
