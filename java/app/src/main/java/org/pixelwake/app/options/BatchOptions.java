package org.pixelwake.app.options;

import org.pixelwake.base.InputException;
import picocli.CommandLine.Option;

/// `--batch` of every command whose results do not depend on it.
public final class BatchOptions {
  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "32",
      description = "Clusters looked at in one run; changes nothing but the speed.")
  private int batch;

  /// Returns the number of clusters looked at in one run.
  ///
  /// @throws InputException where it is out of range
  public int size() {
    if (batch < 1) {
      throw new InputException("--batch", batch + " is too few", "Give 1 or more");
    }
    return batch;
  }
}
