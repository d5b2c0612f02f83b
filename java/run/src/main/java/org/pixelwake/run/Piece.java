package org.pixelwake.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.pixelwake.base.Progress;

/// A piece of a long work that can be interrupted anywhere.
///
/// @param name shown while it is done
/// @param done file that appears whole at its end, and tells that it is done
/// @param work returns false when it was asked to stop
public record Piece(String name, Path done, Predicate<Progress> work) {
  /// Does the pieces that are not done, one after the other.
  ///
  /// @param host shows the progress and says when to stop
  /// @return false where it was asked to stop
  public static boolean run(Host host, List<Piece> pieces) {
    for (int i = 0; i < pieces.size(); i++) {
      Piece piece = pieces.get(i);
      if (Files.exists(piece.done)) {
        continue;
      }
      if (host.stopRequested()) {
        return false;
      }
      String title = "[" + (i + 1) + "/" + pieces.size() + "] " + piece.name;
      long begun = System.nanoTime();
      try (Host.Shown line = host.progress(title)) {
        if (!piece.work.test(line)) {
          return false;
        }
      }
      double seconds = (System.nanoTime() - begun) / 1e9;
      host.notice(String.format(Locale.ROOT, "%s: %.0f s", title, seconds));
    }
    return true;
  }
}
