package org.maloca.net.capture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.net.frame.Frames;
import org.maloca.net.replay.PacketFileReader;

final class PacketCaptureTest {
  @TempDir Path folder;

  @Test
  void writesTheBlocksOfTheFormat() throws IOException {
    Path file = folder.resolve("a.pcapng");
    Instant before = Instant.now();
    try (PacketCapture capture = new PacketCapture(CaptureConfig.of(file), "net0")) {
      capture.add(Frames.numbered(1, 61), true);
      capture.add(Frames.numbered(2, 64), false);
    }
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);

    assertEquals(0x0a0d0d0a, bytes.getInt(0));
    assertEquals(0x1a2b3c4d, bytes.getInt(8));
    int idb = bytes.getInt(4);
    assertEquals(1, bytes.getInt(idb));
    assertEquals(1, bytes.getShort(idb + 8));
    assertEquals(65536, bytes.getInt(idb + 12));
    int first = idb + bytes.getInt(idb + 4);
    assertEquals(6, bytes.getInt(first));
    long nanos = (long) bytes.getInt(first + 12) << 32 | bytes.getInt(first + 16) & 0xffff_ffffL;
    assertFalse(Instant.ofEpochSecond(0, nanos).isBefore(before));
    assertEquals(61, bytes.getInt(first + 20));
    assertEquals(61, bytes.getInt(first + 24));
    assertEquals(0x52, bytes.get(first + 28));
    int options = first + 28 + 64;
    assertEquals(2, bytes.getShort(options));
    assertEquals(2, bytes.getInt(options + 4));
    int length = bytes.getInt(first + 4);
    assertEquals(length, bytes.getInt(first + length - 4));
    int second = first + length;
    assertEquals(1, bytes.getInt(second + 28 + 64 + 4));
    assertEquals(bytes.limit(), second + bytes.getInt(second + 4));
  }

  @Test
  void whatItWroteIsReadBack() throws IOException {
    Path file = folder.resolve("a.pcapng");
    try (PacketCapture capture = new PacketCapture(CaptureConfig.of(file), "net0")) {
      for (int i = 0; i < 50; i++) {
        capture.add(Frames.numbered(i, 60 + i), i % 2 == 0);
      }
    }
    ByteBuffer frame = ByteBuffer.allocate(2000);
    try (PacketFileReader reader = new PacketFileReader(file)) {
      for (int i = 0; i < 50; i++) {
        assertTrue(reader.next(frame));
        assertArrayEquals(Frames.copy(Frames.numbered(i, 60 + i).bytes()), Frames.copy(frame));
      }
      assertFalse(reader.next(frame));
    }
  }

  @Test
  void keepsOnlyTheBeginningOfFrames() throws IOException {
    Path file = folder.resolve("a.pcapng");
    CaptureConfig config = new CaptureConfig(file, 64, CaptureConfig.MIN_FILE_BYTES, 1);
    try (PacketCapture capture = new PacketCapture(config, "net0")) {
      capture.add(Frames.numbered(1, 1500), true);
    }
    ByteBuffer frame = ByteBuffer.allocate(2000);
    try (PacketFileReader reader = new PacketFileReader(file)) {
      assertTrue(reader.next(frame));
      assertEquals(64, frame.limit());
    }
  }

  @Test
  void goesOnInAnotherFileAndKeepsTheNewest() throws IOException {
    Path file = folder.resolve("a.pcapng");
    CaptureConfig config = new CaptureConfig(file, 65536, CaptureConfig.MIN_FILE_BYTES, 3);
    try (PacketCapture capture = new PacketCapture(config, "net0")) {
      for (int i = 0; i < 60; i++) {
        capture.add(Frames.numbered(i, 10_000), true);
      }
    }
    try (var files = Files.list(folder)) {
      assertEquals(3, files.count());
    }
    for (String name : new String[] {"a.pcapng", "a.pcapng.1", "a.pcapng.2"}) {
      assertTrue(Files.size(folder.resolve(name)) <= CaptureConfig.MIN_FILE_BYTES, name);
    }
    assertEquals(59, lastNumber(file));
    assertTrue(lastNumber(folder.resolve("a.pcapng.1")) < 59);
  }

  private static int lastNumber(Path file) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(20_000);
    int last = -1;
    try (PacketFileReader reader = new PacketFileReader(file)) {
      while (reader.next(frame)) {
        last = Frames.number(frame);
      }
    }
    return last;
  }

  @Test
  void aSingleFileEndsWhenItIsFull() throws IOException {
    Path file = folder.resolve("a.pcapng");
    CaptureConfig config = new CaptureConfig(file, 65536, CaptureConfig.MIN_FILE_BYTES, 1);
    try (PacketCapture capture = new PacketCapture(config, "net0")) {
      for (int i = 0; i < 60; i++) {
        capture.add(Frames.numbered(i, 10_000), true);
      }
      assertNull(capture.failure());
    }
    assertEquals(12, lastNumber(file));
  }

  @Test
  void saysAtOnceThatAFileCannotBeWritten() {
    CaptureConfig config = CaptureConfig.of(folder.resolve("no/such/folder"));
    assertThrows(IOException.class, () -> new PacketCapture(config, "net0"));
  }
}
