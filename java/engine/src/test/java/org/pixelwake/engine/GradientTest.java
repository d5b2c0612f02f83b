package org.pixelwake.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pixelwake.engine.op.Convolution;
import org.pixelwake.engine.op.Loss;
import org.pixelwake.engine.op.Operation;
import org.pixelwake.engine.op.Residual;

/// The gradients that [Gradients] composes, against central differences, all in double precision
/// and without any backend: this proves the algebra of the fused interface.
final class GradientTest {
  /// Of the central differences: their error is about STEP^2, that of rounding 1e-16 / STEP.
  private static final double STEP = 1e-5;

  static List<SmallNets.Spec> nets() {
    return SmallNets.all();
  }

  @ParameterizedTest
  @MethodSource("nets")
  void gradientsAreCentralDifferences(SmallNets.Spec spec) {
    SmallNets.Net net = spec.trace(Storage.F32, name -> true);
    TensorValues v = net.draw(17);
    TensorValues done = v.copy();
    Reference.run(net.graph().operations(), done);
    double total = 0;
    for (String name : net.learned()) {
      Tensor parameter = net.graph().parameter(name);
      double[] gradient = done.get(net.graph().gradient(parameter));
      total += norm(gradient);
      Random random = new Random(name.hashCode());
      for (int k = 0; k < 3; k++) {
        double[] direction = direction(random, gradient.length, k);
        double expected = slope(net, v, parameter, direction);
        double scale = norm(gradient) * norm(direction) / Math.sqrt(gradient.length);
        assertEquals(expected, dot(gradient, direction), 1e-6 * scale + 1e-9, name);
      }
    }
    assertTrue(total > 0.1, "the gradients are nearly zero: " + total);
  }

  /// Two random directions, which see every element, then a single element.
  static double[] direction(Random random, int length, int k) {
    double[] direction = new double[length];
    if (k == 2) {
      direction[random.nextInt(length)] = 1;
      return direction;
    }
    for (int i = 0; i < length; i++) {
      direction[i] = random.nextGaussian();
    }
    return direction;
  }

  /// The derivative of the loss along a direction of a parameter.
  static double slope(SmallNets.Net net, TensorValues v, Tensor parameter, double[] direction) {
    double step = STEP / Math.max(1, norm(direction));
    double[] losses = new double[2];
    for (int side = 0; side < 2; side++) {
      TensorValues moved = v.copy();
      double[] values = moved.get(parameter);
      for (int i = 0; i < values.length; i++) {
        values[i] += (side == 0 ? -step : step) * direction[i];
      }
      losses[side] = net.loss(moved);
    }
    return (losses[1] - losses[0]) / (2 * step);
  }

  static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  static double norm(double[] a) {
    return Math.sqrt(dot(a, a));
  }

  @Test
  void dropPathDropsAndKeeps() {
    SmallNets.Net net = SmallNets.blocks("drop path", true).trace(Storage.F32, name -> true);
    TensorValues v = net.draw(17);
    Reference.run(net.graph().operations(), v);
    int dropped = 0;
    int kept = 0;
    for (Operation operation : net.graph().operations()) {
      if (operation instanceof Residual.DropPath drop) {
        for (double keep : v.get(drop.keep())) {
          dropped += keep == 0 ? 1 : 0;
          kept += keep == 0 ? 0 : 1;
        }
      }
    }
    assertTrue(dropped > 0 && kept > 0, dropped + " dropped, " + kept + " kept");
  }

  @Test
  void lossGradientIsACentralDifference() {
    SmallNets.Net net = SmallNets.all().getFirst().trace(Storage.F32, name -> true);
    Loss.Autoencoder loss = (Loss.Autoencoder) net.graph().operations().get(net.forward() - 1);
    TensorValues v = net.draw(23);
    Reference.run(net.graph().operations().subList(0, net.forward()), v);
    double[] gradient = v.get(loss.doutput());
    double[] output = v.get(loss.output());
    for (int i = 0; i < output.length; i++) {
      double[] losses = new double[2];
      for (int side = 0; side < 2; side++) {
        TensorValues moved = v.copy();
        moved.get(loss.output())[i] += side == 0 ? -STEP : STEP;
        Reference.run(loss, moved);
        losses[side] = moved.get(loss.losses())[0];
      }
      assertEquals((losses[1] - losses[0]) / (2 * STEP), gradient[i], 1e-9, "output " + i);
    }
  }

  @Test
  void frozenParametersGetNoGradientAndEndTheBackwardPass() {
    SmallNets.Net all = SmallNets.blocks("all", true).trace(Storage.F32, name -> true);
    SmallNets.Net head =
        SmallNets.blocks("head", true).trace(Storage.F32, name -> name.startsWith("head"));
    // Of the backward pass only the head's convolution is left, and it needs no input gradient.
    assertEquals(head.forward() + 1, head.graph().operations().size());
    Convolution.Backward last = (Convolution.Backward) head.graph().operations().getLast();
    assertNull(last.dx());
    assertNotNull(last.dweight());
    assertNotNull(last.dbias());

    SmallNets.Net frozen =
        SmallNets.blocks("frozen", true).trace(Storage.F32, name -> name.startsWith("a."));
    TensorValues expected = all.draw(5);
    TensorValues actual = frozen.draw(5);
    Reference.run(all.graph().operations(), expected);
    Reference.run(frozen.graph().operations(), actual);
    int compared = 0;
    for (String name : frozen.learned()) {
      Tensor gradient = frozen.graph().gradient(frozen.graph().parameter(name));
      if (!name.startsWith("a.")) {
        assertNull(gradient, name);
        continue;
      }
      Tensor other = all.graph().gradient(all.graph().parameter(name));
      double[] wanted = expected.get(other);
      double[] got = actual.get(gradient);
      for (int i = 0; i < wanted.length; i++) {
        assertEquals(wanted[i], got[i], 1e-12, name);
        compared++;
      }
    }
    assertTrue(compared > 100, compared + " compared");
  }
}
