package org.maloca.block.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.maloca.block.file.FaultyFile;
import org.maloca.block.image.DiskImage;
import org.maloca.block.image.Extent;

/** Images that are differences to a parent, which may be smaller than they are. */
class DifferenceTest {
  private static final int DISK_BYTES = 6 << 20;
  private static final int PARENT_BYTES = 5 << 20;

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = ".*_CHILD")
  void showsTheParentWhereNothingWasWritten(AnyFormat format) throws IOException {
    byte[] shadow = Arrays.copyOf(new PatternDisk(PARENT_BYTES).bytes(), DISK_BYTES);
    FaultyFile file = new FaultyFile("disk");
    format.create(file, DISK_BYTES);
    for (int round = 0; round < 4; round++) {
      try (DiskImage image = format.open(file, PARENT_BYTES)) {
        Disks.assertSame(image, shadow);
        Disks.work(image, shadow, 40 + round, 80);
        Disks.assertSame(image, shadow);
        assertEquals(List.of(), image.check(DiskImage.Repair.NOTHING).messages());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = ".*_CHILD")
  void tellsWhatIsTheParents(AnyFormat format) throws IOException {
    FaultyFile file = new FaultyFile("disk");
    format.create(file, DISK_BYTES);
    try (DiskImage image = format.open(file, PARENT_BYTES)) {
      assertEquals(Extent.Kind.UNALLOCATED, image.extentAt(0, DISK_BYTES).kind());

      Disks.write(image, 1 << 20, new byte[1 << 20]);

      assertEquals(Extent.Kind.DATA, image.extentAt(1 << 20, 1 << 20).kind());
      assertEquals(1 << 20, image.extentAt(1 << 20, 1 << 20).length());
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = ".*_CHILD")
  void needsItsParent(AnyFormat format) throws IOException {
    FaultyFile file = new FaultyFile("disk");
    format.create(file, DISK_BYTES);

    assertThrows(IOException.class, () -> format.openWith(file, null));
  }

  @Test
  void aDiskWithoutAParentTakesNone() throws IOException {
    FaultyFile file = new FaultyFile("disk");
    AnyFormat.VHDX.create(file, DISK_BYTES);

    assertThrows(
        IOException.class, () -> AnyFormat.VHDX.openWith(file, new PatternDisk(PARENT_BYTES)));
  }
}
