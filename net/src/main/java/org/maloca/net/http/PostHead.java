package org.maloca.net.http;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the request line and the fields say (RFC 9112, sections 3 and 5), as far as it matters here.
 *
 * @param problem a status that ends it all, or empty
 * @param path of the target
 * @param bodyBytes how many follow; {@link #UNKNOWN} if that was not said
 * @param isAsking whether the client wants to be told to go on before it sends them
 */
record PostHead(String problem, String method, String path, int bodyBytes, boolean isAsking) {
  static final int UNKNOWN = -1;
  private static final int TOO_MANY = Integer.MAX_VALUE;

  private static final Pattern REQUEST_LINE =
      Pattern.compile("([!-~]+) (?:http://[^/ ]+)?(/[!-~]*) HTTP/([0-9])\\.([0-9])");
  private static final Pattern FIELD =
      Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*");

  private static PostHead bad(String problem) {
    return new PostHead(problem, "", "", UNKNOWN, false);
  }

  /** Reads a head's lines, without the empty one behind it. */
  static PostHead parse(List<String> lines) {
    Matcher request = REQUEST_LINE.matcher(lines.getFirst());
    if (!request.matches()) {
      return bad(Status.BAD_REQUEST);
    }
    if (!request.group(3).equals("1")) {
      return bad(Status.VERSION_NOT_SUPPORTED);
    }
    boolean hasHost = request.group(4).equals("0");
    boolean isAsking = false;
    int bodyBytes = UNKNOWN;
    for (String line : lines.subList(1, lines.size())) {
      Matcher field = FIELD.matcher(line);
      if (!field.matches()) {
        return bad(Status.BAD_REQUEST);
      }
      String value = field.group(2);
      switch (field.group(1).toLowerCase(Locale.ROOT)) {
        case "host" -> hasHost = true;
        case "expect" -> isAsking = value.equalsIgnoreCase("100-continue");
        case "transfer-encoding" -> {
          return bad(Status.LENGTH_REQUIRED);
        }
        case "content-length" -> {
          int said = lengthOf(value);
          if (said == UNKNOWN || bodyBytes != UNKNOWN && bodyBytes != said) {
            return bad(Status.BAD_REQUEST);
          }
          bodyBytes = said;
        }
        default -> {}
      }
    }
    return hasHost
        ? new PostHead("", request.group(1), request.group(2), bodyBytes, isAsking)
        : bad(Status.BAD_REQUEST);
  }

  private static int lengthOf(String text) {
    if (!text.matches("[0-9]+")) {
      return UNKNOWN;
    }
    return text.length() > 9 ? TOO_MANY : Integer.parseInt(text);
  }
}
