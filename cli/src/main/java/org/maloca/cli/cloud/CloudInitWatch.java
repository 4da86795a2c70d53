package org.maloca.cli.cloud;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Listens to a serial console for what cloud-init and systemd say of it there: that it has
 * finished, and what went wrong before. Keeps no more than two lines. Not thread-safe.
 */
public final class CloudInitWatch {
  private static final int MAX_LINE = 512;

  /** The usual {@code final_message}. */
  private static final Pattern FINISHED =
      Pattern.compile("Cloud-init v\\. .* finished at (?:.*Datasource (\\S+))?");

  /**
   * Of the last stage only {@code phone_home} and the last message come after this, which tells of
   * its end in whatever words the user-data give it.
   */
  private static final String KEYS_TOLD = "-----END SSH HOST KEY KEYS-----";

  /** Said by systemd as long as nobody has been asked to log in. */
  private static final String LAST_STAGE_DONE = "Finished cloud-final.";

  private static final Pattern COMPLAINT =
      Pattern.compile(
          "(?:\\[(?:ERROR|CRITICAL)\\]|\\[WARNING\\].*(?:[Ff]ail|Unhandled)|Traceback).*");

  private static final Pattern COLOUR = Pattern.compile("\u001b\\[[0-9;]*[A-Za-z]");

  private final byte[] line = new byte[MAX_LINE];
  private final CloudInitVerdict verdict;
  private int length;
  private String complaint = "";
  private boolean areKeysTold;
  private boolean isOver;

  public CloudInitWatch(CloudInitVerdict verdict) {
    this.verdict = verdict;
  }

  /** Takes what the guest wrote. */
  public void accept(byte value) {
    if (value == '\n') {
      if (length > 0) {
        String text = new String(line, 0, length, StandardCharsets.ISO_8859_1);
        judge(COLOUR.matcher(text).replaceAll("").strip());
      }
      length = 0;
    } else if (length < MAX_LINE) {
      line[length++] = value;
    }
  }

  private void judge(String text) {
    if (text.contains("Failed to start") && text.contains("cloud-")) {
      // The last stage's unit fails after its message, if any of its modules did.
      tell(CloudInitFinding.failed(complaint.isEmpty() ? text : complaint));
    }
    if (isOver) {
      return;
    }
    boolean isItsWord = text.contains("cloud-init[");
    Matcher finished = FINISHED.matcher(text);
    if (isItsWord && COMPLAINT.matcher(text).find()) {
      complaint = complaint.isEmpty() ? text : complaint;
    } else if (finished.find()) {
      judgeEnd(finished.group(1) == null ? "" : finished.group(1));
    } else if (areKeysTold && isItsWord || text.contains(LAST_STAGE_DONE)) {
      judgeEnd("");
    }
    areKeysTold |= text.contains(KEYS_TOLD);
  }

  private void judgeEnd(String source) {
    if (source.startsWith("DataSourceNone")) {
      tell(CloudInitFinding.failed("it did not find its seed"));
    } else if (!complaint.isEmpty()) {
      tell(CloudInitFinding.wentWrong(complaint));
    } else {
      tell(CloudInitFinding.setUp());
    }
  }

  private void tell(CloudInitFinding finding) {
    isOver = true;
    verdict.accept(finding);
  }
}
