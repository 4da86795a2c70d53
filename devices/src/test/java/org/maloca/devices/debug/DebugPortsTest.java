package org.maloca.devices.debug;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.maloca.core.bus.PortBus;
import org.maloca.core.snapshot.SectionBuffer;
import org.maloca.devices.HostileGuest;
import org.maloca.devices.RecordingBackend;

class DebugPortsTest {
  private final PortBus ports = new PortBus();

  @Test
  void exitCodeIsOddForEverySize() {
    List<Integer> codes = new ArrayList<>();
    new DebugExit(codes::add).register(ports, 0xf4);
    ports.write(0xf4, 1, 0x10);
    ports.write(0xf4, 2, 0x1234);
    ports.write(0xf4, 4, 0);
    assertEquals(List.of(0x21, 0x2469, 1), codes);
  }

  @Test
  void exitTakesOnlyTheBytesWritten() {
    List<Integer> codes = new ArrayList<>();
    new DebugExit(codes::add).write(0, 1, 0x1234_5678_9abc_de05L);
    assertEquals(List.of(0x0b), codes);
  }

  @Test
  void consoleSendsBytesAndNamesItself() {
    RecordingBackend backend = new RecordingBackend();
    new DebugConsole(backend).register(ports, 0xe9);
    ports.write(0xe9, 1, 'o');
    ports.write(0xe9, 1, 'k');
    assertEquals("ok", backend.text());
    assertEquals(0xe9, ports.read(0xe9, 1));
  }

  @Test
  void postCodeKeepsTheLastByte() {
    PostCodePort post = new PostCodePort();
    post.register(ports, 0x80);
    ports.write(0x80, 1, 0x12);
    ports.write(0x80, 1, 0x34);
    SectionBuffer snapshot = new SectionBuffer();
    post.save(snapshot);
    post.reset();
    assertEquals(0, post.code());
    post.restore(snapshot.reader());
    assertEquals(0x34, post.code());
    assertEquals(0x34, ports.read(0x80, 1));
  }

  @Test
  void surviveAHostileGuest() {
    List<Integer> last = new ArrayList<>(List.of(0));
    HostileGuest.hammer(new DebugExit(code -> last.set(0, code)), 4, 4, 2);
    HostileGuest.hammer(new DebugConsole(new RecordingBackend()), 1, 4, 3);
    HostileGuest.hammer(new PostCodePort(), 1, 4, 4);
    assertEquals(1, last.getFirst() & 1);
  }
}
