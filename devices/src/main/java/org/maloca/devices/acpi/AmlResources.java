package org.maloca.devices.acpi;

import java.io.ByteArrayOutputStream;

/**
 * Builds a resource template, the value of a {@code _CRS} (ACPI Specification 6.4, section 6.4).
 * Address ranges are fixed in place (minimum and maximum both hold), decoded by the device unless
 * they are a bus's, which passes them on.
 */
public final class AmlResources {
  private static final int SMALL_IRQ_NO_FLAGS = 0x22;
  private static final int SMALL_IO = 0x47;
  private static final int SMALL_DMA = 0x2a;
  private static final int SMALL_END = 0x79;
  private static final int LARGE_MEMORY_32_FIXED = 0x86;
  private static final int LARGE_DWORD = 0x87;
  private static final int LARGE_WORD = 0x88;
  private static final int LARGE_EXTENDED_IRQ = 0x89;
  private static final int LARGE_QWORD = 0x8a;

  private static final int TYPE_MEMORY = 0;
  private static final int TYPE_IO = 1;
  private static final int TYPE_BUS = 2;

  /** Positive decode, minimum and maximum fixed. */
  private static final int GENERAL_FIXED = 0x0c;

  private static final int IO_ENTIRE_RANGE = 0x03;
  private static final int MEMORY_READ_WRITE = 0x01;
  private static final int MEMORY_CACHEABLE = 0x02;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Ports, decoded with 16 bits. */
  public AmlResources io(int port, int count) {
    out.write(SMALL_IO);
    out.write(1);
    put(port, 2);
    put(port, 2);
    out.write(1);
    out.write(count);
    return this;
  }

  /** An ISA interrupt 0..15: edge, active high, exclusive. */
  public AmlResources irq(int irq) {
    out.write(SMALL_IRQ_NO_FLAGS);
    put(1 << irq, 2);
    return this;
  }

  /** A legacy DMA channel 0..7: compatible timing, byte transfers, no bus master. */
  public AmlResources dma(int channel) {
    out.write(SMALL_DMA);
    out.write(1 << channel);
    out.write(0);
    return this;
  }

  /** A global system interrupt: level, active low, shared, consumed. */
  public AmlResources levelInterrupt(int gsi) {
    out.write(LARGE_EXTENDED_IRQ);
    put(6, 2);
    out.write(0x0d);
    out.write(1);
    put(gsi, 4);
    return this;
  }

  /** A global system interrupt: level, active high, exclusive, consumed. */
  public AmlResources highLevelInterrupt(int gsi) {
    out.write(LARGE_EXTENDED_IRQ);
    put(6, 2);
    out.write(0x01);
    out.write(1);
    put(gsi, 4);
    return this;
  }

  /** Memory at a fixed place below 4 GiB. */
  public AmlResources memory32(long gpa, long length, boolean isWritable) {
    out.write(LARGE_MEMORY_32_FIXED);
    put(9, 2);
    out.write(isWritable ? 1 : 0);
    put(gpa, 4);
    put(length, 4);
    return this;
  }

  /** The bus numbers that a bridge leads to. */
  public AmlResources busNumbers(int first, int last) {
    return window(LARGE_WORD, 2, TYPE_BUS, 0, first, last);
  }

  /** Ports that a bridge passes on. */
  public AmlResources ioWindow(int first, int last) {
    return window(LARGE_WORD, 2, TYPE_IO, IO_ENTIRE_RANGE, first, last);
  }

  /** Memory below 4 GiB that a bridge passes on. */
  public AmlResources memoryWindow32(long first, long last, boolean isCacheable) {
    int flags = MEMORY_READ_WRITE | (isCacheable ? MEMORY_CACHEABLE : 0);
    return window(LARGE_DWORD, 4, TYPE_MEMORY, flags, first, last);
  }

  /** Memory anywhere that a bridge passes on. */
  public AmlResources memoryWindow64(long first, long last) {
    return window(LARGE_QWORD, 8, TYPE_MEMORY, MEMORY_READ_WRITE, first, last);
  }

  private AmlResources window(int tag, int width, int type, int flags, long first, long last) {
    out.write(tag);
    put(3 + 5 * width, 2);
    out.write(type);
    out.write(GENERAL_FIXED);
    out.write(flags);
    put(0, width);
    put(first, width);
    put(last, width);
    put(0, width);
    put(last - first + 1, width);
    return this;
  }

  private void put(long value, int size) {
    out.writeBytes(Aml.littleEndian(value, size));
  }

  /** The template as a buffer; its checksum is given as 0, which means that none is kept. */
  public AmlTerm build() {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(out.toByteArray());
    whole.write(SMALL_END);
    whole.write(0);
    return Aml.buffer(whole.toByteArray());
  }
}
