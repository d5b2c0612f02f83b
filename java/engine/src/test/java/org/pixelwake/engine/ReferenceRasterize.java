package org.pixelwake.engine;

import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.pixelwake.base.Philox;
import org.pixelwake.engine.op.Operation;
import org.pixelwake.engine.op.Rasterize;

/// Hits to images, a pixel of the image at a time.
final class ReferenceRasterize implements FamilyReference {
  ReferenceRasterize() {}

  @Override
  public Set<String> names() {
    return Set.of("rasterize");
  }

  /// `rasterize forward nX side=S STORAGE toa=T mask=M [scale=5] [augment] [turned=0] [log | linear
  /// | all] [duplicates] [no_input] [no_target]`: clusters from one hit to some larger than the
  /// side, one of them empty.
  @Override
  public Operation operation(Spec spec, Draw draw, Map<Tensor, Tensor> aliases) {
    int n = spec.number("n");
    int side = Math.round(spec.real("side", 16));
    Random random = draw.random();
    int[] offsets = new int[n + 1];
    for (int i = 0; i < n; i++) {
      int hits = i == 2 ? 0 : i % 4 == 0 ? 1 + random.nextInt(3) : 1 + random.nextInt(60);
      offsets[i + 1] = offsets[i] + hits;
    }
    int hits = offsets[n];
    short[] x = new short[hits];
    short[] y = new short[hits];
    long[] ids = new long[n];
    boolean duplicates = spec.has("duplicates");
    for (int i = 0; i < n; i++) {
      ids[i] = random.nextLong();
      // A third of the clusters is larger than the side.
      int extent = 1 + random.nextInt(i % 3 == 1 ? 3 * side + 1 : side);
      int cornerX = random.nextInt(200);
      int cornerY = random.nextInt(200);
      for (int j = offsets[i]; j < offsets[i + 1]; j++) {
        x[j] = (short) (cornerX + random.nextInt(extent));
        y[j] = (short) (cornerY + random.nextInt(Math.max(1, extent / 2)));
        if (duplicates && j > offsets[i] && random.nextInt(3) == 0) {
          x[j] = x[j - 1];
          y[j] = y[j - 1];
        }
      }
    }
    Rasterize.Hits all =
        new Rasterize.Hits(
            draw.raw("x", 2 * hits, x),
            draw.raw("y", 2 * hits, y),
            draw.uniform("energy", 0.5, 120, hits),
            draw.uniform("toa", 0, 150, hits),
            draw.raw("offsets", 4 * (n + 1), offsets),
            draw.raw("ids", 8 * n, ids));
    Rasterize.Attributes a =
        new Rasterize.Attributes(
            side,
            Math.round(spec.real("scale", 5)),
            spec.has("augment"),
            Math.round(spec.real("turned", 0)),
            spec.real("mask", 0),
            100,
            spec.real("toa", 0),
            20,
            energies(spec));
    return new Rasterize.Forward(
        a,
        draw.stepTensor(draw.step(0.1f)),
        all,
        spec.has("no_input") ? null : draw.output("input", spec.storage(), n, side, side, 3),
        spec.has("no_target") ? null : draw.output("target", spec.storage(), n, side, side, 3));
  }

  private static Rasterize.Energies energies(Spec spec) {
    for (Rasterize.Energies each : Rasterize.Energies.values()) {
      if (spec.has(each.name().toLowerCase(Locale.ROOT))) {
        return each;
      }
    }
    return Rasterize.Energies.SQRT;
  }

  @Override
  public void run(Operation operation, TensorValues v, boolean rounds) {
    switch (operation) {
      case Rasterize.Forward op -> forward(op, v);
      default -> throw FamilyReference.unknown(operation);
    }
  }

  static void forward(Rasterize.Forward op, TensorValues v) {
    if (op.input() != null) {
      images(op, v, op.input(), true);
    }
    if (op.target() != null) {
      images(op, v, op.target(), false);
    }
  }

  private static void images(Rasterize.Forward op, TensorValues v, Tensor out, boolean masked) {
    double[] pixels = v.fresh(out);
    int[] offsets = v.ints(op.hits().offsets());
    int length = op.attributes().side() * op.attributes().side() * 3;
    for (int image = 0; image < out.dim(0); image++) {
      if (offsets[image] < offsets[image + 1]) {
        new Cluster(op, v, image).draw(masked, pixels, image * length);
      }
    }
  }

