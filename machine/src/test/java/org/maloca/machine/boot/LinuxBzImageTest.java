package org.maloca.machine.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.core.cpu.CpuState;
import org.maloca.core.cpu.SegmentState;

/** Offsets are those of Linux's Documentation/arch/x86/boot.rst, written out again on purpose. */
final class LinuxBzImageTest {
  private static final int MIB = 1 << 20;

  @TempDir Path folder;

  /** One setup sector of header, one of real-mode code, then 64 KiB of kernel filled with 0x5a. */
  private static ByteBuffer bzImage() {
    ByteBuffer image = TestMachine.image(3 * 512 + 0x10000);
    image.put(0x1f1, (byte) 2);
    image.putInt(0x1f4, 0x1000);
    image.putShort(0x1fe, (short) 0xaa55);
    image.put(0x200, (byte) 0xeb).put(0x201, (byte) 0x66);
    image.putInt(0x202, 0x53726448);
    image.putShort(0x206, (short) 0x20f);
    image.put(0x211, (byte) 1);
    image.putInt(0x214, 0x100000);
    image.putInt(0x22c, 0x7fffffff);
    image.putInt(0x230, 0x200000);
    image.put(0x234, (byte) 1);
    image.putShort(0x236, (short) 1);
    image.putInt(0x238, 2047);
    image.putLong(0x258, 16 * MIB);
    image.putInt(0x260, 8 * MIB);
    for (int i = 3 * 512; i < image.capacity(); i++) {
      image.put(i, (byte) 0x5a);
    }
    return image;
  }

  private KernelImage detect(ByteBuffer image) throws IOException, BootException {
    return KernelImage.detect(TestMachine.file(folder, "bzImage", image.array()));
  }

  private String refusal(ByteBuffer image, long memory, String commandLine) throws IOException {
    try (TestMachine machine = new TestMachine(memory)) {
      return assertThrows(
              BootException.class,
              () -> detect(image).load(machine.environment(commandLine), Initrds.NONE))
          .getMessage();
    }
  }

  @Test
  void enters64BitKernelsInLongModeAtOffset0x200() throws Exception {
    try (TestMachine machine = new TestMachine(64 * MIB);
        KernelImage kernel = detect(bzImage())) {
      CpuState state = kernel.load(machine.environment("console=ttyS0"), Initrds.NONE);
      assertEquals(16 * MIB + 0x200, state.rip);
      assertEquals(0x500, state.efer);
      assertEquals(0x8000_0011L, state.cr0);
      assertEquals(0x20, state.cr4);
      assertEquals(2, state.rflags);
      assertEquals(0x10, state.segments[CpuState.CS].selector);
      assertEquals(0x18, state.segments[CpuState.DS].selector);
      assertTrue((state.segments[CpuState.CS].attributes & SegmentState.ATTR_L) != 0);
      assertEquals(0x5a5a5a5aL, machine.memory.read(16 * MIB, 4));
      assertEquals(0x5a, machine.memory.read(16 * MIB + 0xffff, 1));
    }
  }

  @Test
  void mapsTheFirst4GibToThemselves() throws Exception {
    try (TestMachine machine = new TestMachine(64 * MIB);
        KernelImage kernel = detect(bzImage())) {
      CpuState state = kernel.load(machine.environment(""), Initrds.NONE);
      long pdpt = machine.memory.read(state.cr3, 8) & ~0xfffL;
      long lastDirectory = machine.memory.read(pdpt + 3 * 8, 8) & ~0xfffL;
      assertEquals(0xffe0_0083L, machine.memory.read(lastDirectory + 511 * 8, 8));
    }
  }

  @Test
  void describesTheGdtThatTheSegmentsComeFrom() throws Exception {
    try (TestMachine machine = new TestMachine(64 * MIB);
        KernelImage kernel = detect(bzImage())) {
      CpuState state = kernel.load(machine.environment(""), Initrds.NONE);
      assertEquals(0x00af_9b00_0000_ffffL, machine.memory.read(state.gdtrBase + 0x10, 8));
      assertEquals(0x00cf_9300_0000_ffffL, machine.memory.read(state.gdtrBase + 0x18, 8));
      assertEquals(31, state.gdtrLimit);
    }
  }

  @Test
  void enters32BitKernelsWithPagingOff() throws Exception {
    ByteBuffer image = bzImage().putShort(0x236, (short) 0);
    try (TestMachine machine = new TestMachine(64 * MIB);
        KernelImage kernel = detect(image)) {
      CpuState state = kernel.load(machine.environment(""), Initrds.NONE);
      assertEquals(16 * MIB, state.rip);
      assertEquals(0x11, state.cr0);
      assertEquals(0, state.efer);
      assertEquals(-1, state.segments[CpuState.CS].limit);
    }
  }

