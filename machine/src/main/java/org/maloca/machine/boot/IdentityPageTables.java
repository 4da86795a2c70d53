package org.maloca.machine.boot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.maloca.core.memory.GuestMemory;

/** Page tables that map the first 4 GiB to themselves with 2-MiB pages (AMD APM vol. 2, 5.3). */
final class IdentityPageTables {
  private static final int PRESENT_WRITABLE = 0x3;
  private static final int PAGE_SIZE_2M = 0x80;
  private static final int TABLE = 4096;
  private static final int DIRECTORIES = 4;
  private static final int SIZE = (2 + DIRECTORIES) * TABLE;

  private IdentityPageTables() {}

  /** Writes them below 640 KiB and answers CR3. */
  static long write(BootSpace space, GuestMemory memory) throws BootException {
    long pml4 = space.placeStructure("page tables", SIZE, TABLE);
    long pdpt = pml4 + TABLE;
    long directories = pdpt + TABLE;
    ByteBuffer tables = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
    tables.putLong(0, pdpt | PRESENT_WRITABLE);
    for (int i = 0; i < DIRECTORIES; i++) {
      tables.putLong(TABLE + 8 * i, directories + (long) TABLE * i | PRESENT_WRITABLE);
    }
    for (int i = 0; i < DIRECTORIES * 512; i++) {
      tables.putLong(2 * TABLE + 8 * i, (long) i << 21 | PAGE_SIZE_2M | PRESENT_WRITABLE);
    }
    memory.write(pml4, tables.array(), 0, SIZE);
    return pml4;
  }
}
