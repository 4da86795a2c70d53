package org.maloca.block.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.maloca.block.file.FaultyFile;
import org.maloca.block.image.CheckReport;
import org.maloca.block.image.DiskImage;

/**
 * Power fails at many moments, and any part of what was not flushed is lost. Then the image opens,
 * is sound, and every sector holds what the last flush made sure of, or something written since.
 * The number of cuts is multiplied by the property {@code maloca.cuts}.
 */
class PowerCutTest {
  private static final int DISK_BYTES = 5 << 20;
  private static final int SECTORS = DISK_BYTES / 512;
  private static final int ROUNDS = 6 * Integer.getInteger("maloca.cuts", 1);
  private static final int CUTS_PER_ROUND = 5;
  private static final int MAX_OPERATIONS = 60;
  private static final int MAX_LYING_ROUNDS = 100;

  /** What each sector may hold: a tag that fills it. */
  @SuppressWarnings("unchecked")
  private final Set<Long>[] flushed = new Set[SECTORS];

  @SuppressWarnings("unchecked")
  private final Set<Long>[] last = new Set[SECTORS];

  @SuppressWarnings("unchecked")
  private final Set<Long>[] since = new Set[SECTORS];

  private long nextTag = 1;
  private boolean mayFail;

  private enum Fault {
    NONE,
    LIES,
    FAILS
  }

  private interface Request {
    void run() throws IOException;
  }

  @ParameterizedTest
  @EnumSource
  void losesNothingThatWasFlushed(AnyFormat format) throws IOException {
    for (int round = 0; round < ROUNDS; round++) {
      run(format, round, Fault.NONE);
    }
  }

  /** Writes of tables and flushes fail now and then: a later flush makes up for them, or fails. */
  @ParameterizedTest
  @EnumSource
  void aFlushThatFailedIsNotForgotten(AnyFormat format) throws IOException {
    for (int round = 0; round < ROUNDS; round++) {
      run(format, round, Fault.FAILS);
    }
  }

  /** A file that ends in the midst of a block, as a loss of power leaves it, and then another. */
  @ParameterizedTest
  @EnumSource(names = {"VHDX", "VHDX_CHILD"})
  void theLogTellsOfAFileThatIsAsLongAsItSays(AnyFormat format) throws IOException {
    FaultyFile file = new FaultyFile("disk");
    format.create(file, DISK_BYTES);
    try (DiskImage image = format.open(file, DISK_BYTES)) {
      Disks.write(image, 0, new byte[512]);
    }
    file.setSize(file.size() - 512);
    DiskImage image = format.open(file, DISK_BYTES);
    byte[] written = new byte[512];
    written[0] = 7;
    Disks.write(image, 8192, written);
    image.flush();
    FaultyFile left = file.afterPowerCut(new Random(1));
    try (DiskImage found = format.open(left, DISK_BYTES)) {
      assertEquals(7, Disks.read(found, 8192, 512)[0]);
    }
  }

  private void run(AnyFormat format, int round, Fault fault) throws IOException {
    Random random = new Random(1000L * format.ordinal() + round);
    for (int sector = 0; sector < SECTORS; sector++) {
      last[sector] = Set.of(format.hasParent ? PatternDisk.tag(sector) : 0);
      flushed[sector] = last[sector];
      since[sector] = Set.of();
    }
    FaultyFile file = new FaultyFile("disk");
    format.create(file, DISK_BYTES);
    for (int cut = 0; cut < CUTS_PER_ROUND; cut++) {
      DiskImage image = format.open(file, DISK_BYTES);
      file.setLying(fault == Fault.LIES);
      mayFail = fault == Fault.FAILS;
      if (mayFail) {
        file.failAtRandom(random);
      }
      file.cutPowerAfter(random.nextInt(random.nextBoolean() ? 40 : 400));
      useUntilPowerFails(image, file, random);
      // The next life goes on with what is left; this one just ends.
      file = file.afterPowerCut(random);
      String where = "round " + round + " cut " + cut;
      check(format, file, random, where);
    }
  }

