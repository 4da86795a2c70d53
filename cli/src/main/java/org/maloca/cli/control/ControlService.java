package org.maloca.cli.control;

import java.io.IOException;
import java.util.Optional;

/** What a machine does with requests that begin with a certain word. */
@FunctionalInterface
public interface ControlService {
  /**
   * Answers, on a thread of its own; others may be answered at the same time.
   *
   * @param arguments what stands behind the word
   * @return the answer, or nothing when the request is for another machine
   * @throws IOException when it is refused, like any other exception; the message is for who asked
   */
  Optional<String> answer(String arguments) throws IOException;

  /** The refusal of a request that the machine does not know. */
  static IOException unknownRequest() {
    return new IOException("the machine's version of Maloca is another one");
  }
}
