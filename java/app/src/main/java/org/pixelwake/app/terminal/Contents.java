package org.pixelwake.app.terminal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.Map;
import org.pixelwake.timepix.EnergyUnit;

/// What `pixelwake info` knows of one file.
public sealed interface Contents permits SourceContents, DatasetContents, CheckpointContents {
  /// For programs.
  ObjectNode json();

  /// For people.
  void print(Console console);

  /// Prints ` name: value` with the values below each other.
  static void fact(PrintWriter out, String name, String value) {
    String key = "  " + name + ":";
    out.println(key + " ".repeat(Math.max(1, 18 - key.length())) + value);
  }

  /// Returns the words for what the energy of a hit is.
  static String quantity(EnergyUnit unit) {
    return unit == EnergyUnit.KEV ? "energy in keV" : "ToT in ticks";
  }

  /// Prints metadata, long values cut.
  static void metadata(Console console, Map<String, String> metadata) {
    if (metadata.isEmpty()) {
      return;
    }
    PrintWriter out = console.out();
    out.println("metadata");
    int room = console.look().textWidth() - 20;
    metadata.forEach((name, value) -> {
      String plain = value.strip().replaceAll("\\p{Cntrl}+", " ");
      fact(out, name, plain.length() > room ? plain.substring(0, room - 3) + "..." : plain);
    });
  }
}
