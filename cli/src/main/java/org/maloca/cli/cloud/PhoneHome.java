package org.maloca.cli.cloud;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;

/**
 * Has a guest's cloud-init say by the network how it went, for images that say nothing on the
 * serial console: by a boot hook in the vendor-data, which leaves the user-data as they are, and is
 * run on every start.
 *
 * <p>It waits for the result that cloud-init leaves when its last stage is over, and posts that.
 * cloud-init's own {@code phone_home} says no more than that it got there, and complains of every
 * kind of ssh host key that the machine does not have, by which it would count as gone wrong.
 */
public final class PhoneHome {
  private static final int TOKEN_BYTES = 16;

  /** Asked each second; whatever takes longer is told by the console or not at all. */
  private static final int PATIENCE_SECONDS = 6 * 3600;

  /**
   * Needs what cloud-init needs itself. Where Python is not by that name cloud-init has the
   * distribution's own. The result comes after the status. cloud-init waits for whoever has its
   * pipes: all of them are let go of before anything else.
   */
  private static final String VENDOR_DATA =
      """
      #cloud-boothook
      #!/bin/sh
      # Tells Maloca, in which this machine runs, how cloud-init went.
      exec < /dev/null > /dev/null 2>&1
      tell() {
        left=%2$d
        while [ ! -s /run/cloud-init/result.json ]; do
          left=$((left - 1))
          [ $left -gt 0 ] || exit 0
          sleep 1
        done
        python=$(command -v python3 || command -v /usr/libexec/platform-python) || exit 0
        exec $python - << 'END'
      import json, time, urllib.request

      def read(name):
          with open("/run/cloud-init/" + name) as file:
              return json.load(file)["v1"]

      errors = read("result.json").get("errors") or []
      warnings = []
      for stage in read("status.json").values():
          if isinstance(stage, dict):
              for level, texts in (stage.get("recoverable_errors") or {}).items():
                  if level in ("WARNING", "ERROR", "CRITICAL"):
                      warnings += texts
      lines = ["error" if errors else "degraded" if warnings else "done"]
      lines += [str(text).replace("\\n", " ")[:500] for text in (errors + warnings)[:8]]
      opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
      for attempt in range(10):
          try:
              opener.open("%1$s", "\\n".join(lines).encode(), 10)
              break
          except OSError:
              time.sleep(3)
      END
      }
      tell &
      """;

  private final CloudInitVerdict verdict;
  private final String path;

  public PhoneHome(CloudInitVerdict verdict) {
    this.verdict = verdict;
    byte[] token = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(token);
    path = "/cloud-init/" + HexFormat.of().formatHex(token);
  }

  /** Where the guest posts to; it and we alone know. */
  public String path() {
    return path;
  }

  /**
   * What cloud-init is given.
   *
   * @param host the address at which somebody waits
   */
  public byte[] vendorData(String host) {
    return VENDOR_DATA
        .formatted("http://" + host + path, PATIENCE_SECONDS)
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** Takes what was posted: a word, and lines that say what went wrong. */
  public void receive(byte[] body) {
    List<String> lines = new String(body, StandardCharsets.UTF_8).lines().toList();
    String complaint = lines.size() > 1 ? lines.get(1) : "no word of what";
    CloudInitFinding finding =
        switch (lines.isEmpty() ? "" : lines.getFirst()) {
          case "done" -> CloudInitFinding.setUp();
          case "degraded" -> CloudInitFinding.wentWrong(complaint);
          case "error" -> CloudInitFinding.failed(complaint);
          default -> null;
        };
    if (finding != null && verdict.isNews(finding)) {
      // People's terminals may be slow, and the network waits for us.
      Thread.startVirtualThread(() -> verdict.accept(finding));
    }
  }
}
