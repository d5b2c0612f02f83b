package org.pixelwake.network;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.pixelwake.engine.Philox;

/// Draws the start of a parameter; the same seed and name give the same values everywhere.
final class Initialiser {
  private Initialiser() {}

  static float[] values(Layer.Spec spec, long seed) {
    float[] values = new float[spec.entry().elements()];
    switch (spec.start()) {
      case ZERO -> {}
      case ONE -> Arrays.fill(values, 1);
      case KAIMING_FAN_OUT -> {
        int[] shape = spec.entry().shape().stream().mapToInt(Integer::intValue).toArray();
        int fanOut = shape[0];
        for (int i = 2; i < shape.length; i++) {
          fanOut *= shape[i];
        }
        normal(values, Math.sqrt(2.0 / fanOut), seed, spec.entry().name());
      }
      case UNIFORM_FAN_IN ->
          uniform(values, 1 / Math.sqrt(spec.fanIn()), seed, spec.entry().name());
      case UNIFORM_OUTPUTS ->
          uniform(
              values, 1 / Math.sqrt(spec.entry().shape().getFirst()), seed, spec.entry().name());
    }
    return values;
  }

  private static void uniform(float[] values, double bound, long seed, String name) {
    Words words = new Words(seed, name);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) ((2 * words.next() - 1) * bound);
    }
  }

  // Box & Muller 1958: two uniform numbers make two normal ones.
  private static void normal(float[] values, double deviation, long seed, String name) {
    Words words = new Words(seed, name);
    for (int i = 0; i < values.length; i += 2) {
      double radius = deviation * Math.sqrt(-2 * Math.log(1 - words.next()));
      double angle = 2 * Math.PI * words.next();
      values[i] = (float) (radius * Math.cos(angle));
      if (i + 1 < values.length) {
        values[i + 1] = (float) (radius * Math.sin(angle));
      }
    }
  }

  /// A row of uniform numbers in [0, 1) that belongs to a seed and a name.
  private static final class Words {
    // Word 2 of the counter, so that no other use of the seed meets these numbers ("init").
    private static final int PURPOSE = 0x696e6974;

    private final int[] words = new int[4];
    private final long seed;
    private final int stream;
    private int next;

    Words(long seed, String name) {
      CRC32C crc = new CRC32C();
      crc.update(name.getBytes(StandardCharsets.UTF_8));
      this.seed = seed;
      this.stream = (int) crc.getValue();
    }

    double next() {
      if ((next & 3) == 0) {
        Philox.block(next >>> 2, stream, PURPOSE, 0, (int) seed, (int) (seed >>> 32), words, 0);
      }
      return Integer.toUnsignedLong(words[next++ & 3]) * 0x1p-32;
    }
  }
}
