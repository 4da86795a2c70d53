package org.maloca.machine.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.core.cpu.CpuState;

/** PVH and multiboot kernels; layouts are written out again from the specifications. */
final class ElfKernelTest {
  private static final int MIB = 1 << 20;

  @TempDir Path folder;

  /** An ELF64 with one loadable segment of 16 bytes (32 in memory) at 2 MiB, and a note segment. */
  private static ByteBuffer elf64() {
    ByteBuffer elf = TestMachine.image(0x300);
    elf.putInt(0, 0x464c457f).put(4, (byte) 2).put(5, (byte) 1).put(6, (byte) 1);
    elf.putShort(16, (short) 2).putShort(18, (short) 62);
    elf.putLong(24, 0xffff_ffff_8020_0004L);
    elf.putLong(32, 64).putShort(54, (short) 56).putShort(56, (short) 2);
    elf.putInt(64, 1).putLong(72, 0x200).putLong(80, 0xffff_ffff_8020_0000L);
    elf.putLong(88, 2 * MIB).putLong(96, 16).putLong(104, 32);
    elf.putInt(120, 4).putLong(128, 0x240).putLong(152, 20).putLong(160, 20);
    elf.putLong(0x200, 0x1122_3344_5566_7788L);
    return elf;
  }

  private static ByteBuffer pvh() {
    ByteBuffer elf = elf64();
    elf.putInt(0x240, 4).putInt(0x244, 4).putInt(0x248, 18);
    elf.put(0x24c, "Xen\0".getBytes(StandardCharsets.US_ASCII));
    return elf.putInt(0x250, 2 * MIB + 8);
  }

  private static void multibootHeader(ByteBuffer image, int at, int flags) {
    image.putInt(at, 0x1badb002).putInt(at + 4, flags).putInt(at + 8, -(0x1badb002 + flags));
  }

  private KernelImage detect(ByteBuffer image) throws IOException, BootException {
    return KernelImage.detect(TestMachine.file(folder, "kernel", image.array()));
  }

  private String refusal(ByteBuffer image) throws IOException {
    try (TestMachine machine = new TestMachine(8 * MIB)) {
      return assertThrows(
              BootException.class, () -> detect(image).load(machine.environment(""), Initrds.NONE))
          .getMessage();
    }
  }

  @Test
  void entersPvhKernelsIn32BitModeWithStartInfo() throws Exception {
    Path initrd = TestMachine.file(folder, "initrd", new byte[] {9, 8, 7});
    try (TestMachine machine = new TestMachine(8 * MIB);
        KernelImage kernel = detect(pvh());
        Initrds initrds = Initrds.open(List.of(initrd))) {
      CpuState state = kernel.load(machine.environment("a=b"), initrds);
      assertEquals(2 * MIB + 8, state.rip);
      assertEquals(0x11, state.cr0);
      assertEquals(-1, state.segments[CpuState.CS].limit);
      long info = state.gpr[CpuState.RBX];
      assertEquals(0x336ec578, machine.memory.read(info, 4));
      assertEquals(1, machine.memory.read(info + 4, 4));
      assertEquals(1, machine.memory.read(info + 12, 4));
      long module = machine.memory.read(info + 16, 8);
      assertEquals(3, machine.memory.read(module + 8, 8));
      assertEquals(0x070809, machine.memory.read(machine.memory.read(module, 8), 4) & 0xffffff);
      assertEquals("a=b", machine.string(machine.memory.read(info + 24, 8)));
      assertEquals(TestMachine.RSDP, machine.memory.read(info + 32, 8));
      long map = machine.memory.read(info + 40, 8);
      assertEquals(3, machine.memory.read(info + 48, 4));
      assertEquals(0x100000, machine.memory.read(map + 48, 8));
      assertEquals(7 * MIB, machine.memory.read(map + 56, 8));
      assertEquals(1, machine.memory.read(map + 64, 4));
    }
  }

  @Test
  void clearsWhatASegmentHasInMemoryOnly() throws Exception {
    try (TestMachine machine = new TestMachine(8 * MIB);
        KernelImage kernel = detect(pvh())) {
      machine.memory.write(2 * MIB + 16, 8, -1);
      CpuState ignored = kernel.load(machine.environment(""), Initrds.NONE);
      assertEquals(0, ignored.cr3);
      assertEquals(0x1122_3344_5566_7788L, machine.memory.read(2 * MIB, 8));
      assertEquals(0, machine.memory.read(2 * MIB + 16, 8));
    }
  }

