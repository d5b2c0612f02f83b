package org.pixelwake.timepix.io.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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
  /// @param binary whether it holds something that is not text
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

  private static Found sniff(byte[] head, String name) {
    if (head.length == 0) {
      return new Found(null, true, false, "nothing");
    }
    String all = new String(head, StandardCharsets.ISO_8859_1);
    if (all.startsWith("root\0")) {
      return new Found(null, false, true, ROOT);
    }
    boolean text = text(head);
    int magic = all.indexOf("TPX3");
    if (magic >= 0 && magic + 8 <= head.length && (magic == 0 || !text)) {
      return new Found(Format.TPX3, false, true, "raw Timepix3 packets");
    }
    if (!text) {
      return new Found(null, false, true, "binary data of no known kind");
    }
    if (all.startsWith("\u00EF\u00BB\u00BF")) {
      all = all.substring(3);
    }
    // A line that the head cuts tells nothing, unless it is the only one.
    int lastEnd = all.lastIndexOf('\n');
    if (head.length == HEAD && lastEnd > 0) {
      all = all.substring(0, lastEnd);
    }
    return all.isBlank()
        ? new Found(null, true, false, "nothing but blanks")
        : new Found(text(all, name), false, false, "text of no known format");
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
      if (line.startsWith("#")) {
        comments |= COMMENT.matcher(line).matches();
        separators |= line.equals("#");
      } else if (line.startsWith("Frame ") && line.contains("(")) {
        return Format.CLOG;
      } else if (line.startsWith("[")) {
        if (all.toLowerCase(Locale.ROOT).contains("pxfile")) {
          return Format.MM;
        }
        return line.matches("(\\[[^\\[\\]]*\\]\\s*)+") ? Format.CLOG : null;
      } else if (line.startsWith("ParticleType=")) {
        return Format.SIM;
      } else if (line.startsWith("Index") && line.contains("Matrix Index")) {
        return Format.T3PA;
      } else if (!line.isEmpty()) {
        // Uncalibrated MM pixels have lone # lines between clusters, Burda files have not.
        boolean lone = separators || Pattern.compile("(?m)^#\\s*$").matcher(all).find();
        return row(line.split("[\\s,]+"), lone && !comments, MM_FILE.matcher(name).matches());
      }
    }
    return separators && MM_FILE.matcher(name).matches() ? Format.MM : null;
  }

  /// Format of a text by its first row of numbers.
  ///
  /// @param parted whether its lines `#` part clusters and are no comments
  /// @param mmFile whether it has a name of the files of an MM triplet
  private static @Nullable Format row(String[] parts, boolean parted, boolean mmFile) {
    if (!Stream.of(parts).allMatch(part -> NUMBER.matcher(part).matches())) {
      return null;
    }
    boolean integers = Stream.of(parts).allMatch(Sniffer::integer);
    boolean pixel = Stream.of(parts).limit(2).allMatch(Sniffer::side);
    return switch (parts.length) {
      case 256, 512 -> Format.MATRIX;
      case 3 -> pixel ? Format.XYC : null;
      case 4 -> {
        if (mmFile) {
          yield Format.MM;
        }
        if (integers) {
          yield parted && pixel ? Format.MM : Format.BURDA;
        }
        yield pixel || (integer(parts[1]) && parts[2].equals("0")) ? Format.MM : null;
      }
      case 6 -> integers && !parts[1].startsWith("-") ? Format.T3PA : null;
      default -> null;
    };
  }

  private static boolean integer(String part) {
    return INTEGER.matcher(part).matches();
  }

  private static boolean side(String part) {
    return part.length() <= 3 && part.matches("\\d+") && Integer.parseInt(part) < 512;
  }
}
