package org.maloca.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RecordedVectorsTest {
  private static final int CASES = 32;

  /** A batch whose cases all store, and end as a page fault. */
  private static CaseBatch executed(CaseKind kind) {
    var generator = new CaseGenerator(11, CASES, 1, true, form -> form.kind() == kind);
    var batch = CaseBatch.in(Arena.ofAuto(), kind, CASES);
    generator.fill(batch, 0);
    for (int i = 0; i < CASES; i++) {
      for (int register = 0; register < 16; register++) {
        batch.resultGpr(i, register, batch.gpr(i, register) + i);
      }
      batch.resultRflags(i, 0x202 | i);
      batch.resultRip(i, batch.codeGva(i));
      batch.resultMxcsr(i, 0x1f80 + i);
      batch.fault(i, 14, 7, 0x3000_3000L + i);
      batch.memory(i, 5, 2, 0);
      batch.memoryByte(i, 0, i);
      batch.memoryByte(i, 1, i + 1);
      batch.resultFpLong(i, 0, i);
    }
    return batch;
  }

  private static byte[] encoded(CaseBatch batch) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(new GZIPOutputStream(bytes))) {
      VectorCodec.writeHeader(out);
      VectorCodec.write(out, batch);
      VectorCodec.writeEnd(out);
    }
    return bytes.toByteArray();
  }

  @ParameterizedTest
  @EnumSource(CaseKind.class)
  void readsWhatWasWritten(CaseKind kind) throws IOException {
    var written = executed(kind);
    try (var vectors = RecordedVectors.open(new ByteArrayInputStream(encoded(written)))) {
      var read = vectors.batches().getFirst();

      var comparator = new CaseComparator(true, true);
      for (int i = 0; i < CASES; i++) {
        assertEquals(List.of(), comparator.differences(written, read, i));
        assertEquals(CasePrinter.state(written, i), CasePrinter.state(read, i));
        assertEquals(CasePrinter.code(written, i), CasePrinter.code(read, i));
      }
    }
  }

  @Test
  void refusesAnotherFile() throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new GZIPOutputStream(bytes)) {
      zip.write(new byte[16]);
    }

    assertThrows(
        IOException.class,
        () -> RecordedVectors.open(new ByteArrayInputStream(bytes.toByteArray())));
  }

  @Test
  void theModuleComesWithCasesOfEveryKind() throws IOException {
    try (var vectors = RecordedVectors.open()) {
      var kinds = vectors.batches().stream().map(CaseBatch::kind).collect(Collectors.toSet());

      assertEquals(EnumSet.allOf(CaseKind.class), kinds);
    }
  }
}
