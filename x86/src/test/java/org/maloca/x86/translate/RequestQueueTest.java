package org.maloca.x86.translate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.maloca.x86.translate.RegionShape.Kind;

class RequestQueueTest {
  private static final long FIRST = CodeMachine.CODE;
  private static final long SECOND = FIRST + 2;
  private static final long NO_WAIT = 0;

  private final RequestQueue queue = new RequestQueue(2);
  private final CodeMachine machine = new CodeMachine(true, false);

  /** JMP to the next instruction; HLT: two blocks. */
  @BeforeEach
  void runTwoBlocks() {
    machine.place(HexFormat.of().parseHex("eb00" + "f4"));
    machine.run();
  }

  @AfterEach
  void close() {
    machine.close();
  }

  private TranslationRequest request(long rip, Kind kind) {
    return machine.request(rip, kind);
  }

  @Test
  void theBlockThatWasInterpretedMostComesFirst() throws InterruptedException {
    TranslationRequest first = request(FIRST, Kind.QUICK);
    TranslationRequest second = request(SECOND, Kind.QUICK);
    assertTrue(queue.offer(first));
    assertTrue(queue.offer(second));

    // While they wait, one is interpreted on.
    machine.block(FIRST).executions = 1030;
    machine.block(SECOND).executions = 5000;

    assertEquals(second, queue.poll(true, NO_WAIT));
    assertEquals(first, queue.poll(true, NO_WAIT));
    assertNull(queue.poll(true, NO_WAIT));
  }

  @Test
  void aBetterRegionForHotCodeComesBeforeAll() throws InterruptedException {
    machine.block(SECOND).executions = 5000;
    TranslationRequest better = request(FIRST, Kind.BEST);
    assertTrue(queue.offer(request(SECOND, Kind.QUICK)));
    assertTrue(queue.offer(better));
    assertEquals(better, queue.poll(true, NO_WAIT));
  }

  @Test
  void aBetterRegionLetsOthersPassWhileItsCompilerIsBusy() throws InterruptedException {
    TranslationRequest better = request(FIRST, Kind.BEST);
    TranslationRequest quick = request(SECOND, Kind.QUICK);
    assertTrue(queue.offer(better));
    assertTrue(queue.offer(quick));
    assertEquals(quick, queue.poll(false, NO_WAIT));
    assertNull(queue.poll(false, NO_WAIT));
    assertEquals(better, queue.poll(true, NO_WAIT));
  }

  @Test
  void moreThanThereIsRoomForAreRefused() {
    assertTrue(queue.offer(request(FIRST, Kind.QUICK)));
    assertTrue(queue.offer(request(SECOND, Kind.QUICK)));
    assertFalse(queue.offer(request(SECOND, Kind.QUICK)));
    assertEquals(2, queue.size());
  }
}
