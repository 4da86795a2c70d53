package org.maloca.cli;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;
import org.maloca.cli.control.ControlService;

/** Pauses a machine when others ask for it by {@code maloca pause}, and tells what it does. */
final class PauseService implements ControlService {
  /** With which requests begin. */
  static final String WORD = "pause";

  /** Asks what the machine does, and changes nothing. */
  static final String STATE = "state";

  static final String HOLD = "hold";
  static final String RELEASE = "release";

  private final RunPause pause;
  private final Consumer<String> notes;

  /**
   * Serves one machine.
   *
   * @param notes hears what whoever sits at the machine should know
   */
  PauseService(RunPause pause, Consumer<String> notes) {
    this.pause = pause;
    this.notes = notes;
  }

  /** Answers by what the machine did before, or does now. */
  @Override
  public Optional<String> answer(String request) throws IOException {
    return Optional.of(
        switch (request.strip()) {
          case STATE -> pause.state();
          case HOLD -> hold();
          case RELEASE -> release();
          default -> throw ControlService.unknownRequest();
        });
  }

  private String hold() {
    if (!pause.hold()) {
      return "was paused already";
    }
    notes.accept("the machine is paused, until 'maloca resume'");
    return "paused";
  }

  private String release() {
    if (!pause.release()) {
      return "was not paused";
    }
    notes.accept("the machine goes on");
    return "goes on";
  }
}
