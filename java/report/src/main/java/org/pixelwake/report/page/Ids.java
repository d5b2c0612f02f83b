package org.pixelwake.report.page;

import java.util.regex.Pattern;

/// Ids of figures are anchors and names of files, so they are kept plain.
public final class Ids {
  private static final Pattern PLAIN = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");

  private Ids() {}

  /// @throws IllegalArgumentException unless it is of small letters, digits and hyphens
  public static void check(String id) {
    if (!PLAIN.matcher(id).matches()) {
      throw new IllegalArgumentException(
          "id '" + id + "': only small letters, digits and hyphens, at most 64");
    }
  }
}
