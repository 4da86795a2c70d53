package org.maloca.net.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.net.capture.CaptureConfig;
import org.maloca.net.capture.PacketCapture;
import org.maloca.net.frame.Frames;
import org.maloca.net.frame.TestCard;

final class PacketFileReaderTest {
  @TempDir Path folder;

  private final ByteBuffer frame = ByteBuffer.allocate(2000);

  private static byte[] pcap(ByteOrder order, int magic) {
    ByteBuffer file = ByteBuffer.allocate(24 + 2 * (16 + 60)).order(order);
    file.putInt(magic).putShort((short) 2).putShort((short) 4).putLong(0);
    file.putInt(65535).putInt(1);
    for (int i = 0; i < 2; i++) {
      file.putLong(0).putInt(60).putInt(60).put(Frames.numbered(i, 60).bytes());
    }
    return file.array();
  }

  @Test
  void readsTheOlderFormatInBothByteOrders() throws IOException {
    for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
      for (int magic : new int[] {0xa1b2c3d4, 0xa1b23c4d}) {
        Path file = Files.write(folder.resolve("a.pcap"), pcap(order, magic));
        try (PacketFileReader reader = new PacketFileReader(file)) {
          assertTrue(reader.next(frame));
          assertEquals(60, frame.limit());
          assertTrue(reader.next(frame));
          assertEquals(1, Frames.number(frame));
          assertFalse(reader.next(frame));
        }
      }
    }
  }

  @Test
  void refusesOtherFiles() throws IOException {
    for (byte[] content : new byte[][] {{}, {1, 2}, "not a capture at all, is it?".getBytes()}) {
      Path file = Files.write(folder.resolve("x"), content);
      assertThrows(IOException.class, () -> new PacketFileReader(file));
    }
  }

  @Test
  void damagedFilesEndInAnErrorOrTheEnd() throws IOException {
    Path file = folder.resolve("a.pcapng");
    try (PacketCapture capture = new PacketCapture(CaptureConfig.of(file), "net0")) {
      for (int i = 0; i < 5; i++) {
        capture.add(Frames.numbered(i, 60 + i), true);
      }
    }
    byte[] pcapng = Files.readAllBytes(file);
    byte[] pcap = pcap(ByteOrder.LITTLE_ENDIAN, 0xa1b2c3d4);
    Random random = new Random(2);
    int errors = 0;
    for (int round = 0; round < 2000; round++) {
      byte[] whole = round % 2 == 0 ? pcapng : pcap;
      byte[] damaged = Arrays.copyOf(whole, random.nextInt(whole.length + 1));
      for (int flips = damaged.length == 0 ? 0 : random.nextInt(5); flips > 0; flips--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      Files.write(file, damaged);
      try (PacketFileReader reader = new PacketFileReader(file)) {
        while (reader.next(frame)) {
          assertTrue(frame.limit() <= frame.capacity());
        }
      } catch (IOException told) {
        errors++;
      }
    }
    assertTrue(errors > 100);
  }

  @Test
  void aBackendReplaysTheFileToTheGuestAndKeepsWhatItSends() throws Exception {
    Path in = Files.write(folder.resolve("in"), pcap(ByteOrder.LITTLE_ENDIAN, 0xa1b2c3d4));
    Path out = folder.resolve("out");
    TestCard card = new TestCard();
    try (PacketFileBackend backend =
        new PacketFileBackend(
            new PacketFileReader(in), new PacketCapture(CaptureConfig.of(out), "net0"), "net0")) {
      backend.connect(card);
      assertEquals(0, Frames.number(ByteBuffer.wrap(card.next())));
      assertEquals(1, Frames.number(ByteBuffer.wrap(card.next())));
      backend.transmit(Frames.numbered(77, 99));
    }
    try (PacketFileReader reader = new PacketFileReader(out)) {
      assertTrue(reader.next(frame));
      assertEquals(77, Frames.number(frame));
    }
  }
}
