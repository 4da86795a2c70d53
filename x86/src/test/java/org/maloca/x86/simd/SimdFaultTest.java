package org.maloca.x86.simd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.maloca.x86.ControlRegisters;
import org.maloca.x86.Cpu;
import org.maloca.x86.GuestFault;
import org.maloca.x86.fpu.X87State;
import org.maloca.x86.softfloat.FloatEnv;

/** When MMX and SSE instructions may not run or may not complete. */
class SimdFaultTest {
  private static final String PXOR_XMM = "660fefca";
  private static final String PXOR_MMX = "0fefca";
  private static final String MOVUPS_STORE = "0f110b";
  private static final String MASKMOVDQU = "660ff7ca";
  private static final String ADDPD = "660f58ca";
  private static final int NONE = -1;

  private final SimdMachine machine = new SimdMachine();
  private final Cpu cpu = machine.cpu;

  @AfterEach
  void close() {
    machine.close();
  }

  @ParameterizedTest
  @CsvSource({
    PXOR_XMM + ", 4, 0x200, 6", PXOR_XMM + ", 8, 0x200, 7", PXOR_XMM + ", 12, 0x200, 6",
    PXOR_XMM + ", 0, 0, 6", PXOR_XMM + ", 8, 0, 6", PXOR_XMM + ", 0, 0x200, -1",
    PXOR_MMX + ", 4, 0, 6", PXOR_MMX + ", 8, 0, 7", PXOR_MMX + ", 12, 0, 6",
    PXOR_MMX + ", 0, 0, -1"
  })
  void controlBitsDecideWhoMayRun(String code, long cr0, String cr4, int vector) {
    cpu.cr0 |= cr0;
    cpu.cr4 = ControlRegisters.CR4_PAE | Long.decode(cr4);
    cpu.updateMode();
    assertEquals(vector, machine.fault(code));
  }

  @ParameterizedTest
  @CsvSource({
    PXOR_MMX + ", 16",
    PXOR_XMM + ", -1",
    "0f2aca, 16",
    "0f2a0b, -1",
    "660f2a0b, -1",
    "0f2d0b, 16",
    "f30fd6ca, 16"
  })
  void mmxInstructionsReportPendingExceptions(String code, int vector) {
    cpu.x87.status |= X87State.ERROR_SUMMARY;
    assertEquals(vector, machine.fault(code));
  }

