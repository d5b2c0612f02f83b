package org.pixelwake.base;

/// Version of Pixelwake.
public final class Version {
  private Version() {}

  /// As in the POM.
  public static final String CURRENT = "0.1.0-SNAPSHOT";
}
