package org.maloca.fuzz;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * Records cases and silicon's results for {@link RecordedVectors}: {@code VectorRecorder FILE
 * [SEED]}. Every form appears, in several encodings and with a few sets of operands each.
 */
public final class VectorRecorder {
  private static final int SETS = 3;
  private static final int CODES_PER_FORM = 6;
  private static final int BATCH = 1024;

  private VectorRecorder() {}

  public static void main(String[] arguments) throws IOException {
    if (arguments.length == 0) {
      System.err.println("usage: VectorRecorder FILE [SEED]");
      System.exit(2);
    }
    long seed = arguments.length > 1 ? Long.parseLong(arguments[1]) : 1;
    try (var runner = new SiliconRunner(BATCH)) {
      int cases = record(Path.of(arguments[0]), seed, runner);
      System.out.println(cases + " cases, " + Files.size(Path.of(arguments[0])) + " bytes");
    }
  }

  /** Returns how many cases were written. */
  static int record(Path file, long seed, SiliconRunner runner) throws IOException {
    int cases = 0;
    try (var out = open(Files.newOutputStream(file))) {
      VectorCodec.writeHeader(out);
      for (var kind : CaseKind.values()) {
        var generator = new CaseGenerator(seed, BATCH, SETS, true, form -> form.kind() == kind);
        var batch = runner.allocate(kind, BATCH);
        int wanted = generator.forms().size() * CODES_PER_FORM * SETS;
        for (int number = 0; number * BATCH < wanted; number++) {
          generator.fill(batch, number);
          runner.execute(batch);
          VectorCodec.write(out, batch);
          cases += BATCH;
        }
      }
      VectorCodec.writeEnd(out);
    }
    return cases;
  }

  private static DataOutputStream open(OutputStream file) throws IOException {
    var zipped =
        new GZIPOutputStream(file, 1 << 16) {
          {
            def.setLevel(Deflater.BEST_COMPRESSION);
          }
        };
    return new DataOutputStream(new BufferedOutputStream(zipped, 1 << 16));
  }
}
