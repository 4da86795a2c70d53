package org.maloca.devices.pci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.maloca.core.snapshot.SectionBuffer;

class PciMsiTest {
  private static final int CAP = 0x40;
  private static final int CONTROL = CAP + 2;
  private static final int ADDRESS = CAP + 4;
  private static final int DATA = CAP + 12;
  private static final int MASK = CAP + 16;
  private static final int PENDING = CAP + 20;

  private final List<String> sent = new ArrayList<>();
  private final PciMsi msi =
      new PciMsi(4, (address, data) -> sent.add("%x:%x".formatted(address, data)));
  private final PciFunction function =
      new PciFunction("card", new PciFunction.Identity(1, 2, 0, 0xff0000, 0, 0));

  PciMsiTest() {
    function.addMsi(msi);
    function.writeConfig(ADDRESS, 4, 0xfee0_1003);
    function.writeConfig(ADDRESS + 4, 4, 0x12);
    function.writeConfig(DATA, 2, 0x4041);
  }

  private void enable(int grantedLog2) {
    function.writeConfig(CONTROL, 2, 1 | grantedLog2 << 4);
  }

  @Test
  void asksForFourWideMaskableMessages() {
    assertEquals(0x05, function.readConfig(CAP, 1));
    assertEquals(0x0184, function.readConfig(CONTROL, 2));
    assertEquals(0xfee0_1000, function.readConfig(ADDRESS, 4));
    function.writeConfig(MASK, 4, -1);
    assertEquals(0x0f, function.readConfig(MASK, 4));
  }

  @Test
  void vectorsAreTheLowBitsOfTheData() {
    msi.send(0);
    assertFalse(msi.isEnabled());
    enable(2);
    assertTrue(msi.isEnabled());
    msi.send(2);
    msi.send(3);
    assertEquals(List.of("12fee01000:4042", "12fee01000:4043"), sent);
  }

  @Test
  void vectorsShareWhatTheGuestHasGranted() {
    enable(0);
    msi.send(3);
    enable(1);
    msi.send(2);
    enable(7);
    msi.send(3);
    assertEquals(List.of("12fee01000:4041", "12fee01000:4040", "12fee01000:4043"), sent);
  }

  @Test
  void maskedMessagesWait() {
    enable(2);
    function.writeConfig(MASK, 4, 0x2);
    msi.send(1);
    msi.send(1);
    msi.send(0);
    assertEquals(List.of("12fee01000:4040"), sent);
    assertEquals(0x2, function.readConfig(PENDING, 4));
    SectionBuffer snapshot = new SectionBuffer();
    function.save(snapshot);
    function.reset();
    assertEquals(0, function.readConfig(PENDING, 4));
    function.restore(snapshot.reader());
    function.writeConfig(MASK, 1, 0);
    assertEquals(List.of("12fee01000:4040", "12fee01000:4041"), sent);
    assertEquals(0, function.readConfig(PENDING, 4));
  }
}
