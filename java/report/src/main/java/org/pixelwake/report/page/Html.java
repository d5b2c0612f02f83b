package org.pixelwake.report.page;

import java.util.ArrayDeque;
import java.util.Deque;

/// Writes HTML in which every text and attribute value is escaped and every element closed.
public final class Html {
  private final StringBuilder out = new StringBuilder(1 << 16);
  private final Deque<String> open = new ArrayDeque<>();

  /// Begins with nothing.
  public Html() {}

  /// Opens an element; attributes as name, value, name, value.
  public Html open(String tag, String... attributes) {
    tag(tag, attributes);
    open.push(tag);
    return this;
  }

  /// Closes the innermost element, which must be this one.
  public Html close(String tag) {
    String innermost = open.poll();
    if (!tag.equals(innermost)) {
      throw new IllegalStateException("</" + tag + "> closes <" + innermost + ">");
    }
    out.append("</").append(tag).append('>');
    return this;
  }

  /// An element without content, such as an image.
  public Html empty(String tag, String... attributes) {
    tag(tag, attributes);
    return this;
  }

  /// An element that holds only text.
  public Html element(String tag, String text, String... attributes) {
    return open(tag, attributes).text(text).close(tag);
  }

  public Html text(String text) {
    escape(text);
    return this;
  }

  /// Text of our own that is already HTML, a script or a style sheet.
  public Html trusted(String markup) {
    out.append(markup);
    return this;
  }

  public String finish() {
    if (!open.isEmpty()) {
      throw new IllegalStateException("elements left open: " + open);
    }
    return out.toString();
  }

  private void tag(String tag, String... attributes) {
    out.append('<').append(tag);
    for (int i = 0; i < attributes.length; i += 2) {
      out.append(' ').append(attributes[i]).append("=\"");
      escape(attributes[i + 1]);
      out.append('"');
    }
    out.append('>');
  }

  private void escape(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        case '\n', '\t' -> out.append(c);
        // Control characters are not allowed in HTML, not even as references.
        default -> out.append(Character.isISOControl(c) ? '\uFFFD' : c);
      }
    }
  }
}
