package org.maloca.cli;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.maloca.machine.board.AcceleratorFactory;
import org.maloca.machine.board.Accelerators;
import org.maloca.machine.config.TranslatorConfig;

/** The engines that {@code --engine} chooses from, the default first. */
enum CpuEngine {
  TRANSLATOR,
  INTERPRETER,
  /** Both, the interpreter checking compiled code step by step. */
  VERIFY;

  AcceleratorFactory accelerators(TranslatorConfig config) {
    return switch (this) {
      case TRANSLATOR -> Accelerators.translator(config);
      case INTERPRETER -> Accelerators.interpreter();
      case VERIFY -> Accelerators.lockstep(config);
    };
  }

  String optionName() {
    return name().toLowerCase(Locale.ROOT);
  }

  static String defaultName() {
    return values()[0].optionName();
  }

  static List<String> names() {
    return Stream.of(values()).map(CpuEngine::optionName).toList();
  }

  static CpuEngine of(String name) throws CommandException {
    for (CpuEngine engine : values()) {
      if (engine.optionName().equals(name)) {
        return engine;
      }
    }
    throw CommandLineSpec.usage(
        "there is no engine '%s' (there are: %s)".formatted(name, String.join(", ", names())));
  }
}