  private static final class Cluster {
    private final Rasterize.Attributes a;
    private final StepState step;
    private final long id;
    private final short[] x;
    private final short[] y;
    private final double[] energy;
    private final double[] toa;
    private final int first;
    private final int hits;
    private int left = Integer.MAX_VALUE;
    private int top = Integer.MAX_VALUE;
    private int right = Integer.MIN_VALUE;
    private int bottom = Integer.MIN_VALUE;

    Cluster(Rasterize.Forward op, TensorValues v, int image) {
      a = op.attributes();
      step = v.step(op.step());
      id = v.longs(op.hits().ids())[image];
      x = v.shorts(op.hits().x());
      y = v.shorts(op.hits().y());
      energy = v.get(op.hits().energy());
      toa = v.get(op.hits().toa());
      int[] offsets = v.ints(op.hits().offsets());
      first = offsets[image];
      hits = offsets[image + 1] - first;
      for (int j = first; j < first + hits; j++) {
        left = Math.min(left, x[j]);
        right = Math.max(right, x[j]);
        top = Math.min(top, y[j]);
        bottom = Math.max(bottom, y[j]);
      }
    }

    private long word(int counter3, int which) {
      int[] words = new int[4];
      Philox.block(
          (int) id,
          (int) (id >>> 32),
          (int) step.index(),
          counter3,
          (int) step.seed(),
          (int) (step.seed() >>> 32),
          words,
          0);
      return Integer.toUnsignedLong(words[which]);
    }

    private boolean[] hidden() {
      boolean[] hidden = new boolean[hits];
      boolean all = true;
      int spared = 0;
      for (int j = 0; j < hits; j++) {
        hidden[j] = word(j >> 2, j & 3) * 0x1p-32 < a.maskFraction();
        all &= hidden[j];
        if (word(j >> 2, j & 3) > word(spared >> 2, spared & 3)) {
          spared = j;
        }
      }
      if (all) {
        hidden[spared] = false;
      }
      return hidden;
    }

    void draw(boolean masked, double[] out, int at) {
      boolean[] hidden = masked ? hidden() : new boolean[hits];
      int side = a.side();
      int w = right - left + 1;
      int h = bottom - top + 1;
      int m = Math.max(w, h);
      int scale = m <= side ? Math.min(a.maxScale(), side / m) : 1;
      int shared = m <= side ? 1 : (m + side - 1) / side;
      int marginX = (side - (m <= side ? w * scale : Math.ceilDiv(w, shared))) / 2;
      int marginY = (side - (m <= side ? h * scale : Math.ceilDiv(h, shared))) / 2;
      for (int row = 0; row < side; row++) {
        for (int column = 0; column < side; column++) {
          double maximum = Double.NEGATIVE_INFINITY;
          double earliest = Double.POSITIVE_INFINITY;
          for (int j = 0; j < hits; j++) {
            int hitRow = Math.floorDiv(row - marginY, scale);
            int hitColumn = Math.floorDiv(column - marginX, scale);
            if (!hidden[j]
                && (y[first + j] - top) / shared == hitRow
                && (x[first + j] - left) / shared == hitColumn) {
              maximum = Math.max(maximum, energy[first + j]);
              earliest = Math.min(earliest, toa[first + j]);
            }
          }
          if (maximum > Double.NEGATIVE_INFINITY) {
            put(maximum, earliest, masked, out, at + 3 * augmented(row, column));
          }
        }
      }
    }

    private void put(double maximum, double earliest, boolean input, double[] out, int at) {
      Rasterize.Energies energies = input ? a.energies() : Rasterize.Energies.SQRT;
      double linear = maximum / a.energyScale();
      double logarithm = Math.log(Math.max(maximum, 4) / 4) / Math.log(2500.0 / 4);
      if (energies == Rasterize.Energies.ALL) {
        out[at] = Math.sqrt(linear);
        out[at + 1] = logarithm;
        out[at + 2] = linear;
        return;
      }
      out[at] =
          switch (energies) {
            case LOG -> logarithm;
            case LINEAR -> linear;
            default -> Math.sqrt(Math.min(linear, 1));
          };
      out[at + 1] = a.toaScale() > 0 ? Math.sqrt(Math.min(earliest / a.toaScale(), 1)) : 0;
      out[at + 2] = maximum > a.energyThreshold() ? 1 : 0;
    }

    private int augmented(int row, int column) {
      int side = a.side();
      long draw = a.augment() ? word(0xffffffff, 0) : a.symmetry();
      int r = row;
      int c = column;
      for (long turn = draw & 3; turn > 0; turn--) {
        int turned = c;
        c = side - 1 - r;
        r = turned;
      }
      if ((draw & 4) != 0) {
        c = side - 1 - c;
      }
      return r * side + c;
    }
  }
}
