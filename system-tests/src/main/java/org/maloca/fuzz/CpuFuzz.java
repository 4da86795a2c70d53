package org.maloca.fuzz;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.util.Locale;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Compares an engine of the software CPU with the host's CPU.
 *
 * <pre>
 * --cases N         how many cases (default 1000000)
 * --seed S          which cases (default 1)
 * --from N          begin with the batch that holds case N
 * --engine NAME     what to compare: interpreter (with the ops of hot forms), reference (handlers
 *                   only), translator (each case's code as a compiled region), silicon; default
 *                   mixed: the first two, each with half of the cases
 * --sets N          consecutive cases with the same code (default 16; part of what a seed means)
 * --only TEXT       only forms whose label begins so: "0f a4", "f7 /6", "66 0f 71", "vex"
 * --kind KIND       only gpr, sse or x87 batches
 * --batch N         cases in a batch (default 2048; part of what a seed means)
 * --mismatches N    show so many failing forms before giving up (default 1)
 * --as-silicon      compare what the manual leaves undefined, too
 * --pointers        compare the x87 instruction and data pointers, too
 * --coverage        list the forms that ran and how they ended
 * </pre>
 *
 * Exits with 0 if all agree, 1 at a mismatch, 2 if there is nothing to compare with.
 */
public final class CpuFuzz implements AutoCloseable {
  private static final long PROGRESS_NANOS = 5_000_000_000L;

  private static final int SILICON_FAILED = 2;

  /** The set of batches for cases that run alone; the others alternate. */
  private static final int ONE_CASE = 2;

  private final FuzzOptions options;
  private final CaseGenerator generator;
  private final SiliconRunner silicon;
  private final CaseExecutor engine;
  private final PrintStream out;
  private final CaseComparator comparator;
  private long notComparable;

  /** Illegal VEX instructions at a page's end: see {@link CaseComparator#endsEitherWay}. */
  private int eitherWay;

  /** Cases in which this host's CPU need not do as Maloca: see {@link Makers}. */
  private int ofOtherMaker;

  private final BatchPair[][] pairs = new BatchPair[3][CaseKind.values().length];
  private final TreeMap<String, Integer> failures = new TreeMap<>();
  private final Coverage coverage = new Coverage();

  /** The same cases with silicon's results and with the engine's. */
  private record BatchPair(CaseBatch silicon, CaseBatch engine) {}

  /** A batch that the engine has not yet met. */
  private record Prepared(long number, BatchPair pair, Form[] forms) {}

  /**
   * @param engine what to compare; closed with this object
   * @param out takes the report
   */
  CpuFuzz(FuzzOptions options, CaseExecutor engine, PrintStream out) throws IOException {
    this.options = options;
    this.engine = engine;
    this.out = out;
    Predicate<Form> wanted = options::wants;
    generator = new CaseGenerator(options.seed(), options.batch(), options.sets(), false, wanted);
    silicon = new SiliconRunner(options.batch());
    comparator = new CaseComparator(options.asSilicon(), options.pointers());
  }

  public static void main(String[] arguments) throws IOException {
    int status;
    try {
      status = start(FuzzOptions.parse(arguments));
    } catch (IllegalArgumentException | SiliconDeathException e) {
      System.err.println(e.getMessage());
      status = SILICON_FAILED;
    }
    System.exit(status);
  }

  /** Returns the exit status once everything is closed: exiting earlier would leave files. */
  private static int start(FuzzOptions options) throws IOException {
    if (!SiliconRunner.available()) {
      System.err.println("needs Linux on x86-64 and gcc");
      return SILICON_FAILED;
    }
    var engine = Engines.create(options.engine(), options.batch());
    try (var fuzz = new CpuFuzz(options, engine, System.out)) {
      return fuzz.run() ? 0 : 1;
    }
  }

  /** Returns whether all cases agreed. */
  boolean run() {
    long first = options.from() / options.batch();
    long batches = Math.max(1, (options.cases() + options.batch() - 1) / options.batch());
    long began = System.nanoTime();
    long reported = began;
    long cases = 0;
    var next = prepare(first);
    for (long number = first; number < first + batches; number++) {
      var current = next;
      silicon.start(current.pair.silicon);
      try {
        engine.execute(current.pair.engine);
        next = prepare(number + 1);
      } finally {
        silicon.await(current.pair.silicon);
      }
      compare(current);
      cases += options.batch();
      long now = System.nanoTime();
      if (now - reported > PROGRESS_NANOS) {
        reported = now;
        out.printf(
            Locale.ROOT,
            "%d cases, %.0f/s, %d mismatches%n",
            cases,
            cases * 1e9 / (now - began),
            mismatches());
      }
      if (failures.size() >= options.mismatches()) {
        break;
      }
    }
    if (options.coverage()) {
      coverage.print(out);
    }
    if (options.mismatches() > 1) {
      failures.forEach((form, count) -> out.printf("%8d mismatches  %s%n", count, form));
    }
    out.printf(
        Locale.ROOT,
        "%d cases, %d mismatches, %.0f/s, %d met the runner's own memory, %d went wrong either way%n",
        cases,
        mismatches(),
        cases * 1e9 / (System.nanoTime() - began),
        notComparable,
        eitherWay);
    if (!Makers.HOST_IS_AMD) {
      out.printf(
          "%d more differ where AMD's CPUs, which Maloca is one of, do otherwise than others%n",
          ofOtherMaker);
    }
    if (!engine.statistics().isEmpty()) {
      out.println(engine.statistics());
    }
    return failures.isEmpty();
  }

  private int mismatches() {
    return failures.values().stream().mapToInt(Integer::intValue).sum();
  }

  private Prepared prepare(long number) {
    var pair = pair((int) (number & 1), generator.kindOf(number), options.batch());
    return new Prepared(number, pair, generator.fill(pair.silicon, number));
  }

  private void compare(Prepared batch) {
    var pair = batch.pair;
    int size = pair.silicon.size();
    // A store may have spoilt what the runner compares with, until the next batch.
    boolean runnerIsSpoilt = false;
    for (int i = 0; i < size; i++) {
      if (options.coverage()) {
        coverage.add(batch.forms[i], pair.silicon.vector(i));
      }
      boolean comparable = Makers.HOST_IS_AMD || !batch.forms[i].has(Form.Trait.AMD);
      if (comparable && !comparator.same(pair.silicon, pair.engine, i)) {
        if (runnerIsSpoilt || CaseComparator.meetsRunner(pair.engine, i)) {
          notComparable++;
          runnerIsSpoilt = true;
        } else if (CaseComparator.endsEitherWay(pair.silicon, pair.engine, i)) {
          eitherWay++;
        } else if (!Makers.HOST_IS_AMD
            && (Makers.mayDiffer(batch.forms[i])
                || CaseComparator.differsByOffset(pair.silicon, pair.engine, i))) {
          ofOtherMaker++;
        } else {
          mismatch(batch, i);
        }
      }
    }
  }

  private BatchPair pair(int set, CaseKind kind, int capacity) {
    var of = pairs[set];
    int slot = kind.ordinal();
    if (of[slot] == null) {
      var batch = silicon.allocate(kind, capacity);
      of[slot] = new BatchPair(batch, batch.sibling());
    }
    return of[slot];
  }

  private void mismatch(Prepared batch, int index) {
    var pair = batch.pair;
    long number = batch.number * options.batch() + index;
    String form = batch.forms[index].label();
    boolean known = failures.merge(form, 1, Integer::sum) > 1;
    if (known || failures.size() > options.mismatches()) {
      return;
    }
    out.printf(
        "%nMISMATCH %s  seed %d case %d  engine %s%n%s%n",
        form, options.seed(), number, options.engine(), CasePrinter.code(pair.silicon, index));
    out.println(CasePrinter.disassembly(pair.silicon, index));
    // What the case shrinks to may differ by something else.
    printDifferences(pair, index);
    var kind = pair.silicon.kind();
    var one = pair(ONE_CASE, kind, 1);
    one.silicon.copyInput(0, pair.silicon, index);
    one.silicon.size(1);
    if (fails(one)) {
      var backup = CaseBatch.in(Arena.ofAuto(), kind, 1);
      new CaseShrinker(one.silicon, backup, i -> fails(one)).shrink();
      fails(one);
      print(one, 0);
    } else {
      out.println("agrees when run alone: the engine carries state from case to case");
      print(pair, index);
    }
  }

  private boolean fails(BatchPair one) {
    silicon.execute(one.silicon);
    engine.execute(one.engine);
    return !comparator.same(one.silicon, one.engine, 0);
  }

  private void print(BatchPair pair, int index) {
    out.println("before");
    out.println(CasePrinter.state(pair.silicon, index));
    printDifferences(pair, index);
  }

  private void printDifferences(BatchPair pair, int index) {
    out.println("after");
    comparator
        .differences(pair.silicon, pair.engine, index)
        .forEach(line -> out.println("  " + line));
  }

  @Override
  public void close() {
    engine.close();
    silicon.close();
  }
}