  /** The proof that the one above can fail: a disk that lies about flushes is found out. */
  @ParameterizedTest
  @EnumSource
  void findsOutADiskThatDoesNotFlush(AnyFormat format) {
    assertThrows(
        Throwable.class,
        () -> {
          for (int round = 0; round < MAX_LYING_ROUNDS; round++) {
            run(format, round, Fault.LIES);
          }
        });
  }

  private void useUntilPowerFails(DiskImage image, FaultyFile file, Random random)
      throws IOException {
    try {
      for (int i = 0; i < MAX_OPERATIONS; i++) {
        change(image, file, random);
      }
    } catch (FaultyFile.PowerCutException failure) {
      return;
    }
  }

  private void change(DiskImage image, FaultyFile file, Random random) throws IOException {
    int count = 1 + random.nextInt(random.nextInt(6) == 0 ? 3000 : 100);
    int first = random.nextInt(SECTORS - count + 1);
    switch (random.nextInt(7)) {
      case 0 -> {
        if (random.nextBoolean()) {
          // The order of writes matters most here.
          file.cutPowerAfter(random.nextInt(8));
        }
        if (!succeeds(image::flush)) {
          return;
        }
        for (int sector = 0; sector < SECTORS; sector++) {
          flushed[sector] = last[sector];
          since[sector] = Set.of();
        }
      }
      case 1 -> {
        boolean mayUnmap = random.nextBoolean();
        change(
            first, count, 0, false, () -> image.writeZeroes(first * 512L, count * 512L, mayUnmap));
      }
      case 2 -> {
        change(first, count, 0, true, () -> image.discard(first * 512L, count * 512L));
      }
      default -> {
        ByteBuffer bytes = ByteBuffer.allocate(count * 512);
        while (bytes.hasRemaining()) {
          bytes.putLong(nextTag);
        }
        change(
            first, count, nextTag++, false, () -> Disks.write(image, first * 512L, bytes.array()));
      }
    }
  }

  /** A change that fails may be there in part. */
  private void change(int first, int count, long tag, boolean mayStay, Request request)
      throws IOException {
    note(first, count, tag, true);
    if (succeeds(request)) {
      note(first, count, tag, mayStay);
    }
  }

  private boolean succeeds(Request request) throws IOException {
    try {
      request.run();
      return true;
    } catch (FaultyFile.PowerCutException end) {
      throw end;
    } catch (IOException failure) {
      if (mayFail) {
        return false;
      }
      throw failure;
    }
  }

  private void note(int first, int count, long tag, boolean mayStay) {
    for (int sector = first; sector < first + count; sector++) {
      since[sector] = with(since[sector], tag);
      last[sector] = mayStay ? with(last[sector], tag) : Set.of(tag);
    }
  }

  private static Set<Long> with(Set<Long> some, long one) {
    Set<Long> all = new HashSet<>(some);
    all.add(one);
    return all;
  }

  private void check(AnyFormat format, FaultyFile file, Random random, String where)
      throws IOException {
    DiskImage image = format.open(file, DISK_BYTES);
    CheckReport report = image.check(DiskImage.Repair.values()[random.nextInt(3)]);
    assertEquals(0, report.corruptions(), () -> where + ": " + report.messages());
    ByteBuffer bytes = ByteBuffer.wrap(Disks.read(image, 0, DISK_BYTES));
    for (int sector = 0; sector < SECTORS; sector++) {
      long tag = bytes.getLong(sector * 512);
      for (int i = 8; i < 512; i += 8) {
        assertEquals(tag, bytes.getLong(sector * 512 + i), where + ": a torn sector " + sector);
      }
      assertTrue(
          flushed[sector].contains(tag) || since[sector].contains(tag),
          where + ": sector " + sector + " holds " + tag);
      last[sector] = Set.of(tag);
      flushed[sector] = last[sector];
      since[sector] = Set.of();
    }
    // A second look by a new opening, whose first flush makes durable what is there.
    image.close();
    format.open(file, DISK_BYTES).close();
  }
}
