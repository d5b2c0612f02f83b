package org.pixelwake.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pixelwake.engine.op.Convolution;
import org.pixelwake.engine.op.Inference;
import org.pixelwake.engine.op.Operation;
import org.pixelwake.engine.op.PoolLinear;
import org.pixelwake.engine.op.SqueezeExcite;
import org.pixelwake.engine.plan.Gradients;

/// Averages over sites where all of them are active, and where none is.
final class SitesTest {
  private static final List<String> LINES =
      List.of(
          "pool_linear pool_forward n3h7w9c37 f32",
          "pool_linear pool_forward n2h20w17c20 bf16",
          "pool_linear pool_backward n3h7w9c37 f32",
          "pool_linear pool_backward n2h20w17c20 bf16",
          "squeeze_excite forward n3h7w9c37s5 f32",
          "squeeze_excite forward n3h33w32c40s3 f32",
          "squeeze_excite forward n2h6w5c33s9 bf16",
          "squeeze_excite backward n9h4w4c144s6",
          "pointwise backward n3h4w5c20o33 f32 bn_silu grad=bn_silu_gate",
          "pointwise backward n3h9w7c19o48 bf16 none grad=bn_silu_gate",
          "depthwise backward n3h7w9c13 k3s1t0 f32 bn_silu grad=bn_silu_gate",
          "depthwise backward n2h13w11c36 k5s2t0 bf16 bn_silu grad=bn_silu_gate",
          "dense backward n2h33w21c3o17 k3s1t0 f32 bn_silu grad=bn_silu_gate",
          "inference pointwise n5h12w11c100o37 f32 silu mean",
          "inference pointwise n9h3w3c448o96 bf16 silu mean",
          "inference block n2h7w9c13o21e40 k3s1q4 f32",
          "inference block n6h16w15c24o24e144 k3s1q6 f32 residual",
          "inference block n9h3w3c112o112e672 k5s1q28 bf16 residual");

  static List<Devices.Choice> devices() {
    return Devices.all();
  }

  /// The same operation over sites that are all active, or all not.
  private static Operation over(Operation operation, boolean active, TensorValues v) {
    return switch (operation) {
      case PoolLinear.PoolForward op ->
          new PoolLinear.PoolForward(op.x(), sites(op.x().data(), active, v), op.embedding());
      case PoolLinear.PoolBackward op ->
          new PoolLinear.PoolBackward(
              op.x(), sites(op.x().data(), active, v), op.dembedding(), op.dz(), op.sums());
      case SqueezeExcite.Forward op ->
          new SqueezeExcite.Forward(
              op.x(),
              sites(op.x().data(), active, v),
              op.w1(),
              op.b1(),
              op.w2(),
              op.b2(),
              op.pooled(),
              op.hidden(),
              op.gate());
      case SqueezeExcite.Backward op ->
          new SqueezeExcite.Backward(
              op.x(),
              sites(op.x().data(), active, v),
              op.w1(),
              op.w2(),
              op.pooled(),
              op.hidden(),
              op.gate(),
              op.gateSums(),
              op.dw1(),
              op.db1(),
              op.dw2(),
              op.db2(),
              op.dpool(),
              op.sums());
      case Convolution.Backward op -> {
        Gradients.OfRaw dy = op.dy();
        yield new Convolution.Backward(
            op.attributes(),
            op.x(),
            op.weight(),
            op.y(),
            new Gradients.OfRaw(
                dy.kind(),
                dy.dy(),
                dy.coef(),
                dy.keep(),
                dy.bn(),
                dy.gate(),
                dy.dpool(),
                sites(op.y(), active, v)),
            op.addend(),
            op.dx(),
            op.sums(),
            op.dweight(),
            op.dbias());
      }
      case Inference.Pointwise op ->
          new Inference.Pointwise(
              op.x(), sites(op.y(), active, v), op.packed(), op.activation(), op.y(), op.mean());
      case Inference.Block op ->
          new Inference.Block(op.x(), sites(op.y(), active, v), op.block(), op.weights(), op.y());
      default -> throw new IllegalArgumentException(operation.toString());
    };
  }

  private static Tensor sites(Tensor of, boolean active, TensorValues v) {
    int n = of.dim(0);
    int pixels = of.dim(1) * of.dim(2);
    double[] all = new double[n * (pixels + 1)];
    if (active) {
      Arrays.fill(all, 0, n * pixels, 1);
      Arrays.fill(all, n * pixels, all.length, pixels);
    }
    Tensor sites = new Tensor("sites", Tensor.Role.INPUT, Storage.F32, all.length);
    v.putRounded(sites, all);
    return sites;
  }

  @ParameterizedTest
  @MethodSource("devices")
  void whereAllAreActiveTheBitsAreThoseOfPlainAverages(Devices.Choice choice) {
    Assumptions.assumeTrue(choice.absent() == null, choice + ": " + choice.absent());
    try (Device device = choice.open(2)) {
      for (String line : LINES) {
        OperationCases.Case one = OperationCases.parse(line);
        Map<Tensor, byte[]> plain =
            new Bench(one.operation(), one.inputs(), one.aliases()).run(device, (byte) 0xff);
        TensorValues values = one.inputs().copy();
        Operation masked = over(one.operation(), true, values);
        Map<Tensor, byte[]> all = new Bench(masked, values, one.aliases()).run(device, (byte) 0xff);
        assertEquals(plain.keySet(), all.keySet());
        plain.forEach(
            (tensor, bytes) -> assertArrayEquals(bytes, all.get(tensor), line + ": " + tensor));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void whereNoneIsActiveAveragesAreZero(Devices.Choice choice) {
    Assumptions.assumeTrue(choice.absent() == null, choice + ": " + choice.absent());
    try (Device device = choice.open(2)) {
      for (String line : LINES) {
        OperationCases.Case one = OperationCases.parse(line);
        TensorValues values = one.inputs().copy();
        Operation masked = over(one.operation(), false, values);
        new Bench(masked, values, one.aliases())
            .run(device, (byte) 0xff)
            .forEach((tensor, bytes) -> {
              boolean average =
                  List.of("embedding", "pooled", "mean", "dz").contains(tensor.name());
              for (double value : Bench.decode(tensor, bytes)) {
                assertTrue(Double.isFinite(value), line + ": " + tensor);
                assertTrue(!average || value == 0, line + ": " + tensor);
              }
            });
      }
    }
  }
}
