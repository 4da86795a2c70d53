package org.maloca.machine.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;

class DevicePropertiesTest {
  private enum Colour {
    RED,
    GREEN
  }

  private static DeviceProperties parse(String text) {
    return DeviceProperties.parse("--disk", text);
  }

  private static String message(Runnable action) {
    return assertThrows(ConfigException.class, action::run).getMessage();
  }

  @Test
  void takesAValueFlagsAndProperties() {
    DeviceProperties properties = parse("a,,b.img,readonly,serial=X,queues=0x2,colour=green");
    assertEquals("a,b.img", properties.main());
    assertTrue(properties.flag("readonly"));
    assertFalse(properties.flag("packed"));
    assertEquals("X", properties.text("serial"));
    assertNull(properties.text("format"));
    assertEquals(2, properties.number("queues", 1, 1, 64));
    assertEquals(Colour.GREEN, properties.word("colour", Colour.class, Colour.RED));
    properties.finish();
  }

  @Test
  void takesFamiliesOfProperties() {
    DeviceProperties properties = parse("f,iops=5,bps-rd=7,serial=s");
    assertEquals(Map.of("iops", "5", "bps-rd", "7"), properties.startingWith("iops", "bps"));
    assertEquals("s", properties.text("serial"));
    properties.finish();
  }

  @Test
  void saysWhatIsWrong() {
    assertEquals("--disk: 'a' is given twice", message(() -> parse("f,a=1,a=2")));
    assertEquals(
        "--disk: 'serial' needs a value: serial=...",
        message(() -> parse("f,serial").text("serial")));
    assertEquals(
        "--disk: queues=x is not a number from 1 to 64",
        message(() -> parse("f,queues=x").number("queues", 1, 1, 64)));
    assertEquals(
        "--disk: colour=blue is none of red, green",
        message(() -> parse("f,colour=blue").word("colour", Colour.class, Colour.RED)));
    assertEquals(
        "--disk: readonly is on or off, not 'maybe'",
        message(() -> parse("f,readonly=maybe").flag("readonly")));
    DeviceProperties properties = parse("f,nonsense=1");
    properties.flag("readonly");
    assertEquals(
        "--disk has no property 'nonsense' (it has: readonly)", message(properties::finish));
  }
}