  @ParameterizedTest
  @CsvSource({
    PXOR_MMX + ", 0",
    PXOR_XMM + ", 0xff",
    "0f2aca, 0",
    "0f2a0b, 0xff",
    "660f2aca, 0",
    "660f2a0b, 0xff",
    "0f7ec8, 0",
    "0fe70b, 0",
    "f30fd6ca, 0",
    "f20fd6ca, 0",
    "0fc5c900, 0",
    "0fd7c9, 0",
    "0ff7ca, 0"
  })
  void mmxInstructionsMarkTheX87StackValid(String code, String emptyMask) {
    cpu.x87.initialize();
    cpu.x87.top = 5;
    assertEquals(NONE, machine.fault(code));
    assertEquals(Integer.decode(emptyMask), cpu.x87.emptyMask);
    assertEquals(cpu.x87.emptyMask == 0 ? 0 : 5, cpu.x87.top);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0f280b",
        "0f290b",
        "660f6f0b",
        "660f7f0b",
        "660fef0b",
        "0f580b",
        "660fe70b",
        "0f2b0b",
        "660f382a0b",
        "660f38dc0b",
        "660f610b",
        "660fd10b",
        "660f5a0b"
      })
  void vectorsInMemoryMustBeAligned(String code) {
    cpu.rbx = SimdMachine.DATA + 8;
    assertEquals(GuestFault.GP, machine.fault(code));
    cpu.rbx = SimdMachine.DATA;
    assertEquals(NONE, machine.fault(code));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0f100b",
        MOVUPS_STORE,
        "f30f6f0b",
        "f30f7f0b",
        "f20ff00b",
        "660f3a630b00",
        "f20f580b",
        "660f38300b",
        "0f5a0b",
        "f30f7e0b",
        "0fef0b"
      })
  void theOthersNeedNot(String code) {
    cpu.rbx = SimdMachine.DATA + 1;
    assertEquals(NONE, machine.fault(code));
  }

  @Test
  void unalignedLoadsAndStoresMoveAllBytesAcrossPages() {
    machine.xmm(1, 0x0f0e_0d0c_0b0a_0908L, 0x0706_0504_0302_0100L);
    for (int va = 0x1fef; va <= 0x2001; va++) {
      cpu.rbx = va;
      machine.execute(MOVUPS_STORE);
      assertEquals(cpu.xmm[2], machine.memory.read(va, 8));
      assertEquals(cpu.xmm[3], machine.memory.read(va + 8, 8));
      machine.execute("0f1013");
      assertEquals(cpu.xmm[2], cpu.xmm[4]);
      assertEquals(cpu.xmm[3], cpu.xmm[5]);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 8, 9, 15})
  void aStoreThatFaultsInItsSecondPageStoresNothing(int inside) {
    int va = SimdMachine.ABSENT_PAGE - inside;
    machine.xmm(1, -1, -1);
    cpu.rbx = va;
    assertEquals(GuestFault.PF, machine.fault(MOVUPS_STORE));
    assertEquals(SimdMachine.ABSENT_PAGE, cpu.fault.address);
    assertEquals(0, machine.memory.read(va, 1));
    assertEquals(GuestFault.PF, machine.fault("0f100b"));
    assertEquals(-1, cpu.xmm[2]);
  }

  @ParameterizedTest
  @CsvSource({"16, -1, 0x2200000000000022", "15, 14, 0"})
  void aMaskedStoreFaultsForBytesThatItDoesNotStore(int inside, int vector, String stored) {
    machine.xmm(1, 0x1111_1111_1111_1111L, 0x2222_2222_2222_2222L);
    machine.xmm(2, 0, 0x8000_7f00_0000_0080L);
    int va = SimdMachine.ABSENT_PAGE - inside;
    cpu.rdi = va;
    assertEquals(vector, machine.fault(MASKMOVDQU));
    assertEquals(Long.decode(stored), machine.memory.read(va, 8));
    assertEquals(0, machine.memory.read(va + 8, 4));
  }

  @Test
  void anUnmaskedExceptionLeavesTheDestinationAndSetsItsFlag() {
    Mxcsr.set(cpu, Mxcsr.RESET & ~(FloatEnv.IE << 7) | FloatEnv.PE);
    long one = Double.doubleToLongBits(1);
    machine.xmm(1, one, Double.doubleToLongBits(Double.POSITIVE_INFINITY));
    machine.xmm(2, one, Double.doubleToLongBits(Double.NEGATIVE_INFINITY));
    long[] before = cpu.xmm.clone();
    assertEquals(GuestFault.XM, machine.fault(ADDPD));
    assertArrayEquals(before, cpu.xmm);
    assertEquals(FloatEnv.IE | FloatEnv.PE, Mxcsr.get(cpu) & FloatEnv.ALL_EXCEPTIONS);
    cpu.cr4 &= ~ControlRegisters.CR4_OSXMMEXCPT;
    assertEquals(GuestFault.UD, machine.fault(ADDPD));
  }

  @Test
  void stickyFlagsRaiseNothingByThemselves() {
    Mxcsr.set(cpu, FloatEnv.ALL_EXCEPTIONS);
    assertEquals(NONE, machine.fault(ADDPD));
    assertEquals(FloatEnv.ALL_EXCEPTIONS, Mxcsr.get(cpu));
  }

  @Test
  void reservedBitsOfMxcsrAreRefused() {
    machine.memory.write(SimdMachine.DATA, 4, 0x1_1f80);
    assertEquals(GuestFault.GP, machine.fault("0fae13"));
    assertEquals(Mxcsr.RESET, Mxcsr.get(cpu));
    machine.memory.write(SimdMachine.DATA, 4, 0xffff);
    assertEquals(NONE, machine.fault("0fae13"));
    assertEquals(0xffff, Mxcsr.get(cpu));
    assertEquals(NONE, machine.fault("0fae1b"));
    assertEquals(0xffff, machine.memory.read(SimdMachine.DATA, 4));
  }
}
