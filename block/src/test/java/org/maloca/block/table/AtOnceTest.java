package org.maloca.block.table;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.maloca.block.file.FaultyFile;
import org.maloca.block.image.DiskImage;
import org.maloca.core.memory.IoVector;

/** Which requests need no wait for a table or a change of one. The file itself never waits. */
class AtOnceTest {
  private static final int DISK_BYTES = 4 << 20;
  private static final int LENGTH = 8192;
  private static final long OFFSET = 65_536;

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment memory = arena.allocate(LENGTH, 4096);
  private final IoVector vector = new IoVector();
  private final byte[] written = new byte[LENGTH];
  private final FaultyFile file = new FaultyFile("disk");

  AtOnceTest() {
    new Random(1).nextBytes(written);
    vector.add(memory.address(), LENGTH / 2);
    vector.add(memory.address() + LENGTH / 2, LENGTH / 2);
  }

  @AfterEach
  void close() {
    arena.close();
  }

  private DiskImage created(AnyFormat format) throws IOException {
    format.create(file, DISK_BYTES);
    return format.open(file, DISK_BYTES);
  }

  private void fill(byte[] bytes) {
    memory.copyFrom(MemorySegment.ofArray(bytes));
  }

  @ParameterizedTest
  @EnumSource(names = {"VMDK", "VMDK_CHILD", "VHDX", "VDI", "VDI_CHILD", "VHD"})
  void whatHasItsPlaceIsReadAndWritten(AnyFormat format) throws IOException {
    try (DiskImage image = created(format)) {
      image.write(OFFSET, vector);
      fill(written);
      assertTrue(image.writeAtOnce(OFFSET, vector));
      assertArrayEquals(written, Disks.read(image, OFFSET, LENGTH));
      fill(new byte[LENGTH]);
      assertTrue(image.readAtOnce(OFFSET, vector));
      assertArrayEquals(written, memory.toArray(ValueLayout.JAVA_BYTE));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"VMDK_STREAM", "VHD_CHILD", "VHDX_CHILD"})
  void whatIsPackedOrHasBitmapsIsLeft(AnyFormat format) throws IOException {
    try (DiskImage image = created(format)) {
      fill(written);
      image.write(OFFSET, vector);
      assertFalse(image.writeAtOnce(OFFSET, vector));
      assertFalse(image.readAtOnce(OFFSET, vector));
      assertArrayEquals(written, Disks.read(image, OFFSET, LENGTH));
    }
  }

  @ParameterizedTest
  @EnumSource
  void newRoomIsLeft(AnyFormat format) throws IOException {
    try (DiskImage image = created(format)) {
      byte[] before = Disks.read(image, OFFSET, LENGTH);
      fill(written);
      assertFalse(image.writeAtOnce(OFFSET, vector));
      assertArrayEquals(before, Disks.read(image, OFFSET, LENGTH));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"VMDK", "VHDX", "VDI", "VHD"})
  void zerosOfNoBlockNeedTheTableOnly(AnyFormat format) throws IOException {
    try (DiskImage image = created(format)) {
      fill(written);
      assertFalse(image.readAtOnce(OFFSET, vector));
      image.read(OFFSET, vector);
      fill(written);
      assertTrue(image.readAtOnce(OFFSET, vector));
      assertEquals(-1, memory.mismatch(MemorySegment.ofArray(new byte[LENGTH])));
    }
  }
}
