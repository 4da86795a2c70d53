package org.maloca.block.qcow2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Clock;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.maloca.block.file.FaultyFile;
import org.maloca.block.file.FaultyFile.PowerCutException;
import org.maloca.block.image.CheckReport;
import org.maloca.block.image.DiskImage.Repair;
import org.maloca.core.backend.DiskFullException;

/** Whatever goes wrong below an image, it stays right and keeps what was flushed. */
final class Qcow2PowerCutTest {
  private static final int CLUSTER_BYTES = 4096;
  private static final int DISK_BYTES = 64 * CLUSTER_BYTES;

  /** Multiplied by the property {@code maloca.cuts}. */
  private static final int CUTS = 300 * Integer.getInteger("maloca.cuts", 1);

  /** Each sector holds the number of the write that filled it; what may be there after a crash. */
  private static final class Model {
    final int[] now = new int[DISK_BYTES / 512];
    final int[] flushed = new int[DISK_BYTES / 512];

    /** Sectors with more than two possible contents: all values since the last flush will do. */
    final int[] lowest = new int[DISK_BYTES / 512];

    int writes;
  }

  /** Images that differ in how they keep their tables. */
  /**
   * In place of whether a sector was changed since a flush: it may hold anything written so far.
   */
  private static final int UNKNOWN = 2;

  private enum Kind {
    PLAIN,
    EXTENDED_L2,
    LAZY_REFCOUNTS;

