package org.pixelwake.timepix.io.frame;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.io.file.ByteScanner;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.Tally;

/// A Pixelman `.dsc` description: layout of the data file, and times and settings of its frames.
///
/// Each setting is three lines, `"Name" ("description"):`, `type[n]`, value. Numbers may carry a
/// decimal comma, after the locale of the computer that took them.
///
/// @param coding how the numbers of the data file are written
/// @param width sensor width in pixels, 0 where not told
/// @param height sensor height in pixels, 0 where not told
/// @param starts start of each frame in seconds of Unix time, NaN where not told
/// @param exposures exposure of each frame in seconds, NaN where not told
/// @param settings settings of the first frame by name, as text
/// @param detector `Timepix`, `Timepix3` or `unknown`
public record DscFile(
    Coding coding,
    int width,
    int height,
    double[] starts,
    double[] exposures,
    Map<String, String> settings,
    String detector) {

  /// How the numbers of a data file are written.
  ///
  /// @param binary whether they are binary, from the letter A or B of the first line
  /// @param type type of a number, such as `i16`, as written; empty where not told
  /// @param layout `matrix`, `[X,Y,C]` or `[X,C]`, as written; empty where not told
  /// @param mixed whether frames of the file differ in type or layout
  record Coding(boolean binary, String type, String layout, boolean mixed) {}

  private static final Pattern NAME = Pattern.compile("^\"([^\"]*)\"(.*)$");
  private static final Pattern FIRST = Pattern.compile("^([AB])\\d{1,9}\\s*$");
  private static final Pattern TYPE =
      Pattern.compile("^Type=(\\S{1,16})\\s+(matrix|\\[X,Y,C\\]|\\[X,C\\]).*$");
  private static final Pattern SIZE = Pattern.compile("(width|height)=(\\d{1,5})");
  private static final Pattern FRAME = Pattern.compile("^\\[F(\\d{1,9})\\]\\s*$");
  private static final Pattern NUMBERED_TYPE = Pattern.compile("(\\d)\\s*-\\s*([A-Za-z0-9.]+)");
  private static final int MAX_SETTINGS = 256;

  /// A description that tells nothing.
  static final DscFile UNKNOWN =
      new DscFile(
          new Coding(false, "", "", false),
          0,
          0,
          new double[0],
          new double[0],
          Map.of(),
          "unknown");

  /// The `.dsc` beside a frame file; [#UNKNOWN] where there is none or it is no such file, which is
  /// counted.
  static DscFile beside(FileTree tree, FileTree.Entry file, Tally tally) {
    FileTree.Entry entry = tree.beside(file, file.fileName() + ".dsc");
    if (entry == null) {
      return UNKNOWN;
    }
    Tally own = new Tally(entry.display(), "dsc", 1);
    try (ByteScanner in = new ByteScanner(entry, own)) {
      DscFile dsc = new Parser(in).parse();
      if (dsc == null) {
        tally.ignored("description (.dsc) that cannot be understood", entry.display(), "line 1");
        return UNKNOWN;
      }
      return dsc;
    }
  }

  /// Whether a `.dsc` beside the file says that its numbers are binary.
  public static boolean ofBinary(FileTree tree, FileTree.Entry file) {
    FileTree.Entry entry = tree.beside(file, file.fileName() + ".dsc");
    if (entry == null) {
      return false;
    }
    try (ByteScanner in = new ByteScanner(entry, new Tally(entry.display(), "dsc", 1))) {
      Matcher first = FIRST.matcher(in.restOfLine());
      return first.matches() && first.group(1).equals("B");
    }
  }

  /// Frames that it describes; 1 where it does not tell.
  int frames() {
    return Math.max(1, starts.length);
  }

  double start(int frame) {
    return frame < starts.length && starts[frame] > 0 ? starts[frame] * 1e9 : 0;
  }

  double exposure(int frame) {
    return frame < exposures.length && exposures[frame] > 0 ? exposures[frame] * 1e9 : 0;
  }

  private static final class Parser {
    private final ByteScanner in;
    private Coding coding = UNKNOWN.coding();
    private int width;
    private int height;
    private double[] starts = new double[1];
    private double[] exposures = new double[1];
    private int frames;
    private final Map<String, String> settings = new LinkedHashMap<>();
    private String detector = "unknown";

    Parser(ByteScanner in) {
      this.in = in;
    }

    @Nullable DscFile parse() {
      int lines = 0;
      boolean known = false;
      while (in.peek() != ByteScanner.END) {
        String line = in.restOfLine();
        lines++;
        Matcher first = FIRST.matcher(line);
        if (lines == 1 && first.matches()) {
          coding = new Coding(first.group(1).equals("B"), "", "", false);
          continue;
        }
        Matcher frame = FRAME.matcher(line);
        Matcher name = NAME.matcher(line);
        if (frame.matches()) {
          known = true;
          begin();
        } else if (line.startsWith("Type=")) {
          known = true;
          type(line);
          size(line);
        } else if (name.matches()) {
          known = true;
          setting(name.group(1), name.group(2));
        } else if (!known && lines > 8) {
          return null;
        }
      }
      int n = Math.max(frames, 1);
      return known
          ? new DscFile(
              coding,
              width,
              height,
              Arrays.copyOf(starts, n),
              Arrays.copyOf(exposures, n),
              Collections.unmodifiableMap(settings),
              detector)
          : null;
    }

    private void begin() {
      frames++;
      if (frames > starts.length) {
        starts = Arrays.copyOf(starts, 2 * frames);
        exposures = Arrays.copyOf(exposures, 2 * frames);
      }
      starts[frames - 1] = Double.NaN;
      exposures[frames - 1] = Double.NaN;
    }

    private void type(String line) {
      Matcher type = TYPE.matcher(line);
      if (type.matches()) {
        boolean same =
            coding.type().isEmpty()
                || coding.type().equals(type.group(1)) && coding.layout().equals(type.group(2));
        coding = new Coding(coding.binary(), type.group(1), type.group(2), coding.mixed() || !same);
      }
    }

    private void size(String line) {
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

    private void setting(String name, String description) {
      in.restOfLine(); // type and length: the text of the value says enough
      String value = in.restOfLine().strip();
      if (frames == 0) {
        begin();
      }
      if (frames == 1 && settings.size() < MAX_SETTINGS) {
        settings.putIfAbsent(name, value);
      }
      switch (name) {
        case "Start time" -> starts[frames - 1] = ByteScanner.number(value);
        case "Acq time" -> exposures[frames - 1] = ByteScanner.number(value);
        case "Mpx type" -> detector = detector(value, description);
        default -> {}
      }
    }

    /// The numbering changed over time; the description beside the value tells it.
    private static String detector(String value, String description) {
      Matcher types = NUMBERED_TYPE.matcher(description);
      while (types.find()) {
        if (types.group(1).equals(value)) {
          return switch (types.group(2).toUpperCase(Locale.ROOT)) {
            case "TPX" -> "Timepix";
            case "TPX2" -> "Timepix2";
            case "TPX3" -> "Timepix3";
            default -> "unknown";
          };
        }
      }
      return "unknown";
    }
  }
}
