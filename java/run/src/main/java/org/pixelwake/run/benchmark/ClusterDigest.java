package org.pixelwake.run.benchmark;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.dataset.ClusterTable;

/// SHA-256 of clusters and what is known of them, in their order.
///
/// A cluster's bytes, big-endian: its number of hits (4 bytes); of each hit column and row (2
/// each), and the IEEE 754 bits of energy and time of arrival (4 each); then the particle (4), and
/// the bits of its energy, theta and phi (4 each). All NaNs count as one.
final class ClusterDigest {
  private static final int HIT = 12;
  private static final int REST = 20;

  private final MessageDigest digest;

  ClusterDigest() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Returns the digest of all clusters of a table, in hexadecimal.
  static String of(ClusterTable table) {
    ClusterDigest digest = new ClusterDigest();
    for (int row = 0; row < table.count(); row++) {
      digest.add(table.cluster(row));
    }
    return digest.text();
  }

  void add(Cluster cluster) {
    int n = cluster.size();
    ByteBuffer bytes = ByteBuffer.allocate(REST + HIT * n);
    bytes.putInt(n);
    for (int i = 0; i < n; i++) {
      bytes
          .putShort(cluster.x()[i])
          .putShort(cluster.y()[i])
          .putInt(Float.floatToIntBits(cluster.energy()[i]))
          .putInt(Float.floatToIntBits(cluster.toa()[i]));
    }
    Truth truth = cluster.truth();
    bytes.putInt(truth == null ? Truth.UNKNOWN_PARTICLE : truth.particle());
    bytes.putInt(bits(truth == null ? Float.NaN : truth.energyMeV()));
    bytes.putInt(bits(truth == null ? Float.NaN : truth.thetaDegrees()));
    bytes.putInt(bits(truth == null ? Float.NaN : truth.phiDegrees()));
    digest.update(bytes.array());
  }

  private static int bits(float value) {
    return Float.floatToIntBits(value);
  }

  /// Returns the digest in hexadecimal; nothing is to be added after that.
  String text() {
    return HexFormat.of().formatHex(digest.digest());
  }
}
