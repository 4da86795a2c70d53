package org.maloca.cli.cloud;

import java.io.IOException;

/** What asking again would not change. */
final class DownloadRefusal extends IOException {
  private static final long serialVersionUID = 1L;

  DownloadRefusal(String message) {
    super(message);
  }

  DownloadRefusal(String message, IOException cause) {
    super(message, cause);
  }
}
