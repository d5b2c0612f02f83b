package org.pixelwake.app.terminal;

import org.pixelwake.base.Version;
import picocli.CommandLine.IVersionProvider;

/// The lines that `pixelwake --version` prints: of Pixelwake, and of Java and the system below it.
public final class VersionLines implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {
      "Pixelwake " + Version.CURRENT,
      "Java " + Runtime.version() + ", " + property("os.name") + " " + property("os.arch")
    };
  }

  private static String property(String name) {
    return System.getProperty(name, "unknown");
  }
}
