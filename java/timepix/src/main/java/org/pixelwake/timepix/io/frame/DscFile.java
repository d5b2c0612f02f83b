package org.pixelwake.timepix.io.frame;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pixelwake.timepix.io.file.ByteScanner;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.Tally;

/// A Pixelman `.dsc` description: layout of the data file, and times and settings of its frames.
///
/// Each setting is three lines, `"Name" ("description"):`, `type[n]`, value. Numbers may carry a
/// decimal comma, after the locale of the computer that took them.
public final class DscFile {
  private static final Pattern NAME = Pattern.compile("^\"([^\"]*)\"(.*)$");
  private static final Pattern FIRST = Pattern.compile("^([AB])\\d{1,9}\\s*$");
  private static final Pattern TYPE =
      Pattern.compile("^Type=(\\S{1,16})\\s+(matrix|\\[X,Y,C\\]|\\[X,C\\]).*$");
  private static final Pattern SIZE = Pattern.compile("(width|height)=(\\d{1,5})");
  private static final Pattern FRAME = Pattern.compile("^\\[F(\\d{1,9})\\]\\s*$");
  private static final Pattern NUMBERED_TYPE = Pattern.compile("(\\d)\\s*-\\s*([A-Za-z0-9.]+)");
  private static final Map<String, String> DETECTORS =
      Map.of("TPX", "Timepix", "TPX2", "Timepix2", "TPX3", "Timepix3");
  private static final String UNKNOWN = "unknown";
  private static final int MAX_SETTINGS = 256;

  /// Start and exposure of a frame in ns; 0 where not told.
  private static final class Times {
    double start;
    double exposure;
  }

  boolean binary; // numbers of the data file, from the letter A or B of the first line
  String type = ""; // of a number, such as i16, as written; empty where not told
  String layout = ""; // matrix, [X,Y,C] or [X,C], as written; empty where not told
  boolean mixed; // frames of the file differ in type or layout
  int width; // columns of the sensor, 0 where not told
  int height; // rows of the sensor, 0 where not told
  String detector = UNKNOWN; // Timepix, Timepix2, Timepix3 or unknown

  /// Settings of the first frame by name, as text.
  final Map<String, String> settings = new LinkedHashMap<>();

  private final List<Times> times = new ArrayList<>();

  private DscFile() {}

  /// The `.dsc` beside a frame file; one that tells nothing where there is none or it is no such
  /// file, which is counted.
  static DscFile beside(FileTree tree, FileTree.Entry file, Tally tally) {
    FileTree.Entry entry = tree.beside(file, file.fileName() + ".dsc");
    if (entry == null) {
      return new DscFile();
    }
    try (ByteScanner in = ByteScanner.look(entry, "dsc")) {
      DscFile dsc = new DscFile();
      if (dsc.parse(in)) {
        return dsc;
      }
      tally.ignored("description (.dsc) that cannot be understood", entry.display(), "line 1");
      return new DscFile();
    }
  }

  /// Whether a `.dsc` beside the file says that its numbers are binary.
  public static boolean ofBinary(FileTree tree, FileTree.Entry file) {
    FileTree.Entry entry = tree.beside(file, file.fileName() + ".dsc");
    if (entry == null) {
      return false;
    }
    try (ByteScanner in = ByteScanner.look(entry, "dsc")) {
      return in.restOfLine().matches("B\\d{1,9}\\s*");
    }
  }

  /// Frames that it describes; 1 where it does not tell.
  int frames() {
    return Math.max(1, times.size());
  }

  /// Start of a frame in ns; 0 where not told.
  double start(int frame) {
    return frame < times.size() ? times.get(frame).start : 0;
  }

  /// Exposure of a frame in ns; 0 where not told.
  double exposure(int frame) {
    return frame < times.size() ? times.get(frame).exposure : 0;
  }

  /// Reads the description; false where it is none.
  private boolean parse(ByteScanner in) {
    boolean known = false;
    for (int lines = 1; in.peek() != ByteScanner.END; lines++) {
      String line = in.restOfLine();
      Matcher first = FIRST.matcher(line);
      Matcher name = NAME.matcher(line);
      if (lines == 1 && first.matches()) {
        binary = first.group(1).equals("B");
        continue;
      }
      if (FRAME.matcher(line).matches()) {
        times.add(new Times());
      } else if (line.startsWith("Type=")) {
        type(line);
      } else if (name.matches()) {
        in.restOfLine(); // type and length: the text of the value says enough
        setting(name.group(1), name.group(2), in.restOfLine().strip());
      } else if (!known && lines > 8) {
        return false;
      } else {
        continue;
      }
      known = true;
    }
    return known;
  }

  private void type(String line) {
    Matcher told = TYPE.matcher(line);
    if (told.matches()) {
      mixed |= !type.isEmpty() && !(type + layout).equals(told.group(1) + told.group(2));
      type = told.group(1);
      layout = told.group(2);
    }
    Matcher size = SIZE.matcher(line);
    while (size.find()) {
      int value = Integer.parseInt(size.group(2));
      if (size.group(1).equals("width")) {
        width = value;
      } else {
        height = value;
      }
    }
  }

  private void setting(String name, String description, String value) {
    if (times.isEmpty()) {
      times.add(new Times());
    }
    if (times.size() == 1 && settings.size() < MAX_SETTINGS) {
      settings.putIfAbsent(name, value);
    }
    switch (name) {
      case "Start time" -> times.getLast().start = ns(value);
      case "Acq time" -> times.getLast().exposure = ns(value);
      case "Mpx type" -> detector = detector(value, description);
      default -> {}
    }
  }

  private static double ns(String seconds) {
    double value = ByteScanner.number(seconds);
    return value > 0 ? value * 1e9 : 0;
  }

  /// The numbering changed over time; the description beside the value tells it.
  private static String detector(String value, String description) {
    return NUMBERED_TYPE
        .matcher(description)
        .results()
        .filter(type -> type.group(1).equals(value))
        .findFirst()
        .map(type -> DETECTORS.getOrDefault(type.group(2).toUpperCase(Locale.ROOT), UNKNOWN))
        .orElse(UNKNOWN);
  }
}
