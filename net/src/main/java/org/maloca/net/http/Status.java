package org.maloca.net.http;

/** Status lines behind their version (RFC 9110, section 15). */
final class Status {
  static final String CONTINUE = "100 Continue";
  static final String NO_CONTENT = "204 No Content";
  static final String BAD_REQUEST = "400 Bad Request";
  static final String NOT_FOUND = "404 Not Found";
  static final String METHOD_NOT_ALLOWED = "405 Method Not Allowed";
  static final String LENGTH_REQUIRED = "411 Length Required";
  static final String CONTENT_TOO_LARGE = "413 Content Too Large";
  static final String FIELDS_TOO_LARGE = "431 Request Header Fields Too Large";
  static final String VERSION_NOT_SUPPORTED = "505 HTTP Version Not Supported";

  private Status() {}
}
