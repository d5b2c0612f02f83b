package org.pixelwake.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/// Costs counted by hand.
class CostTest {
  private static final int F32 = 4;
  private static final int BF16 = 2;

  private static Cost cost(String line) {
    return OperationCases.parse(line).operation().cost();
  }

  @Test
  void pointwise() {
    long x = 2 * 3 * 4 * 5;
    long y = 2 * 3 * 4 * 6;
    long weight = 5 * 6;
    long bn = 4 * 5;
    long stats = 2 * 6;
    long products = 2 * 3 * 4 * weight;
    assertEquals(
        new Cost(F32 * (x + bn + weight + y + stats), 2 * products, 0, x),
        cost("pointwise forward n2h3w4c5o6 f32 bn_silu stats"));
    assertEquals(
        new Cost(BF16 * (x + y) + F32 * (weight + stats), 2 * products, 2 * products, 0),
        cost("pointwise forward n2h3w4c5o6 bf16 none stats"));
  }

  @Test
  void pointwiseBackward() {
    long x = 2 * 3 * 4 * 5;
    long y = 2 * 3 * 4 * 6;
    long weight = 5 * 6;
    long bytes = F32 * (x + weight + y + x + weight);
    assertEquals(
        new Cost(bytes, 2 * 2 * 24 * weight, 0, 0),
        cost("pointwise backward n2h3w4c5o6 f32 none grad=plain"));
    // Without the input's gradient one product is left.
    assertEquals(
        new Cost(F32 * (x + weight + y + weight), 2 * 24 * weight, 0, 0),
        cost("pointwise backward n2h3w4c5o6 f32 none grad=plain no_dx"));
  }

  @Test
  void depthwiseBackward() {
    long plane = 4 * 4 * 8;
    long weight = 9 * 8;
    long bn = 4 * 8;
    long coef = 3 * 8;
    long sums = 2 * 8;
    assertEquals(
        new Cost(
            BF16 * 4 * plane + F32 * (bn + weight + coef + sums + weight),
            2 * 2 * 9 * plane,
            0,
            plane),
        cost("depthwise backward n1h4w4c8 k3s1t0 bf16 bn_silu grad=bn"));
  }

  @Test
  void strided() {
    // Every output pixel has nine products, those with the padding included.
    assertEquals(2 * 9 * 2 * 2 * 8, cost("depthwise forward n1h4w4c8 k3s2t0 f32 none").flops());
    // Transposed, every input pixel has.
    assertEquals(2 * 9 * 4 * 4 * 8, cost("depthwise forward n1h4w4c8 k3s2t1 f32 none").flops());
  }

  @Test
  void limitsBoundTheCost() {
    Limits limits = new Limits(100, 400, 10, 1000, 50);
    assertEquals(2, limits.seconds(new Cost(20, 100, 0, 0)));
    assertEquals(Limits.Bound.MEMORY, limits.bound(new Cost(20, 100, 0, 0)));
    // 100 of the operations as dot products, 100 as additions and multiplications, 25 SiLU.
    Cost mixed = new Cost(5, 200, 100, 25);
    assertEquals(0.25 + 1 + 0.5, limits.seconds(mixed));
    assertEquals(Limits.Bound.ARITHMETIC, limits.bound(mixed));
    assertEquals(Limits.Bound.ACTIVATION, limits.bound(new Cost(5, 10, 10, 25)));
    // Without dot products all is multiplied and added.
    assertEquals(2.5, new Limits(100, 0, 10, 1000, 50).seconds(mixed));
  }
}
