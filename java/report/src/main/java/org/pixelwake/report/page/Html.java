package org.pixelwake.report.page;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

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

  /// A paragraph that explains what follows.
  public Html note(String text) {
    return element("p", text, "class", "note");
  }

  /// A paragraph where no script runs.
  public Html noscript(String text) {
    return open("noscript").element("p", text).close("noscript");
  }

  /// Opens a `div` that scrolls, by keys too, where its content is too wide.
  ///
  /// @param label what a screen reader says of it
  public Html scroll(String label) {
    return open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", label);
  }

  /// A verdict in its colour.
  public Html verdict(boolean good, String yes, String no) {
    return good
        ? element("span", "✓\u00a0" + yes, "class", "met")
        : element("span", "✗\u00a0" + no, "class", "missed");
  }

  /// The head of a table.
  public Html headings(List<String> names) {
    open("thead").open("tr");
    names.forEach(name -> element("th", name, "scope", "col"));
    return close("tr").close("thead");
  }

  /// A button that plays and a slider over iterations, for script.
  ///
  /// @param prefix of the ids
  /// @param last index of the last iteration
  public Html slider(String prefix, int last) {
    String end = Integer.toString(last);
    String id = prefix + "iteration";
    element("button", "▶ Play", "type", "button", "id", prefix + "play");
    element("label", "Iteration", "for", id);
    String[] range = {"type", "range", "id", id, "min", "0", "max", end, "step", "1", "value", end};
    empty("input", range);
    String name = prefix.isEmpty() ? "iteration-name" : prefix + "name";
    return element("output", "", "for", id, "id", name);
  }

  /// JSON for script, in an element that an attribute names.
  public Html data(String attribute, String value, String json) {
    // A "<" can occur inside strings alone, where its escape means the same but ends no element.
    return open("script", "type", "application/json", attribute, value)
        .trusted(json.replace("<", "\\u003c"))
        .close("script");
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
