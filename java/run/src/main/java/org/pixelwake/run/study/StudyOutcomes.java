package org.pixelwake.run.study;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.zip.CRC32;
import org.pixelwake.training.metrics.Predictions;

/// Which test clusters a run tells right, so that two runs can be compared cluster by cluster.
///
/// @param checksum CRC-32 of the rows and labels of the clusters: the same where two runs of one
///   data set were measured on the same clusters
/// @param labels class of each cluster, one byte each
/// @param right one bit each, the first of a byte in its lowest bit
public record StudyOutcomes(long checksum, byte[] labels, byte[] right) {
  private static final int MOST_CLASSES = 256;

  /// @param rows of the test clusters in their data set, one for each prediction
  static StudyOutcomes of(Predictions predictions, int[] rows) {
    if (predictions.classes() > MOST_CLASSES) {
      throw new IllegalArgumentException(predictions.classes() + " classes do not fit a byte");
    }
    byte[] labels = new byte[rows.length];
    BitSet right = new BitSet(rows.length);
    ByteBuffer numbers = ByteBuffer.allocate(rows.length * Integer.BYTES);
    for (int i = 0; i < rows.length; i++) {
      labels[i] = (byte) predictions.label(i);
      right.set(i, predictions.correct(i));
      numbers.putInt(rows[i]);
    }
    CRC32 sum = new CRC32();
    sum.update(numbers.flip());
    sum.update(labels);
    return new StudyOutcomes(sum.getValue(), labels, right.toByteArray());
  }

  /// Returns true where both are of the same clusters.
  boolean sameClusters(StudyOutcomes other) {
    return checksum == other.checksum && Arrays.equals(labels, other.labels);
  }

  /// Returns the class of each cluster.
  int[] classes() {
    int[] classes = new int[labels.length];
    Arrays.setAll(classes, i -> Byte.toUnsignedInt(labels[i]));
    return classes;
  }

  /// Returns for each cluster true where it is told right.
  boolean[] rights() {
    BitSet bits = BitSet.valueOf(right);
    boolean[] rights = new boolean[labels.length];
    for (int i = 0; i < rights.length; i++) {
      rights[i] = bits.get(i);
    }
    return rights;
  }
}
