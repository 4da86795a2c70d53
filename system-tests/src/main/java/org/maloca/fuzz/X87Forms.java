package org.maloca.fuzz;

import java.util.ArrayList;
import java.util.List;

/**
 * The x87 instructions, documented encodings only (Intel SDM volume 2, appendix A, escape opcodes).
 * Where the whole ModRM byte selects the instruction, {@link #SINGLE} lists it.
 */
final class X87Forms {
  static final String MEMORY =
      """
      d8/0-1 * M 0 x87 f32
      d8/2-3 * M 0 x87 f32 exact_codes
      d8/4-7 * M 0 x87 f32
      d9/0 * M 0 x87 f32
      d9/1 * M 0 x87 rare
      d9/2-3 * M 0 x87 f32
      d9/4 * M 0 x87 environment exact_codes
      d9/5 * M 0 x87 fldcw
      d9/6 * M 0 x87 environment
      d9/7 * M 0 x87
      da/0-1 * M 0 x87
      da/2-3 * M 0 x87 exact_codes
      da/4-7 * M 0 x87
      db/0-3 * M 0 x87
      db/4 * M 0 x87 rare
      db/5 * M 0 x87 f80
      db/6 * M 0 x87 rare
      db/7 * M 0 x87 f80
      dc/0-1 * M 0 x87 f64
      dc/2-3 * M 0 x87 f64 exact_codes
      dc/4-7 * M 0 x87 f64
      dd/0 * M 0 x87 f64
      dd/1 * M 0 x87
      dd/2-3 * M 0 x87 f64
      dd/4 * M 0 x87 environment exact_codes
      dd/5 * M 0 x87 rare
      dd/6 * M 0 x87 environment exact_codes
      dd/7 * M 0 x87
      de/0-1 * M 0 x87
      de/2-3 * M 0 x87 exact_codes
      de/4-7 * M 0 x87
      df/0-3 * M 0 x87
      df/4 * M 0 x87 bcd
      df/5 * M 0 x87
      df/6 * M 0 x87 bcd
      df/7 * M 0 x87
      """;

  static final String REGISTER =
      """
      d8/0-1 * R 0 x87
      d8/2-3 * R 0 x87 exact_codes
      d8/4-7 * R 0 x87
      d9/0-1 * R 0 x87
      da/0-3 * R 0 x87
      db/0-3 * R 0 x87
      db/5-6 * R 0 x87 exact_codes
      dc/0-1 * R 0 x87
      dc/4-7 * R 0 x87
      dd/0 * R 0 x87
      dd/2-3 * R 0 x87
      dd/4-5 * R 0 x87 exact_codes
      de/0-1 * R 0 x87
      de/4-7 * R 0 x87
      df/5-6 * R 0 x87 exact_codes
      """;

  /** Written as opcode and ModRM byte. */
  static final String SINGLE =
      """
      9b -
      d9 d0
      d9 d1 rare
      d9 e0
      d9 e1
      d9 e2 rare
      d9 e4 exact_codes
      d9 e5 exact_codes
      d9 e6 rare
      d9 e8
      d9 e9
      d9 ea
      d9 eb
      d9 ec
      d9 ed
      d9 ee
      d9 ef rare
      d9 f0 approximate
      d9 f1 approximate
      d9 f2 approximate exact_codes
      d9 f3 approximate
      d9 f4
      d9 f5 exact_codes
      d9 f6
      d9 f7
      d9 f8 exact_codes
      d9 f9 approximate
      d9 fa
      d9 fb approximate exact_codes
      d9 fc
      d9 fd
      d9 fe approximate exact_codes
      d9 ff approximate exact_codes
      da e0 rare
      da e9 exact_codes
      da f0
      db e2
      db e3 exact_codes
      de d9 exact_codes
      de d8 rare
      df e0
      df e1 rare
      """;

  private X87Forms() {}

  static List<Form> all() {
    var forms = new ArrayList<Form>();
    forms.addAll(Form.parse(Form.Map.ONE_BYTE, MEMORY));
    forms.addAll(Form.parse(Form.Map.ONE_BYTE, REGISTER));
    SINGLE
        .lines()
        .map(line -> line.trim().split(" +"))
        .filter(fields -> fields.length > 1)
        .forEach(fields -> forms.add(single(fields)));
    return forms;
  }

  /** A form whose whole ModRM byte is fixed keeps it as an extension of 0x100 and more. */
  private static Form single(String[] fields) {
    boolean wait = fields[1].equals("-");
    String traits = String.join(" ", List.of(fields).subList(2, fields.length));
    var form =
        Form.parse(Form.Map.ONE_BYTE, fields[0] + " * " + (wait ? "-" : "R") + " 0 x87 " + traits)
            .getFirst();
    int extension = wait ? -1 : 0x100 + Integer.parseInt(fields[1], 16);
    return new Form(
        form.map(),
        form.opcode(),
        extension,
        form.prefix(),
        form.modrm(),
        form.immediate(),
        form.kind(),
        form.data(),
        form.traits());
  }
}
