package org.maloca.fuzz;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/**
 * Fills batches with cases. What a batch holds depends on the seed and the batch's number alone, so
 * any batch can be made again. Goes round all forms, and from round to round through each form's
 * ModRM bytes. For one thread.
 */
public final class CaseGenerator {
  /** Consecutive cases with the same code: operands change more cheaply than code. */
  static final int SETS = 16;

  private static final int RARITY = 8;

  /** One in so many blocks of code is a sequence of instructions. */
  private static final int SEQUENCE_SHARE = 8;

  private static final CaseKind[] ROTATION = {
    CaseKind.GPR, CaseKind.SSE, CaseKind.GPR, CaseKind.X87, CaseKind.GPR, CaseKind.SSE, CaseKind.X87
  };

  private final long seed;
  private final int batchCases;
  private final int sets;
  private final boolean sparse;
  private final Form[][] forms = new Form[CaseKind.values().length][];
  private final CaseKind[] rotation;
  private final Predicate<Form> wanted;

  /** Cases of every form, {@code batchCases} in a batch. */
  public CaseGenerator(long seed, int batchCases) {
    this(seed, batchCases, SETS, false, form -> true);
  }

  /**
   * @param sets consecutive cases with the same code
   * @param sparse whether registers that a case does not need hold fixed values, so that recorded
   *     cases compress
   * @param wanted which forms
   */
  CaseGenerator(long seed, int batchCases, int sets, boolean sparse, Predicate<Form> wanted) {
    this.seed = seed;
    this.batchCases = batchCases;
    this.sets = sets;
    this.sparse = sparse;
    this.wanted = wanted;
    for (var kind : CaseKind.values()) {
      forms[kind.ordinal()] = FormTable.of(kind).stream().filter(wanted).toArray(Form[]::new);
      // Neighbours in the table are alike: a short run should see something of everything.
      shuffle(forms[kind.ordinal()], new SplittableRandom(seed));
    }
    rotation =
        Arrays.stream(ROTATION)
            .filter(kind -> forms[kind.ordinal()].length > 0)
            .toArray(CaseKind[]::new);
    if (rotation.length == 0) {
      throw new IllegalArgumentException("no such instruction form");
    }
  }

  private static void shuffle(Form[] forms, SplittableRandom random) {
    for (int i = forms.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      var moved = forms[i];
      forms[i] = forms[other];
      forms[other] = moved;
    }
  }

  /** The kind of the batch numbered {@code number}. */
  public CaseKind kindOf(long number) {
    return rotation[(int) (number % rotation.length)];
  }

  /**
   * Fills {@code batch}, which must be of {@link #kindOf} this number.
   *
   * @return the form of each case
   */
  Form[] fill(CaseBatch batch, long number) {
    var random = new SplittableRandom(seed ^ (number + 1) * 0x9e3779b97f4a7c15L);
    var kindForms = forms[batch.kind().ordinal()];
    var encoder = new Encoder(random);
    var operands = new Operands(random, sparse);
    var sequence = SequenceForms.of(batch.kind());
    boolean sequences = wanted.test(sequence);
    int blocks = (batchCases + sets - 1) / sets;
    int sequenceBlocks = sequences ? (blocks + SEQUENCE_SHARE - 1) / SEQUENCE_SHARE : 0;
    long at = occurrence(number) * (blocks - sequenceBlocks);
    var formOfCase = new Form[batchCases];
    for (int block = 0; block < blocks; block++) {
      var form = kindForms[(int) (at % kindForms.length)];
      int visit = (int) (at / kindForms.length);
      if (sequences && block % SEQUENCE_SHARE == 0) {
        // Not in the turn of another form, which might have no other turn.
        form = sequence;
      } else {
        at++;
      }
      if (form.has(Form.Trait.RARE) && visit % RARITY != 0) {
        // A fault costs as much as a dozen other cases.
        form = kindForms[random.nextInt(kindForms.length)];
      }
      var encoding = encoder.encode(form, visit);
      int end = Math.min(batchCases, (block + 1) * sets);
      for (int index = block * sets; index < end; index++) {
        batch.code(
            index, encoding.codeOffset, encoding.instructions, encoding.bytes, encoding.length);
        int target = operands.fill(batch, index, encoding);
        UndefinedBits.mark(batch, index, encoding, target);
        formOfCase[index] = form;
      }
    }
    batch.size(batchCases);
    return formOfCase;
  }

  /** All forms that the generator meets. */
  List<Form> forms() {
    return Arrays.stream(forms).flatMap(Arrays::stream).toList();
  }

  /** How many earlier batches had the same kind as this one. */
  private long occurrence(long number) {
    var kind = kindOf(number);
    long perRound = 0;
    long inRound = 0;
    for (int i = 0; i < rotation.length; i++) {
      if (rotation[i] == kind) {
        perRound++;
        inRound += i < number % rotation.length ? 1 : 0;
      }
    }
    return number / rotation.length * perRound + inRound;
  }
}
