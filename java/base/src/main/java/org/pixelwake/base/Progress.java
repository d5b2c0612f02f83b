package org.pixelwake.base;

/// Receives the state of a long piece of work; the command line shows it with rate and time left.
@FunctionalInterface
public interface Progress {
  /// Shows nothing.
  Progress NONE = (done, total, unit, note) -> {};

  /// Called often; the receiver decides how rarely it draws.
  ///
  /// @param done units finished
  /// @param total units in all, or -1 where it is not known
  /// @param unit plural noun of the unit, such as "clusters"
  /// @param note a few words shown beside it, such as the current loss
  void update(long done, long total, String unit, String note);
}
