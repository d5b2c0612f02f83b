package org.pixelwake.timepix.calibration;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.pixelwake.base.InputException;

/// Time walk of a Timepix3: small signals pass the threshold later than large ones, by `dt = a / (E
/// - b)^c + d` in ns with E in keV, which is taken off the time of arrival of each hit.
///
/// The formula grows without bound towards b, where no hit passes the threshold: energies below b +
/// 0.5 keV are taken for b + 0.5 keV. Hits of pixels that cannot be calibrated (energy
/// [EnergyCalibration#INVALID_KEV]) keep their times.
///
/// @param name where the parameters are from
/// @param a ns keV^c, not negative
/// @param b keV
/// @param c power, above 0
/// @param d ns, delay of the largest signals
public record TimeWalk(String name, double a, double b, double c, double d) {
  /// Least energy above b, keV, that the formula is used for.
  public static final double LEAST_KEV_ABOVE = 0.5;

  private static final List<String> NAMES = List.of("a", "b", "c", "d");
  private static final int LONGEST_FILE = 1 << 14;
  private static final Pattern NUMBER =
      Pattern.compile("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d{1,3})?");

  public TimeWalk {
    if (!(a >= 0) || !(c > 0) || !Double.isFinite(a + b + c + d)) {
      throw new IllegalArgumentException(
          "a is not negative, c is above 0, and all are finite: %s, %s, %s, %s"
              .formatted(a, b, c, d));
    }
  }

  /// Reads a `timewalk_parameters.txt`: lines `a=25.8`, `b=...`, `c=...`, `d=...` in any order, or
  /// the four numbers in this order with blanks, tabs or ends of line between them.
  ///
  /// @throws InputException where the file is none
  public static TimeWalk read(Path file) {
    String shown = file.toString();
    String text;
    try {
      if (!Files.isRegularFile(file) || Files.size(file) > LONGEST_FILE) {
        throw wrong(shown, "is no file of four parameters");
      }
      text = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
    } catch (IOException e) {
      throw InputException.unreadable(shown, e);
    }
    double[] values = text.contains("=") ? named(shown, text) : inOrder(shown, text);
    try {
      return new TimeWalk(shown, values[0], values[1], values[2], values[3]);
    } catch (IllegalArgumentException e) {
      throw wrong(shown, "holds impossible parameters (" + e.getMessage() + ")");
    }
  }

  private static double[] named(String file, String text) {
    Map<String, Double> values = new HashMap<>();
    for (String line : text.lines().map(String::strip).toList()) {
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      int equals = line.indexOf('=');
      String name = line.substring(0, Math.max(0, equals)).strip().toLowerCase(Locale.ROOT);
      if (!NAMES.contains(name) || values.containsKey(name)) {
        throw wrong(file, "holds a line that is not a=, b=, c= or d=, or one of them twice");
      }
      values.put(name, number(file, line.substring(equals + 1).strip()));
    }
    for (String name : NAMES) {
      if (!values.containsKey(name)) {
        throw wrong(file, "does not tell " + name);
      }
    }
    return NAMES.stream().mapToDouble(values::get).toArray();
  }

  private static double[] inOrder(String file, String text) {
    List<String> parts = List.of(text.split("\\s+", -1));
    if (parts.size() != NAMES.size()) {
      throw wrong(file, "holds " + parts.size() + " words instead of four numbers");
    }
    return parts.stream().mapToDouble(part -> number(file, part)).toArray();
  }

  private static double number(String file, String text) {
    if (!NUMBER.matcher(text).matches()) {
      throw wrong(
          file, "holds '" + text.substring(0, Math.min(20, text.length())) + "', no number");
    }
    return Double.parseDouble(text);
  }

  private static InputException wrong(String file, String problem) {
    return new InputException(
        file,
        problem,
        "Time walk is given by lines a=, b=, c= and d=, or by these four numbers in one line");
  }

  /// By how much a hit of this energy, keV, comes late, ns.
  public double delayNs(double energyKeV) {
    return a / Math.pow(Math.max(energyKeV - b, LEAST_KEV_ABOVE), c) + d;
  }

  /// The time of arrival, ns, without the walk of a hit of this energy, keV.
  public double correctedNs(double toaNs, float energyKeV) {
    return energyKeV == EnergyCalibration.INVALID_KEV ? toaNs : toaNs - delayNs(energyKeV);
  }
}
