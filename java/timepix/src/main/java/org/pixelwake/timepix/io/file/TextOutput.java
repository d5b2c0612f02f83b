package org.pixelwake.timepix.io.file;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.pixelwake.base.AtomicFile;
import org.pixelwake.base.InputException;

/// A text file that appears under its name when it is whole.
public final class TextOutput implements AutoCloseable {
  private static final int BUFFER = 1 << 16;
  private static final long[] POWERS = {1, 10, 100, 1000, 10_000, 100_000, 1_000_000};

  private final Path target;
  private final AtomicFile file;
  private final OutputStream out;
  private long bytes;

  public TextOutput(Path target) {
    this.target = target;
    try {
      if (Files.isDirectory(target)) {
        throw new InputException(target, "is a folder", "Name a file");
      }
      this.file = new AtomicFile(target);
      this.out = new BufferedOutputStream(Files.newOutputStream(file.temporary()), BUFFER);
    } catch (IOException e) {
      throw InputException.unwritable(target, e);
    }
  }

  /// Bytes written so far.
  public long bytes() {
    return bytes;
  }

  public TextOutput text(String text) {
    byte[] encoded = text.getBytes(StandardCharsets.ISO_8859_1);
    try {
      out.write(encoded);
    } catch (IOException e) {
      throw InputException.unwritable(target, e);
    }
    bytes += encoded.length;
    return this;
  }

  public TextOutput number(long value) {
    return text(Long.toString(value));
  }

  /// A number with that many decimals, rounded, with a point whatever the locale.
  public TextOutput number(double value, int decimals) {
    double scaled = Math.abs(value) * POWERS[decimals];
    if (!(scaled < 1L << 53)) {
      return text(
          BigDecimal.valueOf(value).setScale(decimals, RoundingMode.HALF_UP).toPlainString());
    }
    long units = Math.round(scaled);
    String fraction = Long.toString(POWERS[decimals] + units % POWERS[decimals]).substring(1);
    String sign = value < 0 && units > 0 ? "-" : "";
    return text(sign + units / POWERS[decimals] + (decimals == 0 ? "" : "." + fraction));
  }

  /// A value as short as it can be: whole numbers without a point.
  public TextOutput value(float value) {
    return value == Math.rint(value) && Math.abs(value) < 1 << 24
        ? number((long) value)
        : text(Float.toString(value));
  }

  /// Finishes the file and gives it its name.
  public void commit() {
    try {
      out.close();
      file.commit();
    } catch (IOException e) {
      throw InputException.unwritable(target, e);
    }
  }

  /// Removes the unfinished file, if it was not finished.
  @Override
  public void close() {
    try (file) {
      out.close();
    } catch (IOException e) {
      throw InputException.unwritable(target, e);
    }
  }
}