  @Test
  void fillsInTheBootParameters() throws Exception {
    try (TestMachine machine = new TestMachine(64 * MIB);
        KernelImage kernel = detect(bzImage())) {
      CpuState state = kernel.load(machine.environment("root=/dev/ram quiet"), Initrds.NONE);
      long params = state.gpr[CpuState.RSI];
      assertEquals(0x53726448, machine.memory.read(params + 0x202, 4));
      assertEquals(0xff, machine.memory.read(params + 0x210, 1));
      assertEquals(TestMachine.RSDP, machine.memory.read(params + 0x70, 8));
      assertEquals(3, machine.memory.read(params + 0x1e8, 1));
      assertEquals(0x100000, machine.memory.read(params + 0x2d0 + 40, 8));
      assertEquals(63 * MIB, machine.memory.read(params + 0x2d0 + 48, 8));
      assertEquals(1, machine.memory.read(params + 0x2d0 + 56, 4));
      assertEquals("root=/dev/ram quiet", machine.string(machine.memory.read(params + 0x228, 4)));
    }
  }

  @Test
  void leavesOutHeaderFieldsPastTheHeadersEnd() throws Exception {
    // A header that ends before xloadflags: what follows is code, whatever it looks like.
    ByteBuffer image = bzImage().put(0x201, (byte) 0x30).putShort(0x206, (short) 0x206);
    try (TestMachine machine = new TestMachine(64 * MIB);
        KernelImage kernel = detect(image)) {
      CpuState state = kernel.load(machine.environment(""), Initrds.NONE);
      assertEquals(0x100000, state.rip);
      assertEquals(0, machine.memory.read(state.gpr[CpuState.RSI] + 0x258, 8));
    }
  }

  @Test
  void putsInitrdsInOnePieceBelowTheLimitEachAlignedTo4() throws Exception {
    ByteBuffer image = bzImage().putInt(0x22c, 48 * MIB - 1);
    Path first = TestMachine.file(folder, "a", new byte[] {1, 2, 3, 4, 5});
    Path second = TestMachine.file(folder, "b", new byte[] {6, 7});
    try (TestMachine machine = new TestMachine(64 * MIB);
        KernelImage kernel = detect(image);
        Initrds initrds = Initrds.open(List.of(first, second))) {
      CpuState state = kernel.load(machine.environment(""), initrds);
      long params = state.gpr[CpuState.RSI];
      long gpa = machine.memory.read(params + 0x218, 4);
      assertEquals(48 * MIB - 4096, gpa);
      assertEquals(10, machine.memory.read(params + 0x21c, 4));
      assertEquals(0x04030201L, machine.memory.read(gpa, 4));
      assertEquals(0x00000005L, machine.memory.read(gpa + 4, 4));
      assertEquals(0x0706, machine.memory.read(gpa + 8, 2));
    }
  }

  @Test
  void loadsLowerWhenThePreferredPlaceHasNoRoom() throws Exception {
    try (TestMachine machine = new TestMachine(16 * MIB);
        KernelImage kernel = detect(bzImage())) {
      CpuState state = kernel.load(machine.environment(""), Initrds.NONE);
      assertEquals(2 * MIB + 0x200, state.rip);
    }
  }

  @Test
  void refusesAKernelThatDoesNotFit() throws Exception {
    assertTrue(
        refusal(bzImage(), 8 * MIB, "")
            .contains("too big for the memory: the kernel needs 24 MiB"));
  }

  @Test
  void refusesAnInitrdThatDoesNotFit() throws Exception {
    Path initrd = folder.resolve("big");
    Files.write(initrd, new byte[8 * MIB]);
    try (TestMachine machine = new TestMachine(24 * MIB);
        KernelImage kernel = detect(bzImage().putInt(0x22c, 8 * MIB));
        Initrds initrds = Initrds.open(List.of(initrd))) {
      BootEnvironment environment = machine.environment("");
      String message =
          assertThrows(BootException.class, () -> kernel.load(environment, initrds)).getMessage();
      assertTrue(message.contains("initrd too big"), message);
    }
  }

  @Test
  void refusesACommandLineThatIsTooLong() throws Exception {
    assertTrue(
        refusal(bzImage(), 64 * MIB, "x".repeat(2048))
            .contains("2048 bytes, the kernel takes 2047"));
  }

  @Test
  void refusesATruncatedFile() throws Exception {
    byte[] whole = bzImage().array();
    ByteBuffer cut = TestMachine.image(whole.length - 16).put(whole, 0, whole.length - 16);
    assertTrue(refusal(cut, 64 * MIB, "").contains("truncated"));
  }

  @Test
  void refusesAFileCutWithinTheHeader() throws Exception {
    ByteBuffer cut = TestMachine.image(0x210).put(bzImage().array(), 0, 0x210);
    assertTrue(refusal(cut, 64 * MIB, "").contains("truncated"));
  }

  @Test
  void refusesProtocolsBefore206() throws Exception {
    assertTrue(
        refusal(bzImage().putShort(0x206, (short) 0x205), 64 * MIB, "")
            .contains("2.05 is too old"));
  }

  @Test
  void refusesImagesThatLoadLow() throws Exception {
    assertTrue(refusal(bzImage().put(0x211, (byte) 0), 64 * MIB, "").contains("zImage"));
  }

  @Test
  void refusesAbsurdLoadAddresses() throws Exception {
    assertTrue(refusal(bzImage().putLong(0x258, -4096), 64 * MIB, "").contains("damaged"));
  }
}
