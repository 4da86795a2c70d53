package org.maloca.guests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.maloca.cli.guest.GuestArchitecture;
import org.maloca.machine.lifecycle.VmExit;

/** The guest of {@code maloca run linux}, at its prompt. */
class LinuxRestartTest {
  private static final String GREETING = "Welcome to Linux on Maloca";
  private static final String PROMPT = "maloca\u001b[0m:/root# ";

  @Test
  void rebootStartsAnewAndPoweroffEnds() throws Exception {
    var packages = LinuxGuests.provide(GuestArchitecture.AMD64);
    try (GuestConsole guest = GuestConsole.boot(LinuxGuests.asInstalled(packages, 2))) {
      guest.await(PROMPT);
      guest.send("touch /before; uname -sm");
      assertTrue(guest.await(PROMPT).contains("\nLinux x86_64\n"));

      guest.send("reboot");
      // The old shell may still show a prompt before it goes.
      guest.await(GREETING);
      guest.await(PROMPT);
      guest.send("ls /before");
      assertTrue(guest.await(PROMPT).contains("No such file"));

      guest.send("poweroff");
      assertEquals(VmExit.Reason.SHUTDOWN, guest.awaitEnd().reason());
    }
  }
}
