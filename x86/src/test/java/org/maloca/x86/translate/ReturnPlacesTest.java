package org.maloca.x86.translate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** CALL function; HLT; function: RET, where caller and function are small regions of their own. */
class ReturnPlacesTest {
  private static final long CALLER = CodeMachine.CODE;
  private static final long BEHIND_CALL = CALLER + 5;
  private static final long FUNCTION = CALLER + 6;

  private final CodeMachine machine = new CodeMachine(true, false);
  private Region caller;

  @BeforeEach
  void callFunction() {
    machine.best = false;
    machine.place(HexFormat.of().parseHex("e801000000" + "f4" + "c3"));
    machine.decoded(BEHIND_CALL);
    machine.decoded(CALLER);
    machine.compile(CALLER);
    caller = Objects.requireNonNull(machine.block(CALLER).region);
    machine.cpu.rsp = CodeMachine.STACK;
    machine.cpu.rip = CALLER;
    enter(caller, machine.block(CALLER).regionEntryOffset);
    Region ignored = caller.run(machine.cpu, machine.block(CALLER).regionEntry);
  }

  @AfterEach
  void close() {
    machine.close();
  }

  private void enter(Region region, long entryOffset) {
    assertTrue(region.isMappedAt(machine.cpu, entryOffset));
  }

  /** As a RET leaves it. */
  private void returnTo(long rip) {
    machine.cpu.rip = rip;
    machine.cpu.rsp = CodeMachine.STACK;
  }

  @Test
  void theFunctionWasCalled() {
    assertEquals(FUNCTION, machine.cpu.rip);
    assertEquals(CodeMachine.STACK - 8, machine.cpu.rsp);
    assertEquals(BEHIND_CALL, machine.memory.read(CodeMachine.STACK - 8, 8));
  }

  @Test
  void theCallerIsFoundByWhereTheStackIs() {
    returnTo(BEHIND_CALL);

    assertSame(caller, ReturnPlaces.find(machine.cpu));
    assertEquals(machine.block(BEHIND_CALL).regionEntry, machine.cpu.nextEntry);
  }

  @Test
  void aFunctionThatReturnsElsewhereFindsNothing() {
    returnTo(BEHIND_CALL + 1);

    assertNull(ReturnPlaces.find(machine.cpu));
  }

  @Test
  void aReturnFromAnotherStackFindsNothing() {
    returnTo(BEHIND_CALL);
    machine.cpu.rsp = CodeMachine.STACK - 0x100;

    assertNull(ReturnPlaces.find(machine.cpu));
  }

  @Test
  void aCallerThatWasDroppedIsNotFound() {
    returnTo(BEHIND_CALL);
    caller.drop();

    assertNull(ReturnPlaces.find(machine.cpu));
  }

  @Test
  void aCallerWhoseMappingMayHaveChangedIsNotFound() {
    returnTo(BEHIND_CALL);
    machine.cpu.mmu.flushAll();

    assertNull(ReturnPlaces.find(machine.cpu));
  }

  @Test
  void aReturnInAnotherModeFindsNothing() {
    returnTo(BEHIND_CALL);
    machine.cpu.cpl = 3;
    machine.cpu.updateMode();

    assertNull(ReturnPlaces.find(machine.cpu));
  }

  @Test
  void instructionsAreCountedWhenTheRegionIsLeft() {
    assertEquals(1, machine.cpu.instructions);
    assertEquals(0, machine.cpu.regionInstructions);
    assertEquals(1, caller.heat);
  }
}
