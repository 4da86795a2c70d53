package org.maloca.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.maloca.cli.control.ControlService;

/** Ends a machine when others ask for it by {@code maloca stop}. */
final class StopService implements ControlService {
  /** With which requests begin. */
  static final String WORD = "stop";

  /** Only asks whether the machine is there. */
  static final String PRESENT = "present";

  static final String PULL_PLUG = "plug";

  /** Behind it may stand a space and the seconds that the guest may take. */
  static final String SHUT_DOWN = "guest";

  private final OrderlyEnd end;

  StopService(OrderlyEnd end) {
    this.end = end;
  }

  @Override
  public Optional<String> answer(String request) throws IOException {
    String[] words = request.split(" ", 2);
    return switch (words[0]) {
      case PRESENT -> Optional.of("");
      case PULL_PLUG -> {
        end.pullPlug();
        yield Optional.of("");
      }
      case SHUT_DOWN -> Optional.of(shutDown(words.length > 1 ? words[1] : ""));
      default -> throw ControlService.unknownRequest();
    };
  }

  private String shutDown(String seconds) {
    Duration patience =
        seconds.isEmpty() ? end.patience() : Duration.ofSeconds(Integer.parseInt(seconds));
    if (end.shutDown(patience)) {
      return "the guest has %d seconds to shut down".formatted(patience.toSeconds());
    }
    return patience.isZero()
        ? ""
        : "the guest does not listen to the power button: the plug is pulled";
  }
}
