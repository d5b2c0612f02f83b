package org.pixelwake.engine.op;

import static org.pixelwake.engine.ffi.Symbol.F32;
import static org.pixelwake.engine.ffi.Symbol.I32;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.ffi.Launch;
import org.pixelwake.engine.ffi.Symbol;
import org.pixelwake.engine.plan.Gradients;

/// Hits to images, on the device.
public final class Rasterize {
  private Rasterize() {}

  static final StructLayout RASTERIZE =
      Symbol.struct(
          "pw_rasterize",
          Symbol.fields(I32, "n side max_scale storage augment"),
          Symbol.fields(F32, "mask_fraction energy_scale toa_scale energy_threshold"),
          Symbol.fields(I32, "encoding"));

  static final Symbol FORWARD = Symbol.kernel("pw_rasterize_forward", 11);

  /// How the input shows the energy E of a hit, in keV or ToT. log(E) stands for ln(E / 4) /
  /// ln(2500 / 4), at least 0.
  public enum Energies {
    /// Channel 0 is sqrt(E / energy scale), at most 1, as published.
    SQRT(0),
    /// Channel 0 is log(E).
    LOG(1),
    /// Channel 0 is E / energy scale.
    LINEAR(2),
    /// Channels 0, 1 and 2 are sqrt(E / energy scale), log(E) and E / energy scale, which leaves no
    /// room for times and the threshold map.
    ALL(3);

    private final int code;

    Energies(int code) {
      this.code = code;
    }

    /// `PW_ENERGY_SQRT` ... of `kernels.h`.
    public int code() {
      return code;
    }
  }

  /// Number of the symmetries of a square: four turns, each with and without a reflection.
  public static final int SYMMETRIES = 8;

  /// How hits become an image; the constants are part of a trained network and are stored with it.
  ///
  /// @param side of the square image, in image pixels
  /// @param maxScale largest upsampling factor
  /// @param augment random rotations by 90 degrees and reflections
  /// @param symmetry of all images where they are not augmented: its two lower bits count turns by
  ///   90 degrees, the third is a reflection behind them; 0: none
  /// @param maskFraction probability of hiding a hit from the input
  /// @param energyScale energy that becomes 1
  /// @param toaScale time after the first hit, in ns, that becomes 1; 0 leaves the channel empty
  /// @param energyThreshold channel 2 marks the hits above this energy
  /// @param energies of the input; the target always shows [Energies#SQRT]
  public record Attributes(
      int side,
      int maxScale,
      boolean augment,
      int symmetry,
      float maskFraction,
      float energyScale,
      float toaScale,
      float energyThreshold,
      Energies energies) {
    /// Returns these attributes for images that are not augmented but turned by one of the
    /// [#SYMMETRIES].
    public Attributes turned(int by) {
      return new Attributes(
          side,
          maxScale,
          false,
          by,
          maskFraction,
          energyScale,
          toaScale,
          energyThreshold,
          energies);
    }
  }

  /// The hits of a batch, as arrays; those of image i start at `offsets[i]` and end before
  /// `offsets[i + 1]`.
  ///
  /// @param x columns, i16 (capacity)
  /// @param y rows, i16 (capacity)
  /// @param energy f32 (capacity)
  /// @param toa f32 (capacity), ns after the cluster's first hit
  /// @param offsets i32 (n + 1)
  /// @param ids i64 (n), numbers of the clusters, which key their random numbers
  public record Hits(Tensor x, Tensor y, Tensor energy, Tensor toa, Tensor offsets, Tensor ids) {}

  /// Writes the masked input and the whole target, each (n, side, side, 3); either may be null.
  public record Forward(
      Attributes attributes,
      Tensor step,
      Hits hits,
      @Nullable Tensor input,
      @Nullable Tensor target)
      implements Operation {
    @Override
    public String family() {
      return "rasterize";
    }

    @Override
    public String shape() {
      return attributes.side + "x" + attributes.side;
    }

    @Override
    public List<Tensor> inputs() {
      return List.of(step, hits.x, hits.y, hits.energy, hits.toa, hits.offsets, hits.ids);
    }

    @Override
    public List<Tensor> outputs() {
      return Operation.present(input, target);
    }

    @Override
    public void launch(Launch l) {
      Tensor image = outputs().getFirst();
      MemorySegment descriptor =
          l.struct(
              RASTERIZE,
              image.dim(0),
              attributes.side,
              attributes.maxScale,
              image.storage().code(),
              attributes.augment ? 1 : attributes.symmetry + 2,
              attributes.maskFraction,
              attributes.energyScale,
              attributes.toaScale,
              attributes.energyThreshold,
              attributes.energies.code());
      Hits h = hits;
      l.call(FORWARD, descriptor, step, h.x, h.y, h.energy, h.toa, h.offsets, h.ids, input, target);
    }

    @Override
    public void backward(Gradients g) {
      // Hits are data.
    }
  }
}
