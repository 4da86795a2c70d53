package org.maloca.devices.virtio.ninep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.maloca.devices.virtio.ninep.NinepClient.ROOT;
import static org.maloca.devices.virtio.ninep.NinepClient.fields;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.devices.virtio.DriverRing;
import org.maloca.devices.virtio.RingKind;
import org.maloca.devices.virtio.VirtioDriver;

/** A host's file system that does not answer holds nobody but who asks it. */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class VirtioNinepHangTest {
  private static final int RGETATTR = 25;

  @TempDir Path path;
  private HangingFolder folder;
  private VirtioDriver driver;
  private DriverRing ring;

  @BeforeEach
  void mount() throws IOException {
    NinepConfig config = new NinepConfig(path, false);
    folder = new HangingFolder(config);
    NinepServer server = NinepServer.of(folder, config);
    driver = new VirtioDriver(memory -> new VirtioNinep("share0", memory, server, "share"));
    start();
  }

  private void start() {
    driver.negotiate(RingKind.SPLIT, 0);
    ring = driver.ring(0, 16);
    driver.start();
    answer(100, fields().u32(8192).text("9P2000.L"));
    answer(104, fields().u32(ROOT).u32(-1).text("user").text("").u32(0));
  }

  @AfterEach
  void close() {
    folder.answer();
    driver.close();
  }

  private DriverRing.Piece send(int type, NinepClient.Fields fields) {
    DriverRing.Piece reply = driver.in(256);
    ring.send(driver.out(fields.message(type)), reply);
    return reply;
  }

  private int answer(int type, NinepClient.Fields fields) {
    DriverRing.Piece reply = send(type, fields);
    ring.await();
    return driver.bytes(reply)[4];
  }

  @Test
  void a_pause_leaves_the_request_for_later() {
    DriverRing.Piece reply = send(24, fields().u32(ROOT).u64(0x7ff));
    folder.awaitWaiting(1);
    driver.registers().pause();
    assertFalse(ring.hasUsed());
    driver.registers().resume();
    folder.answer();
    ring.await();
    assertEquals(RGETATTR, driver.bytes(reply)[4]);
    assertFalse(ring.hasUsed());
    assertEquals(RGETATTR, answer(24, fields().u32(ROOT).u64(0x7ff)));
  }

  @Test
  void an_error_is_an_answer_and_the_next_request_has_one_too() {
    folder.answer(new NoClassDefFoundError("too many open files"));
    assertEquals(MessageType.RLERROR, answer(24, fields().u32(ROOT).u64(0x7ff)));
    assertEquals(MessageType.RLERROR, answer(24, fields().u32(ROOT).u64(0x7ff)));
  }

  @Test
  void a_reset_leaves_the_request_behind_and_starts_anew() {
    // Where the next driver puts nothing.
    DriverRing.Piece reply = new DriverRing.Piece(VirtioDriver.HIGH, 256, true);
    ring.send(driver.out(fields().u32(ROOT).u64(0x7ff).message(24)), reply);
    folder.awaitWaiting(1);
    driver.reset();
    start();
    folder.answer();
    assertEquals(RGETATTR, answer(24, fields().u32(ROOT).u64(0x7ff)));
    assertEquals(0, driver.bytes(reply)[4]);
  }

  @Test
  void a_folder_that_cannot_be_opened_anew_fails_requests_until_it_answers() {
    send(24, fields().u32(ROOT).u64(0x7ff));
    folder.awaitWaiting(1);
    folder.refuseAnother();
    driver.reset();
    driver.negotiate(RingKind.SPLIT, 0);
    ring = driver.ring(0, 16);
    driver.start();
    assertEquals(MessageType.RLERROR, answer(100, fields().u32(8192).text("9P2000.L")));

    folder.answer();
    while (answer(100, fields().u32(8192).text("9P2000.L")) == MessageType.RLERROR) {
      Thread.yield();
    }
    // Nothing is left of what the driver before had.
    assertEquals(MessageType.RLERROR, answer(24, fields().u32(ROOT).u64(0x7ff)));
  }

  @Test
  void a_driver_that_leaves_many_behind_gets_errors() {
    for (int i = 1; i <= 5; i++) {
      DriverRing.Piece reply = send(24, fields().u32(ROOT).u64(0x7ff));
      folder.awaitWaiting(i);
      driver.reset();
      assertEquals((byte) 0xee, driver.bytes(reply)[0]);
      if (i < 5) {
        start();
      }
    }
    driver.negotiate(RingKind.SPLIT, 0);
    ring = driver.ring(0, 16);
    driver.start();
    assertEquals(MessageType.RLERROR, answer(100, fields().u32(8192).text("9P2000.L")));
  }

  @Test
  void a_machine_ends() {
    send(24, fields().u32(ROOT).u64(0x7ff));
    folder.awaitWaiting(1);
    driver.registers().close();
    assertFalse(ring.hasUsed());
  }
}
