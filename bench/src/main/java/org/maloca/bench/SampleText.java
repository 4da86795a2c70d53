package org.maloca.bench;

import java.nio.charset.StandardCharsets;
import java.util.Random;

/**
 * Text for programs to work on, always the same: lines of a name, a number and words, of which some
 * are frequent and most are rare, as in languages.
 */
final class SampleText {
  private static final String CONSONANTS = "bdfgklmnprstvxz";
  private static final String VOWELS = "aeiou";
  private static final int VOCABULARY = 6000;
  private static final int NAMES = 300;
  private static final int NUMBERS = 100_000;

  private final Random random = new Random(20);
  private final String[] words = new String[VOCABULARY];

  private SampleText() {
    for (int i = 0; i < words.length; i++) {
      words[i] = newWord();
    }
  }

  /** The first {@code length} bytes, the last of which ends a line. */
  static byte[] ofBytes(int length) {
    SampleText text = new SampleText();
    StringBuilder lines = new StringBuilder(length + 200);
    while (lines.length() < length) {
      text.appendLine(lines);
    }
    lines.setLength(length - 1);
    return lines.append('\n').toString().getBytes(StandardCharsets.US_ASCII);
  }

  private String newWord() {
    StringBuilder word = new StringBuilder();
    for (int syllables = 1 + random.nextInt(4); syllables > 0; syllables--) {
      word.append(CONSONANTS.charAt(random.nextInt(CONSONANTS.length())));
      word.append(VOWELS.charAt(random.nextInt(VOWELS.length())));
    }
    return word.toString();
  }

  private void appendLine(StringBuilder lines) {
    lines.append(words[random.nextInt(NAMES)]).append(' ').append(random.nextInt(NUMBERS));
    for (int left = 3 + random.nextInt(12); left > 0; left--) {
      double place = random.nextDouble();
      // A library's power function may round as it likes, multiplication may not.
      int rank = (int) (VOCABULARY * (place * place * place));
      lines.append(' ').append(words[rank]);
    }
    lines.append('\n');
  }
}