    Qcow2Options options(int seed) {
      Qcow2Options small =
          Qcow2Options.DEFAULTS.withClusterBytes(seed % 2 == 0 ? 512 : CLUSTER_BYTES);
      return switch (this) {
        case PLAIN -> small;
        case EXTENDED_L2 -> Qcow2Options.DEFAULTS.withClusterBytes(16384).withExtendedL2(true);
        case LAZY_REFCOUNTS -> small.withLazyRefcounts(true);
      };
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_power_cut_corrupts_nothing_and_loses_nothing_flushed(Kind kind) throws IOException {
    cutPower(kind, false);
  }

  /** Writes of tables and flushes fail now and then: a later flush makes up for them, or fails. */
  @ParameterizedTest
  @EnumSource
  void a_flush_that_failed_is_not_forgotten(Kind kind) throws IOException {
    cutPower(kind, true);
  }

  private static void cutPower(Kind kind, boolean fails) throws IOException {
    for (int seed = 0; seed < CUTS; seed++) {
      Random random = new Random(seed);
      FaultyFile file = new FaultyFile("cut.qcow2");
      Qcow2Image image = Qcow2Image.create(file, DISK_BYTES, kind.options(seed), null, null);
      if (fails) {
        file.failAtRandom(random);
      }
      Model model = new Model();
      file.cutPowerAfter(random.nextInt(150));
      try {
        for (int i = 0; i < 200; i++) {
          try {
            step(image, model, random);
          } catch (PowerCutException end) {
            throw end;
          } catch (IOException failure) {
            assertTrue(fails, () -> "" + failure);
          }
        }
      } catch (PowerCutException expected) {
        // What is left is looked at below.
      }
      Qcow2Image found = Qcow2Image.open(file.afterPowerCut(random), null);
      CheckReport report = found.check(Repair.NOTHING);
      int cutSeed = seed;
      assertEquals(0, report.corruptions(), () -> "seed " + cutSeed + ": " + report.messages());
      assertEquals(0, found.check(Repair.ALL).leaks());
      for (int sector = 0; sector < model.now.length; sector++) {
        int value = value(Disk.read(found, sector * 512L, 512));
        assertTrue(
            value == model.flushed[sector] || value <= model.writes && value >= 0,
            "a value that was never written");
        if (model.now[sector] == model.flushed[sector] && model.lowest[sector] == 0) {
          assertEquals(model.flushed[sector], value, "seed " + seed + " sector " + sector);
        }
      }
    }
  }

  private static void step(Qcow2Image image, Model model, Random random) throws IOException {
    int kind = random.nextInt(40);
    if (kind < 4) {
      image.flush();
      System.arraycopy(model.now, 0, model.flushed, 0, model.now.length);
      for (int sector = 0; sector < model.lowest.length; sector++) {
        model.lowest[sector] = model.lowest[sector] == UNKNOWN ? UNKNOWN : 0;
      }
      return;
    }
    if (kind == 4) {
      if (image.snapshots().size() < 3) {
        image.createSnapshot("s", Clock.systemUTC());
      } else {
        image.deleteSnapshot(image.snapshots().getFirst().id());
      }
      return;
    }
    int from = random.nextInt(model.now.length);
    int count = 1 + random.nextInt(Math.min(24, model.now.length - from));
    // Before it begins: whatever part of it is done when power goes, or it fails.
    Arrays.fill(model.lowest, from, from + count, UNKNOWN);
    int value = kind < 8 ? 0 : ++model.writes;
    if (value == 0) {
      image.writeZeroes(from * 512L, count * 512L, true);
    } else {
      byte[] bytes = new byte[count * 512];
      for (int i = 0; i < bytes.length; i += 4) {
        bytes[i] = (byte) value;
        bytes[i + 1] = (byte) (value >> 8);
      }
      Disk.write(image, from * 512L, bytes);
    }
    Arrays.fill(model.now, from, from + count, value);
    Arrays.fill(model.lowest, from, from + count, 1);
  }

  private static int value(byte[] sector) {
    int value = sector[0] & 0xff | (sector[1] & 0xff) << 8;
    for (int i = 0; i < 512; i += 4) {
      assertEquals(value, sector[i] & 0xff | (sector[i + 1] & 0xff) << 8, "a torn sector");
    }
    return value;
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 4096, 65536})
  void a_full_disk_can_be_tried_again(int clusterBytes) throws IOException {
    for (int seed = 0; seed < 40; seed++) {
      Random random = new Random(seed);
      FaultyFile file = new FaultyFile("full.qcow2");
      Qcow2Image image =
          Qcow2Image.create(
              file, 4 << 20, Qcow2Options.DEFAULTS.withClusterBytes(clusterBytes), null, null);
      byte[] shadow = new byte[4 << 20];
      file.setRoom(file.usedBytes() + random.nextInt(40) * 4096L);
      int refusals = 0;
      for (int i = 0; i < 60; i++) {
        int from = random.nextInt(shadow.length / 512 - 64) * 512;
        byte[] bytes = new byte[512 * (1 + random.nextInt(64))];
        random.nextBytes(bytes);
        boolean isDone = false;
        while (!isDone) {
          try {
            Disk.write(image, from, bytes);
            if (i % 5 == 0) {
              image.flush();
            }
            isDone = true;
          } catch (DiskFullException full) {
            refusals++;
            file.setRoom(file.usedBytes() + 4096L * (1 + random.nextInt(8)) * (1 + refusals));
          }
        }
        System.arraycopy(bytes, 0, shadow, from, bytes.length);
      }
      assertTrue(refusals > 0);
      file.setRoom(Long.MAX_VALUE);
      org.junit.jupiter.api.Assertions.assertArrayEquals(
          shadow, Disk.read(image, 0, shadow.length));
      CheckReport report = image.check(Repair.NOTHING);
      assertTrue(report.isClean(), () -> report.messages().toString());
    }
  }

  @org.junit.jupiter.api.Test
  void a_write_that_would_hit_a_table_is_refused_and_marks_the_image() throws IOException {
    FaultyFile file = new FaultyFile("hit.qcow2");
    Qcow2Image image = Qcow2Image.create(file, DISK_BYTES, Qcow2Options.DEFAULTS, null, null);
    Disk.write(image, 0, new byte[512]);
    image.flush();
    long l1Offset = image.header().l1Offset;
    java.nio.ByteBuffer entry = java.nio.ByteBuffer.allocate(8);
    file.read(l1Offset, entry);
    long l2Offset = entry.getLong(0) & ClusterTables.OFFSET_MASK;
    file.write(
        l2Offset, java.nio.ByteBuffer.allocate(8).putLong(0, l1Offset | ClusterTables.COPIED));
    Qcow2Image broken = Qcow2Image.open(file, null);
    assertThrows(
        org.maloca.block.image.CorruptImageException.class,
        () -> Disk.write(broken, 0, new byte[512]));
    assertThrows(IOException.class, () -> Disk.write(broken, 0, new byte[512]));
    assertTrue((boolean) broken.info().details().get("corrupt"));
  }
}
