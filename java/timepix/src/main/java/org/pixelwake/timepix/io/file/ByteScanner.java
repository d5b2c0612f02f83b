package org.pixelwake.timepix.io.file;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Numbers and lines of a text, straight from its bytes, in bounded memory whatever the length of a
/// line.
public final class ByteScanner extends ByteWindow {
  /// No more lines.
  public static final int END = -1;

  /// A line with something in it that is not a number, or with more than [#MAX_FIELDS] of them.
  public static final int MALFORMED = -2;

  /// Longest line that is a row of numbers: a matrix row of a quad has 512.
  public static final int MAX_FIELDS = 4096;

  private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF}; // of UTF-8
  private static final int MAX_TOKEN = 63;
  private static final int MAX_LINE = 1 << 14;
  private static final long EXACT = 1L << 53;
  // Double.parseDouble takes more than a data file may hold: type suffixes and hexadecimal numbers.
  private static final Pattern NUMBER =
      Pattern.compile(
          "(?i)[-+]?(nan|inf(?:inity)?|(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:e[-+]?[0-9]{1,4})?)");
  private static final double[] POWERS = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22
  };

  private long line = 1;
  private long rowLine = 1;
  private boolean numberOk;

  /// Reads the content of the entry from its start, past a byte order mark.
  public ByteScanner(FileTree.Entry entry, Tally tally) {
    super(entry, tally);
    if (ensure(MARK.length) && Arrays.mismatch(MARK, buffer) == MARK.length) {
      position = MARK.length;
    }
  }

  /// Opens a text to look at its begin, without an account of what is wrong with it.
  public static ByteScanner look(FileTree.Entry entry, String format) {
    return new ByteScanner(entry, new Tally(entry.display(), format, 1));
  }

  /// Line of the next byte, from 1.
  public long line() {
    return line;
  }

  /// "line 12" of the row that was read last.
  public String rowPlace() {
    return "line " + rowLine;
  }

  /// Next byte without taking it, or -1 at the end.
  public int peek() {
    return position < limit || ensure(1) ? buffer[position] & 0xFF : END;
  }

  /// Takes the next byte, or -1 at the end.
  public int take() {
    if (position >= limit && !ensure(1)) {
      return END;
    }
    int c = buffer[position++] & 0xFF;
    if (c == '\n') {
      line++;
    }
    return c;
  }

  /// Passes spaces, tabs and carriage returns; gives the byte after them without taking it.
  public int blank() {
    int c = peek();
    while (c == ' ' || c == '\t' || c == '\r') {
      position++;
      c = peek();
    }
    return c;
  }

  /// Passes what is left of the line, its end included.
  public void skipLine() {
    int c;
    do {
      c = take();
    } while (c != '\n' && c != END);
  }

  /// What is left of the line, its end passed; cut at 16 KiB.
  public String restOfLine() {
    StringBuilder text = new StringBuilder();
    for (int c = take(); c != '\n' && c != END; c = take()) {
      if (c != '\r' && text.length() < MAX_LINE) {
        text.append((char) c);
      }
    }
    return text.toString();
  }

  /// Reads a line of numbers that are separated by blanks or tabs, and by commas where asked for.
  ///
  /// @return how many numbers the line has (those beyond the length of `values` are passed), 0 for
  ///   a blank line, [#END] or [#MALFORMED]; in every case the line is passed
  public int row(double[] values, boolean commas) {
    rowLine = line;
    if (peek() == END) {
      return END;
    }
    int count = 0;
    while (true) {
      int c = blank();
      if (c == ',' && commas) {
        position++;
        continue;
      }
      if (c == '\n' || c == END) {
        take();
        return count;
      }
      double value = number();
      int after = peek();
      boolean ends =
          after == ' '
              || after == '\t'
              || after == '\r'
              || after == '\n'
              || after == END
              || (after == ',' && commas);
      if (!numberOk || !ends || count == MAX_FIELDS) {
        skipLine();
        return MALFORMED;
      }
      if (count < values.length) {
        values[count] = value;
      }
      count++;
    }
  }

  /// Reads the next row, as [#row], that is not blank and does not begin with one of the marks.
  public int data(double[] values, String marks) {
    while (true) {
      if (marks.indexOf(blank()) >= 0) {
        skipLine();
        continue;
      }
      int count = row(values, false);
      if (count != 0) {
        return count;
      }
    }
  }

  /// Whether the last [#number] was one.
  public boolean numberOk() {
    return numberOk;
  }

  /// Reads a number at the next byte: decimal, with an exponent, `nan` or `inf`. Passes nothing
  /// where there is none.
  public double number() {
    if (limit - position <= MAX_TOKEN) {
      ensure(MAX_TOKEN + 1);
    }
    int start = position;
    int p = position;
    boolean negative = false;
    if (p < limit && (buffer[p] == '-' || buffer[p] == '+')) {
      negative = buffer[p++] == '-';
    }
    long mantissa = 0;
    int digits = 0;
    int decimals = 0;
    while (p < limit && isDigit(buffer[p])) {
      mantissa = mantissa * 10 + (buffer[p++] - '0');
      digits++;
    }
    if (p < limit && buffer[p] == '.') {
      p++;
      while (p < limit && isDigit(buffer[p])) {
        mantissa = mantissa * 10 + (buffer[p++] - '0');
        digits++;
        decimals++;
      }
    }
    boolean plain = p >= limit || !isLetter(buffer[p]);
    if (plain && digits > 0 && digits <= 18 && mantissa < EXACT && decimals <= 22) {
      position = p;
      numberOk = true;
      double value = decimals == 0 ? mantissa : mantissa / POWERS[decimals];
      return negative ? -value : value;
    }
    return slowNumber(start);
  }

  private double slowNumber(int start) {
    int end = start;
    while (end < limit
        && end - start <= MAX_TOKEN
        && (isDigit(buffer[end]) || isLetter(buffer[end]) || ".-+".indexOf(buffer[end]) >= 0)) {
      end++;
    }
    String token = new String(buffer, start, end - start, StandardCharsets.ISO_8859_1);
    Matcher number = NUMBER.matcher(token);
    numberOk = token.length() <= MAX_TOKEN && number.matches();
    if (!numberOk) {
      return Double.NaN;
    }
    position = end;
    double infinity = token.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    return switch (number.group(1).charAt(0)) {
      case 'n', 'N' -> Double.NaN;
      case 'i', 'I' -> infinity;
      default -> Double.parseDouble(token);
    };
  }

  private static boolean isDigit(byte c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isLetter(byte c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  /// A number with a decimal point or comma; NaN where it is not one.
  public static double number(String text) {
    String plain = text.strip().replace(',', '.');
    if (!plain.matches("[-+]?\\d{1,18}(\\.\\d{0,18})?([eE][-+]?\\d{1,3})?")) {
      return Double.NaN;
    }
    return Double.parseDouble(plain);
  }
}
