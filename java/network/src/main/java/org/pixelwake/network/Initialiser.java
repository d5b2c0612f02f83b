package org.pixelwake.network;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.ObjIntConsumer;
import java.util.zip.CRC32C;
import org.pixelwake.base.Philox;

/// Draws the start of a parameter; the same seed and name give the same values everywhere.
final class Initialiser {
  private Initialiser() {}

  static ObjIntConsumer<float[]> values(Layer.Spec spec, long seed) {
    List<Integer> shape = spec.entry().shape();
    Words words = new Words(seed, spec.entry().name());
    return switch (spec.start()) {
      case ZERO -> (piece, count) -> Arrays.fill(piece, 0, count, 0);
      case ONE -> (piece, count) -> Arrays.fill(piece, 0, count, 1);
      case KAIMING_FAN_OUT -> {
        int fanOut = shape.getFirst();
        for (int side : shape.subList(Math.min(2, shape.size()), shape.size())) {
          fanOut *= side;
        }
        yield normal(words, Math.sqrt(2.0 / fanOut));
      }
      case UNIFORM_FAN_IN -> uniform(words, 1 / Math.sqrt(spec.fanIn()));
      case UNIFORM_OUTPUTS -> uniform(words, 1 / Math.sqrt(shape.getFirst()));
    };
  }

  private static ObjIntConsumer<float[]> uniform(Words words, double bound) {
    return (piece, count) -> {
      for (int i = 0; i < count; i++) {
        piece[i] = (float) ((2 * words.next() - 1) * bound);
      }
    };
  }

  // Box & Muller 1958: two uniform numbers make two normal ones. All pieces but the last are even.
  private static ObjIntConsumer<float[]> normal(Words words, double deviation) {
    return (piece, count) -> {
      for (int i = 0; i < count; i += 2) {
        double radius = deviation * Math.sqrt(-2 * Math.log(1 - words.next()));
        double angle = 2 * Math.PI * words.next();
        piece[i] = (float) (radius * Math.cos(angle));
        if (i + 1 < count) {
          piece[i + 1] = (float) (radius * Math.sin(angle));
        }
      }
    };
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
