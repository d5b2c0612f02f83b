package org.pixelwake.engine;

import static org.pixelwake.engine.Symbol.F32;
import static org.pixelwake.engine.Symbol.I32;
import static org.pixelwake.engine.Symbol.I64;
import static org.pixelwake.engine.Symbol.PTR;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The loss of the autoencoder's three heads, with its gradient in the same call.
public final class Loss {
  private Loss() {}

  static final StructLayout AUTOENCODER =
      MemoryLayout.structLayout(
              I32.withName("n"),
              I32.withName("h"),
              I32.withName("w"),
              I32.withName("storage"),
              F32.withName("image_weight"),
              F32.withName("cluster_weight"),
              F32.withName("threshold_weight"),
              F32.withName("hit_weight"),
              F32.withName("empty_weight"),
              F32.withName("mask_hit_weight"),
              F32.withName("mask_empty_weight"),
              F32.withName("bce_weight"),
              F32.withName("dice_weight"),
              I32.withName("reserved"))
          .withName("pw_autoencoder_loss");

  /// Columns of the per-image figures, as `kernels.h` lists them.
  public static final int COLUMNS = 12;

  static final Symbol WORKSPACE = Symbol.of("pw_autoencoder_loss_workspace", I64, PTR, PTR);
  static final Symbol FORWARD =
      Symbol.status("pw_autoencoder_loss_forward", PTR, PTR, PTR, PTR, PTR, PTR, PTR, PTR);

  /// Weights of the loss; formulas in `kernels.h`.
  ///
  /// @param image weight of the image's squared error in the total
  /// @param cluster weight of the cluster mask's loss
  /// @param threshold weight of the threshold mask's loss
  /// @param hit weight of a pixel inside the cluster in the squared error
  /// @param empty weight of a pixel outside it
  /// @param maskHit weight of a positive pixel in the cross-entropy
  /// @param maskEmpty weight of a negative one
  /// @param bce weight of the cross-entropy in a mask's loss
  /// @param dice weight of soft Dice in it
  public record Weights(
      float image,
      float cluster,
      float threshold,
      float hit,
      float empty,
      float maskHit,
      float maskEmpty,
      float bce,
      float dice) {
    /// The plain loss of the reference: mean squared error and cross-entropy over all pixels.
    public static final Weights PLAIN = new Weights(1, 1, 1, 1, 1, 1, 1, 1, 0);
  }

  /// losses (4): total, image, cluster, threshold; columns (n, 12); `doutput`, where wanted, the
  /// gradient of the total.
  public record Autoencoder(
      Weights weights,
      Tensor output,
      Tensor target,
      @Nullable Tensor doutput,
      Tensor losses,
      Tensor columns)
      implements Operation {
    @Override
    public String family() {
      return "loss";
    }

    @Override
    public String shape() {
      return output.dim(1) + "x" + output.dim(2);
    }

    @Override
    public List<Tensor> inputs() {
      return List.of(output, target);
    }

    @Override
    public List<Tensor> outputs() {
      return Operation.present(doutput, losses, columns);
    }

    // A sigmoid for each of the two masks.
    @Override
    public long activations() {
      return 2L * output.dim(0) * output.dim(1) * output.dim(2);
    }

    private MemorySegment descriptor(Launch l) {
      return l.struct(
          AUTOENCODER,
          output.dim(0),
          output.dim(1),
          output.dim(2),
          output.storage().code(),
          weights.image,
          weights.cluster,
          weights.threshold,
          weights.hit,
          weights.empty,
          weights.maskHit,
          weights.maskEmpty,
          weights.bce,
          weights.dice,
          0);
    }

    @Override
    public long workspace(Launch l) {
      return l.workspaceBytes(WORKSPACE, descriptor(l));
    }

    @Override
    public void launch(Launch l) {
      l.call(
          FORWARD,
          descriptor(l),
          l.pointer(output),
          l.pointer(target),
          l.pointer(doutput),
          l.pointer(losses),
          l.pointer(columns),
          l.workspace());
    }

    @Override
    public void backward(Gradients g) {
      if (doutput != null) {
        g.contribute(output, doutput);
      }
    }
  }
}
