package org.pixelwake.network.checkpoint;

/// Text out of a file, made safe for a message: control characters would reach the terminal.
final class Printable {
  private static final int LONGEST = 160;

  private Printable() {}

  /// `text` in quotes, cut to a readable length, anything unprintable as an escape.
  static String quoted(String text) {
    return "'" + plain(text) + "'";
  }

  /// As [#quoted], without the quotes.
  static String plain(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length() && out.length() < LONGEST; i++) {
      char c = text.charAt(i);
      boolean safe = (c >= ' ' && c < 0x7f) || Character.isLetterOrDigit(c);
      out.append(safe ? String.valueOf(c) : String.format("\\u%04x", (int) c));
    }
    return text.length() > LONGEST ? out + "..." : out.toString();
  }
}
