package org.pixelwake.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pixelwake.engine.ffi.Launch;
import org.pixelwake.engine.op.BatchNorm;
import org.pixelwake.engine.op.Convolution;
import org.pixelwake.engine.op.Hits;
import org.pixelwake.engine.op.HitsProduct;
import org.pixelwake.engine.op.Operation;
import org.pixelwake.engine.op.PoolLinear;
import org.pixelwake.engine.op.SqueezeExcite;
import org.pixelwake.engine.plan.Gradients;

/// `accumulate` of the descriptors: parameter gradients are added to what is there, everything else
/// is overwritten as before.
final class AccumulateTest {
  private static final double HELD = 0.75;

  static List<Devices.Choice> devices() {
    return Devices.all();
  }

  @ParameterizedTest
  @MethodSource("devices")
  void parameterGradientsAreAddedTo(Devices.Choice choice) {
    Assumptions.assumeTrue(choice.absent() == null, choice + ": " + choice.absent());
    try (Device device = choice.open(2)) {
      for (String line :
          List.of(
              "pointwise backward n2h7w9c13o21 f32 bn_silu grad=bn bias",
              "pointwise backward n2h3w3c48o9 bf16 bn_silu_gate grad=bn bias no_dx",
              "depthwise backward n1h7w9c13 k5s1t0 f32 bn_silu grad=bn_silu_gate",
              "depthwise backward n2h5w4c20 k3s2t1 f32 none grad=bn_silu_gate",
              "depthwise backward n2h7w6c20 k5s2t0 bf16 none grad=bn",
              "dense backward n2h9w8c3o24 k3s2t0 f32 none grad=bn no_dx bias",
              "dense backward n2h6w7c16o5 k3s2t1 f32 bn_silu grad=plain bias",
              "batchnorm backward n3h5w7c13 training",
              "squeeze_excite backward n3h3w2c40s10",
              "squeeze_excite backward n3h3w2c40s10 sites",
              "pool_linear linear_backward n3c13o7",
              "hits norm_backward n7c20 addend",
              "hits norm_backward n4c7 no_dgamma",
              "hits product_backward n7c13o20 around",
              "hits product_backward n7c20o5 gelu context addend",
              "hits product_backward n4c9o32 no_dx")) {
        check(device, OperationCases.parse(line));
      }
    }
  }

  private static void check(Device device, OperationCases.Case one) {
    Operation operation = one.operation();
    Bench bench = new Bench(operation, one.inputs(), one.aliases());
    Map<Tensor, byte[]> plain = bench.run(device, (byte) 0xff);
    Map<Tensor, double[]> held = new HashMap<>();
    for (Tensor gradient : parameterGradients(operation)) {
      double[] values = new double[Math.toIntExact(gradient.elements())];
      Arrays.fill(values, HELD);
      held.put(gradient, values);
    }
    assertTrue(!held.isEmpty());
    Map<Tensor, byte[]> added = bench.run(device, (byte) 0xff, accumulating(operation), held);
    plain.forEach((tensor, bytes) -> {
      String where = one.line() + ": " + tensor;
      if (!held.containsKey(tensor)) {
        assertArrayEquals(bytes, added.get(tensor), where);
        return;
      }
      double[] expected = Bench.decode(tensor, bytes);
      double[] actual = Bench.decode(tensor, added.get(tensor));
      for (int i = 0; i < expected.length; i++) {
        double tolerance = 1e-5 * (Math.abs(expected[i]) + 1);
        assertEquals(expected[i] + HELD, actual[i], tolerance, where);
      }
    });
  }

  private static List<Tensor> parameterGradients(Operation operation) {
    return switch (operation) {
      case Convolution.Backward op -> Operation.present(op.dweight(), op.dbias());
      case BatchNorm.Backward op -> Operation.present(op.dgamma(), op.dbeta());
      case SqueezeExcite.Backward op -> List.of(op.dw1(), op.db1(), op.dw2(), op.db2());
      case PoolLinear.LinearBackward op -> List.of(op.dweight(), op.dbias());
      case Hits.NormBackward op -> Operation.present(op.dgamma(), op.dbeta());
      case HitsProduct.Backward op -> Operation.present(op.dweight(), op.dbias());
      default -> throw new IllegalArgumentException(operation.toString());
    };
  }

