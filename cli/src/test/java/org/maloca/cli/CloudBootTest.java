package org.maloca.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.maloca.cli.bootdisk.NinepSupport;
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
  void saysWhatToDoAboutAKernelThatMountsNoSharedFolders() {
    assertEquals(Optional.empty(), CloudBoot.sharesWarning(NinepSupport.PRESENT, "vmlinuz-6.1"));
    assertEquals(Optional.empty(), CloudBoot.sharesWarning(NinepSupport.UNKNOWN, "vmlinuz-6.1"));
    String built = CloudBoot.sharesWarning(NinepSupport.MISSING, "vmlinuz-6.1\u001b").orElseThrow();
    assertTrue(built.contains("its kernel 6.1? was built without 9P. Install another"), built);
    String extra = CloudBoot.sharesWarning(NinepSupport.NOT_INSTALLED, "vmlinuz-6.8").orElseThrow();
    assertTrue(extra.contains("linux-modules-extra-6.8"), extra);
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
