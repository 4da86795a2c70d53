package org.maloca.x86.softfloat;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Replays instructions recorded on a processor: results, exceptions and condition codes. */
class SiliconAgreementTest {
  private static boolean agrees(SseVector vector) {
    FloatEnv env = vector.newEnv();
    long result = vector.run(env);
    return vector.matches(result, env.flags);
  }

  private static boolean agreesWithPrecisionAlreadyRaised(SseVector vector) {
    FloatEnv env = vector.newEnv();
    env.flags = FloatEnv.PE;
    return vector.run(env) == vector.result() && env.flags == (vector.flags() | FloatEnv.PE);
  }

  private static boolean agrees(X87Vector vector) {
    FloatEnv env = vector.newEnv();
    return vector.matches(vector.run(env), env);
  }

  private static boolean nearlyAgrees(X87Vector vector) {
    FloatEnv env = vector.newEnv();
    return vector.matchesNearly(vector.run(env), env);
  }

  @Test
  void sseResultsAndExceptionsAreTheRecordedOnes() {
    List<SseVector> vectors = SseVector.all();
    assertEquals(897, vectors.size());
    assertEquals(List.of(), vectors.stream().filter(v -> !agrees(v)).toList());
  }

  @Test
  void sseResultsDoNotDependOnStickyPrecisionFlag() {
    List<SseVector> disagreeing =
        SseVector.all().stream()
            .filter(v -> !v.faulted() && !agreesWithPrecisionAlreadyRaised(v))
            .toList();
    assertEquals(List.of(), disagreeing);
  }

  @Test
  void x87ResultsAndStatusAreTheRecordedOnes() {
    List<X87Vector> vectors = X87Vector.all("x87-vectors.txt");
    assertEquals(489, vectors.size());
    assertEquals(List.of(), vectors.stream().filter(v -> !agrees(v)).toList());
  }

  @Test
  void x87TranscendentalsAreWithinOnePlaceOfTheRecordedOnes() {
    List<X87Vector> vectors = X87Vector.all("x87-transcendental-vectors.txt");
    assertEquals(371, vectors.size());
    assertEquals(List.of(), vectors.stream().filter(v -> !nearlyAgrees(v)).toList());
  }
}
