package org.maloca.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.maloca.cli.guest.KernelOptions;

final class CloudBootTest {
  private static final String LAST = " " + KernelOptions.NO_TIMER_CHECK;

  @Test
  void theSerialConsoleIsTheOneThatTheSystemTalksTo() {
    assertEquals("root=/dev/vda console=ttyS0" + LAST, CloudBoot.commandLine("root=/dev/vda", ""));
    assertEquals("console=ttyS0" + LAST, CloudBoot.commandLine("", ""));
    assertEquals(
        "console=ttyS0,115200 console=tty0 quiet console=ttyS0" + LAST,
        CloudBoot.commandLine("console=ttyS0,115200 console=tty0 quiet", ""));
  }

  @Test
  void anImageWhoseLastConsoleItIsStaysAsItIs() {
    for (String own : new String[] {"console=tty1 console=ttyS0", "console=ttyS0,115200n8 quiet"}) {
      assertEquals(own + LAST, CloudBoot.commandLine(own, ""));
    }
  }

  @Test
  void whatTheUserAddsComesLast() {
    assertEquals(
        "console=tty0 console=ttyS0" + LAST + " console=hvc0",
        CloudBoot.commandLine("console=tty0", "console=hvc0"));
    assertEquals(
        "console=tty0" + LAST + " console=ttyS0 ro",
        CloudBoot.commandLine("console=tty0", "console=ttyS0 ro"));
  }
}
