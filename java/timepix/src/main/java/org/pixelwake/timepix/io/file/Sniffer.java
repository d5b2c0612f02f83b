package org.pixelwake.timepix.io.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.io.Format;
import org.pixelwake.timepix.io.cluster.ClistReader;

/// Finds the format of a file by the first bytes of its content.
public final class Sniffer {
  /// Description of a ROOT file.
  public static final String ROOT = "trees of ROOT";

  private static final int HEAD = 1 << 15;
  private static final Pattern INTEGER = Pattern.compile("-?\\d{1,19}");
  private static final Pattern NUMBER =
      Pattern.compile("(?i)[-+]?(\\d+\\.?\\d*|\\.\\d+)(e[-+]?\\d+)?|[-+]?(nan|inf)");
  private static final Pattern MM_FILE = Pattern.compile("(?i).*_(px|cl)\\.txt");
  private static final Pattern MPIXDAQ =
      Pattern.compile("(?m)\\A---\\s+#\\s*cluster data\\s*$|^keys:\\s*\\[time,\\s*x_mean\\b");
  private static final Pattern COMMENT = Pattern.compile("#.*\\p{L}.*");

  /// What a look at a file tells.
  ///
  /// @param format the format, or null where it is none of ours
  /// @param empty whether it holds nothing but blanks
  /// @param binary whether it holds something that is no text
  /// @param description a few words on the content for an error message
  public record Found(@Nullable Format format, boolean empty, boolean binary, String description) {}

  private Sniffer() {}

  public static Found sniff(FileTree.Entry entry) {
    byte[] head;
    try (InputStream in = entry.open()) {
      head = in.readNBytes(HEAD);
    } catch (IOException e) {
      return new Found(null, false, true, "damaged compressed data");
    }
    return sniff(head, entry.fileName());
  }

  public static Found sniff(byte[] head, String name) {
    if (head.length == 0) {
      return new Found(null, true, false, "nothing");
    }
    if (head.length > 4
        && new String(head, 0, 4, StandardCharsets.ISO_8859_1).equals("root")
        && head[4] == 0) {
      return new Found(null, false, true, ROOT);
    }
    if (tpx3(head)) {
      return new Found(Format.TPX3, false, true, "raw Timepix3 packets");
    }
    if (!text(head)) {
      return new Found(null, false, true, "binary data of no known kind");
    }
    String all = new String(head, StandardCharsets.ISO_8859_1);
    if (all.startsWith("\u00EF\u00BB\u00BF")) {
      all = all.substring(3);
    }
    // A line that the head cuts tells nothing, unless it is the only one.
    int lastEnd = all.lastIndexOf('\n');
    if (head.length == HEAD && lastEnd > 0) {
      all = all.substring(0, lastEnd);
    }
    if (all.isBlank()) {
      return new Found(null, true, false, "nothing but blanks");
    }
    Format format = text(all, name);
    return new Found(format, false, false, "text of no known format");
  }

  private static boolean tpx3(byte[] head) {
    for (int i = 0; i + 8 <= head.length; i += 1) {
      if (head[i] == 'T' && head[i + 1] == 'P' && head[i + 2] == 'X' && head[i + 3] == '3') {
        return i == 0 || !text(head);
      }
    }
    return false;
  }

  private static boolean text(byte[] head) {
    for (byte b : head) {
      int c = b & 0xFF;
      if (c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f') {
        return false;
      }
    }
    return true;
  }

  private static @Nullable Format text(String all, String name) {
    if (all.startsWith("#class tools::wcsv::ntuple")) {
      return Format.G4CSV;
    }
    if (all.startsWith("# Allpix Squared ASCII data") || all.startsWith("=== ")) {
      return Format.ALLPIX;
    }
    if (all.lines().findFirst().orElse("").endsWith("\t" + ClistReader.PIXELS)) {
      return Format.CLIST;
    }
    if (MPIXDAQ.matcher(all).find()) {
      return Format.MPIXDAQ;
    }
    boolean comments = false;
    boolean separators = false;
    for (String raw : all.split("\n", 4096)) {
      String line = raw.strip();
      if (line.isEmpty()) {
        continue;
      }
      if (line.startsWith("#")) {
        comments |= COMMENT.matcher(line).matches();
        separators |= line.equals("#");
        continue;
      }
      if (line.startsWith("Frame ") && line.contains("(")) {
        return Format.CLOG;
      }
      if (line.startsWith("[")) {
        if (all.toLowerCase(Locale.ROOT).contains("pxfile")) {
          return Format.MM;
        }
        return line.matches("(\\[[^\\[\\]]*\\]\\s*)+") ? Format.CLOG : null;
      }
      if (line.startsWith("ParticleType=")) {
        return Format.SIM;
      }
      if (line.startsWith("Index") && line.contains("Matrix Index")) {
        return Format.T3PA;
      }
      return row(line, all, name, comments, separators);
    }
    return separators && MM_FILE.matcher(name).matches() ? Format.MM : null;
  }

  private static @Nullable Format row(
      String line, String all, String name, boolean comments, boolean separators) {
    String[] parts = line.split("[\\s,]+");
    int integers = 0;
    for (String part : parts) {
      if (!NUMBER.matcher(part).matches()) {
        return null;
      }
      if (INTEGER.matcher(part).matches()) {
        integers++;
      }
    }
    if (parts.length == 256 || parts.length == 512) {
      return Format.MATRIX;
    }
    return switch (parts.length) {
      case 3 -> pixel(parts) ? Format.XYC : null;
      case 4 -> four(parts, integers, all, name, comments, separators);
      case 6 -> integers == 6 && !parts[1].startsWith("-") ? Format.T3PA : null;
      default -> null;
    };
  }

  private static @Nullable Format four(
      String[] parts, int integers, String all, String name, boolean comments, boolean separators) {
    if (MM_FILE.matcher(name).matches()) {
      return Format.MM;
    }
    if (integers < 4) {
      boolean px = pixel(parts);
      boolean cl = INTEGER.matcher(parts[1]).matches() && parts[2].equals("0");
      return px || cl ? Format.MM : null;
    }
    // Four integers: uncalibrated MM pixels have lone # lines between clusters, Burda files have
    // not.
    boolean lone = separators || Pattern.compile("(?m)^#\\s*$").matcher(all).find();
    return lone && !comments && pixel(parts) ? Format.MM : Format.BURDA;
  }

  private static boolean pixel(String[] parts) {
    return INTEGER.matcher(parts[0]).matches()
        && INTEGER.matcher(parts[1]).matches()
        && side(parts[0])
        && side(parts[1]);
  }

  private static boolean side(String part) {
    return part.length() <= 3 && !part.startsWith("-") && Integer.parseInt(part) < 512;
  }
}