  @Test
  void entersMultibootElfAtThePhysicalEntryWithInformation() throws Exception {
    ByteBuffer elf = elf64();
    multibootHeader(elf, 0x208, 3);
    Path module = TestMachine.file(folder, "module", new byte[] {1, 2, 3, 4, 5});
    try (TestMachine machine = new TestMachine(8 * MIB);
        KernelImage kernel = detect(elf);
        Initrds initrds = Initrds.open(List.of(module))) {
      CpuState state = kernel.load(machine.environment("x y"), initrds);
      assertEquals(2 * MIB + 4, state.rip);
      assertEquals(0x2badb002L, state.gpr[CpuState.RAX]);
      long info = state.gpr[CpuState.RBX];
      assertEquals(0x24d, machine.memory.read(info, 4));
      assertEquals(639, machine.memory.read(info + 4, 4));
      assertEquals(7 * 1024, machine.memory.read(info + 8, 4));
      assertTrue(machine.string(machine.memory.read(info + 16, 4)).endsWith("kernel x y"));
      assertEquals(1, machine.memory.read(info + 20, 4));
      long modules = machine.memory.read(info + 24, 4);
      long start = machine.memory.read(modules, 4);
      assertEquals(0, start & 0xfff);
      assertEquals(5, machine.memory.read(modules + 4, 4) - start);
      assertEquals(0x04030201, machine.memory.read(start, 4));
      long map = machine.memory.read(info + 48, 4);
      assertEquals(72, machine.memory.read(info + 44, 4));
      assertEquals(20, machine.memory.read(map, 4));
      assertEquals(0x9fc00, machine.memory.read(map + 12, 8));
    }
  }

  @Test
  void loadsAFlatMultibootImageAsItsHeaderSays() throws Exception {
    ByteBuffer image = TestMachine.image(0x100);
    multibootHeader(image, 0x10, 0x10000);
    image.putInt(0x1c, MIB + 0x10).putInt(0x20, MIB).putInt(0x24, 0).putInt(0x28, MIB + 0x200);
    image.putInt(0x2c, MIB + 0x40).put(0xff, (byte) 0x77);
    try (TestMachine machine = new TestMachine(8 * MIB);
        KernelImage kernel = detect(image)) {
      machine.memory.write(MIB + 0x1ff, 1, 1);
      CpuState state = kernel.load(machine.environment(""), Initrds.NONE);
      assertEquals(MIB + 0x40, state.rip);
      assertEquals(0x77, machine.memory.read(MIB + 0xff, 1));
      assertEquals(0, machine.memory.read(MIB + 0x1ff, 1));
    }
  }

  @Test
  void refusesFeaturesOfMultibootThatItDoesNotKnow() throws Exception {
    ByteBuffer elf = elf64();
    multibootHeader(elf, 0x208, 0x8);
    assertTrue(refusal(elf).contains("not known"));
  }

  @Test
  void refusesSegmentsOutsideMemory() throws Exception {
    assertTrue(refusal(pvh().putLong(88, 64L << 20)).contains("this machine has not"));
  }

  @Test
  void refusesSegmentsWhoseEndWrapsRound() throws Exception {
    assertTrue(refusal(pvh().putLong(88, -8).putLong(104, 64)).contains("not an address range"));
  }

  @Test
  void refusesSegmentsOfNegativeSize() throws Exception {
    assertTrue(refusal(pvh().putLong(104, -1)).contains("not an address range"));
  }

  @Test
  void refusesSegmentsPastTheEndOfTheFile() throws Exception {
    assertTrue(refusal(pvh().putLong(72, 0x2f8)).contains("truncated"));
  }

  @Test
  void refusesOtherCpus() throws Exception {
    assertTrue(refusal(pvh().putShort(18, (short) 183)).contains("machine 183"));
  }

  @Test
  void refusesElfWithoutAnyEntryItKnows() throws Exception {
    assertTrue(refusal(elf64()).contains("neither a PVH entry note nor a multiboot header"));
  }

  @Test
  void survivesNotesOfAbsurdLength() throws Exception {
    assertTrue(refusal(pvh().putInt(0x244, -1)).contains("neither"));
  }

  @Test
  void namesWhatAFileIsInstead() throws Exception {
    assertTrue(refusal(TestMachine.image(64).putInt(0, 0x8b1f)).contains("compressed"));
    assertTrue(refusal(TestMachine.image(64).putInt(0x38, 0x644d5241)).contains("ARM64"));
    assertTrue(refusal(TestMachine.image(64)).contains("not a kernel"));
    assertTrue(refusal(TestMachine.image(0)).contains("empty"));
  }

  @Test
  void saysWhenAFileIsMissingOrNoFile() {
    Path missing = folder.resolve("nothing");
    assertTrue(
        assertThrows(BootException.class, () -> KernelImage.detect(missing))
            .getMessage()
            .contains("no such file"));
    assertTrue(
        assertThrows(BootException.class, () -> KernelImage.detect(folder))
            .getMessage()
            .contains("not a regular file"));
  }
}
