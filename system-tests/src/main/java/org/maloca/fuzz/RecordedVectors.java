package org.maloca.fuzz;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * Cases with the results of real silicon, recorded by {@link VectorRecorder}: a check of the
 * software CPU on any host.
 */
public final class RecordedVectors implements AutoCloseable {
  static final String RESOURCE = "silicon-vectors.gz";

  private final DataInputStream in;

  private RecordedVectors(DataInputStream in) {
    this.in = in;
  }

  /** The vectors that come with this module. */
  public static RecordedVectors open() throws IOException {
    var stream = RecordedVectors.class.getResourceAsStream(RESOURCE);
    if (stream == null) {
      throw new IOException("no resource " + RESOURCE);
    }
    return open(stream);
  }

  /** Vectors from a recorder's file; the stream is closed with this reader. */
  public static RecordedVectors open(InputStream stream) throws IOException {
    var in = new DataInputStream(new GZIPInputStream(stream, 1 << 16));
    VectorCodec.readHeader(in);
    return new RecordedVectors(in);
  }

  /** All batches, with silicon's results. */
  public List<CaseBatch> batches() throws IOException {
    var batches = new ArrayList<CaseBatch>();
    for (var next = VectorCodec.read(in); next.isPresent(); next = VectorCodec.read(in)) {
      batches.add(next.get());
    }
    return batches;
  }

  /**
   * Runs all cases on {@code executor} and compares what the manual defines.
   *
   * @return a description of each case that differs, at most {@code limit}
   */
  public List<String> mismatches(CaseExecutor executor, int limit) throws IOException {
    var comparator = new CaseComparator(false, false);
    var found = new ArrayList<String>();
    for (var silicon : batches()) {
      var other = silicon.sibling();
      executor.execute(other);
      for (int i = 0; i < silicon.size() && found.size() < limit; i++) {
        if (!comparator.same(silicon, other, i)) {
          found.add(describe(comparator, silicon, other, i));
        }
      }
    }
    return found;
  }

  private static String describe(
      CaseComparator comparator, CaseBatch silicon, CaseBatch other, int index) {
    return silicon.kind()
        + " case "
        + index
        + ": "
        + CasePrinter.code(silicon, index)
        + "\n"
        + CasePrinter.state(silicon, index)
        + "\n  ->\n  "
        + String.join("\n  ", comparator.differences(silicon, other, index));
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