  /// The records never accumulate, so their calls are repeated here with the descriptor's field
  /// set.
  private static Consumer<Launch> accumulating(Operation operation) {
    return switch (operation) {
      case Convolution.Backward op -> l -> convolution(op, l);
      case BatchNorm.Backward op -> l -> batchNorm(op, l);
      case SqueezeExcite.Backward op -> l -> squeezeExcite(op, l);
      case PoolLinear.LinearBackward op -> l -> linear(op, l);
      case Hits.NormBackward op -> l -> hitsNorm(op, l);
      case HitsProduct.Backward op -> l -> hitsProduct(op, l);
      default -> throw new IllegalArgumentException(operation.toString());
    };
  }

  private static void convolution(Convolution.Backward op, Launch l) {
    Gradients.OfRaw dy = op.dy();
    MemorySegment descriptor =
        Convolution.descriptor(l, op.attributes(), op.x(), op.y(), dy.kind().code(), true);
    MemorySegment gradient = l.struct(Convolution.GRADIENT, (Object[]) dy.fields(op.y()));
    l.call(
        op.attributes().family().backward(),
        descriptor,
        op.x(),
        op.weight(),
        gradient,
        l.struct(Convolution.INPUT_GRADIENT, op.dx(), op.addend(), op.sums()),
        op.dweight(),
        op.dbias(),
        l.workspace());
  }

  private static void batchNorm(BatchNorm.Backward op, Launch l) {
    int c = op.raw().dim(3);
    long count = op.raw().elements() / c;
    l.call(
        BatchNorm.BACKWARD,
        l.struct(BatchNorm.BATCHNORM, c, op.training() ? 1 : 0, count, 1e-3f, 0.1f, 1),
        op.sums(),
        op.bn(),
        op.dgamma(),
        op.dbeta(),
        op.coef());
  }

  private static void squeezeExcite(SqueezeExcite.Backward op, Launch l) {
    View x = op.x();
    MemorySegment descriptor =
        l.struct(
            SqueezeExcite.SQUEEZE_EXCITE,
            x.data().shape(),
            op.w1().dim(0),
            x.data().storage().code(),
            1);
    l.call(
        SqueezeExcite.BACKWARD,
        descriptor,
        op.sites(),
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
        op.sums(),
        l.workspace());
  }

  private static void linear(PoolLinear.LinearBackward op, Launch l) {
    l.call(
        PoolLinear.LINEAR_BACKWARD,
        l.struct(PoolLinear.LINEAR, op.x().dim(0), op.weight().dim(1), op.weight().dim(0), 1),
        op.x(),
        op.weight(),
        op.dy(),
        op.dx(),
        op.dweight(),
        op.dbias());
  }

  private static void hitsNorm(Hits.NormBackward op, Launch l) {
    l.call(
        Hits.NORM_BACKWARD,
        l.struct(Hits.NORM, op.rows().n(), op.x().dim(0), op.x().dim(1), op.eps(), 1),
        op.rows().offsets(),
        op.x(),
        op.gamma(),
        op.moments(),
        op.dy(),
        op.addend(),
        op.dx(),
        op.dgamma(),
        op.dbeta(),
        l.workspace());
  }

  private static void hitsProduct(HitsProduct.Backward op, Launch l) {
    HitsProduct.Factor factor = op.factor();
    Tensor x = factor.x();
    boolean around = factor.around();
    l.call(
        HitsProduct.PRODUCT_BACKWARD,
        l.struct(
            HitsProduct.PRODUCT,
            op.rows().n(),
            x.dim(0),
            x.dim(1),
            op.dy().dim(1),
            around ? Hits.NEIGHBOURS : 1,
            factor.gelu() ? 1 : 0,
            1),
        op.rows().offsets(),
        around ? op.rows().neighbours() : null,
        op.rows().cluster(),
        x,
        factor.context(),
        op.weight(),
        op.dy(),
        op.addend(),
        op.dx(),
        op.dcontext(),
        op.dweight(),
        op.dbias(),
        l.workspace());
  }
}
