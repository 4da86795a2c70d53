package org.maloca.x86.translate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.maloca.core.jvm.JitCompiler;
import org.maloca.x86.Cpu;
import org.maloca.x86.translate.CompilerLane.Done;
import org.maloca.x86.translate.CompilerLane.Job;
import org.maloca.x86.translate.RegionShape.Kind;
import org.maloca.x86.translate.TranslationCounters.Outcome;

class CompilerLaneTest {
  private static Done doneBy(CompilerLane lane) {
    List<Done> done = new ArrayList<>();
    while (done.isEmpty()) {
      done.addAll(lane.takeDone());
      Thread.onSpinWait();
    }
    return done.getFirst();
  }

  @Test
  void aRegionIsOfferedWithItsCodeThere() throws Exception {
    assumeTrue(JitCompiler.isAvailable(), "the JVM's compiler cannot be asked");
    try (CodeMachine machine = new CodeMachine(true, false);
        CompilerLane lane = new CompilerLane("lane", JitCompiler.TIER_QUICK)) {
      machine.place(HexFormat.of().parseHex("4889c9" + "f4"));
      machine.run();
      Region region = machine.translated(Kind.QUICK);
      Ticket ticket = new Ticket();

      lane.add(new Job(region, machine.code, ticket, System.nanoTime()));

      assertEquals(Outcome.DONE, doneBy(lane).outcome());
      assertTrue(ticket.isClosed());
      int tier =
          JitCompiler.tierOf(region.getClass().getDeclaredMethod("run", Cpu.class, int.class));
      assertEquals(JitCompiler.TIER_QUICK, tier);
      machine.code.serveRequests();
      assertNotNull(machine.block(CodeMachine.CODE).region);
    }
  }

  @Test
  void aRegionWhoseCodeIsGoneIsNotCompiled() throws Exception {
    try (CodeMachine machine = new CodeMachine(true, false);
        CompilerLane lane = new CompilerLane("lane", JitCompiler.TIER_QUICK)) {
      machine.place(HexFormat.of().parseHex("4889c9" + "f4"));
      machine.run();
      Region region = machine.translated(Kind.QUICK);
      region.drop();
      Ticket ticket = new Ticket();

      lane.add(new Job(region, machine.code, ticket, System.nanoTime()));

      assertEquals(Outcome.OBSOLETE, doneBy(lane).outcome());
      assertTrue(ticket.isClosed());
      machine.code.serveRequests();
      assertNull(machine.block(CodeMachine.CODE).region);
    }
  }
}
