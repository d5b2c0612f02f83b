package org.pixelwake.engine;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/// The operation test table: one line a case, from which its record and inputs follow.
///
/// `mvn -pl java/engine test -Dtest=OperationTest -Dpixelwake.case="LINE" -Dpixelwake.seed=N` runs
/// one line alone, or several with semicolons between them.
final class OperationCases {
  private OperationCases() {}

  /// Keys the values of all cases and the shapes of the drawn ones.
  static final long SEED = Long.getLong("pixelwake.seed", 20260101L);

  /// An operation with inputs.
  ///
  /// @param aliases outputs that lie in an input's memory
  record Case(String line, Operation operation, Values inputs, Map<Tensor, Tensor> aliases) {}

  static Case parse(String line) {
    Spec spec = new Spec(line);
    Draw draw = new Draw(SEED, line);
    Map<Tensor, Tensor> aliases = new HashMap<>();
    Operation operation =
        switch (spec.family()) {
          case "pointwise", "depthwise", "dense" -> ConvolutionCases.operation(spec, draw, aliases);
          case "batchnorm" -> LayerCases.batchNorm(spec, draw);
          case "squeeze_excite" -> LayerCases.squeezeExcite(spec, draw);
          case "residual" -> LayerCases.residual(spec, draw);
          case "pool_linear" -> LayerCases.poolLinear(spec, draw);
          case "rasterize" -> DataCases.rasterize(spec, draw);
          case "loss" -> DataCases.loss(spec, draw);
          case "inference" -> InferenceCases.operation(spec, draw);
          case "optimizer" -> DataCases.optimizer(spec, draw);
          default -> throw new IllegalArgumentException("no family in the case `" + line + "`");
        };
    spec.checkAllRead();
    return new Case(line, operation, draw.values(), aliases);
  }

  /// The lines of `-Dpixelwake.case`, else the table and what is drawn beside it.
  static List<String> lines() {
    String asked = System.getProperty("pixelwake.case", "").strip();
    if (!asked.isEmpty()) {
      return List.of(asked.split("\\s*;\\s*"));
    }
    // A set, as the same line may be drawn twice.
    Set<String> lines = new LinkedHashSet<>(table());
    Random random = new Random(SEED);
    for (int i = 0; i < 150; i++) {
      lines.add(drawn(random));
    }
    return List.copyOf(lines);
  }

  static List<String> table() {
    return List.of(TABLE.strip().split("\n"));
  }

  private static String drawn(Random random) {
    // A third is large enough to be cut into blocks and given to several threads.
    boolean large = random.nextInt(3) == 0;
    int n = 1 + random.nextInt(random.nextInt(6) == 0 ? 12 : 3);
    int h = 1 + random.nextInt(large ? 36 : 11);
    int w = 1 + random.nextInt(large ? 36 : 11);
    int c = 1 + random.nextInt(large ? 90 : 40);
    String storage = random.nextInt(3) == 0 ? "bf16" : "f32";
    String transform = List.of("none", "bn_silu", "bn_silu_gate").get(random.nextInt(3));
    boolean transposed = random.nextInt(3) == 0;
    int stride = transposed ? 2 : 1 + random.nextInt(2);
    String shape =
        switch (random.nextInt(3)) {
          case 0 -> "pointwise %s n%dh%dw%d" + "c%do%d".formatted(c, 1 + random.nextInt(50));
          case 1 ->
              "depthwise %s n%dh%dw%dc"
                  + c
                  + " k%ds%dt%d".formatted(3 + 2 * random.nextInt(2), stride, transposed ? 1 : 0);
          default ->
              "dense %s n%dh%dw%d"
                  + (transposed ? "c%do5" : "c3o%d").formatted(c)
                  + " k3s%dt%d".formatted(stride, transposed ? 1 : 0);
        };
    boolean backward = random.nextInt(5) > 1;
    String line =
        shape.formatted(backward ? "backward" : "forward", n, h, w)
            + " "
            + storage
            + " "
            + transform;
    if (!backward) {
      return line + (random.nextInt(4) > 0 ? " stats" : "") + bias(line, random);
    }
    String kind = List.of("plain", "bn", "bn_silu_gate").get(random.nextInt(3));
    line += " grad=" + kind;
    line += kind.equals("bn") && random.nextBoolean() ? " keep" : "";
    line += List.of("", " addend", " addend_in_place", " no_dx").get(random.nextInt(4));
    line += random.nextInt(5) == 0 ? " no_dweight" : "";
    return line + bias(line, random).toLowerCase(Locale.ROOT);
  }

  private static String bias(String line, Random random) {
    return !line.startsWith("depthwise") && random.nextInt(3) == 0 ? " bias" : "";
  }

  private static final String TABLE =
      """
      pointwise forward n1h1w1c1o1 f32 none
      pointwise forward n2h7w9c13o21 f32 bn_silu stats
      pointwise forward n1h5w3c32o16 f32 bn_silu_gate stats
      pointwise forward n3h12w11c24o144 f32 none stats bias
      pointwise forward n2h8w8c40o240 bf16 bn_silu_gate stats
      pointwise forward n2h6w5c17o3 bf16 bn_silu bias
      pointwise forward n4h24w24c9o33 f32 bn_silu stats offset=30
      pointwise forward n2h3w3c448o160 f32 bn_silu_gate stats
      pointwise forward n1h40w40c7o18 f32 none stats
      pointwise forward n1h30w26c401o70 f32 bn_silu_gate stats
      pointwise forward n2h25w24c330o17 bf16 bn_silu stats
      pointwise forward n13h8w7c100o37 f32 bn_silu_gate stats bias
      pointwise backward n1h1w1c1o1 f32 none grad=plain
      pointwise backward n2h7w9c13o21 f32 bn_silu grad=bn
      pointwise backward n2h7w9c13o21 f32 bn_silu grad=bn keep addend
      pointwise backward n3h5w6c24o11 f32 bn_silu_gate grad=bn keep
      pointwise backward n2h8w8c33o40 f32 none grad=bn_silu_gate addend_in_place
      pointwise backward n2h8w8c33o40 f32 bn_silu grad=bn addend_in_place
      pointwise backward n2h4w5c20o10 f32 bn_silu_gate grad=bn no_dx
      pointwise backward n2h4w5c20o10 f32 bn_silu grad=plain bias no_dweight
      pointwise backward n2h4w5c20o5 f32 none grad=plain bias no_dx
      pointwise backward n2h9w7c48o19 bf16 bn_silu_gate grad=bn keep
      pointwise backward n2h9w7c19o48 bf16 none grad=bn_silu_gate addend
      pointwise backward n3h6w6c16o8 bf16 bn_silu grad=bn addend_in_place
      pointwise backward n2h3w3c160o448 f32 none grad=bn
      pointwise backward n1h40w40c7o18 f32 bn_silu grad=bn
      pointwise backward n1h30w26c70o401 f32 bn_silu grad=bn keep
      pointwise backward n1h27w27c401o30 f32 bn_silu_gate grad=bn keep
      pointwise backward n2h25w24c17o330 bf16 none grad=bn_silu_gate addend
      pointwise backward n13h8w7c37o100 f32 none grad=bn_silu_gate addend_in_place
      pointwise backward n13h8w7c100o37 f32 bn_silu_gate grad=bn keep bias
      pointwise backward n2h3w3c30o672 f32 bn_silu grad=bn_silu_gate
      pointwise backward n2h3w3c672o30 f32 bn_silu_gate grad=bn keep
      pointwise forward n1h3w5c8o8 bf16 none stats
      pointwise forward n2h9w8c16o32 bf16 bn_silu stats bias
      pointwise forward n3h12w11c24o144 bf16 none stats
      pointwise forward n2h12w11c144o24 bf16 bn_silu_gate stats
      pointwise forward n1h5w7c56o336 bf16 none stats
      pointwise forward n2h20w15c96o40 bf16 bn_silu_gate stats bias
      pointwise forward n1h30w31c48o72 bf16 bn_silu stats offset=30
      pointwise backward n3h7w5c24o112 bf16 none grad=bn
      pointwise backward n3h7w5c32o144 bf16 bn_silu grad=bn addend
      pointwise backward n3h7w5c16o192 bf16 none grad=bn addend_in_place
      pointwise backward n3h7w5c24o240 bf16 bn_silu_gate grad=bn
      pointwise backward n3h7w5c32o384 bf16 none grad=bn
      pointwise backward n3h7w5c8o672 bf16 none grad=bn
      pointwise backward n3h7w5c56o48 bf16 bn_silu_gate grad=bn keep
      pointwise backward n3h7w5c40o96 bf16 bn_silu grad=bn
      pointwise backward n3h7w5c64o112 bf16 none grad=bn addend
      pointwise backward n3h7w5c56o176 bf16 bn_silu_gate grad=bn keep
      pointwise backward n3h7w5c56o336 bf16 none grad=bn
      pointwise backward n3h7w5c144o24 bf16 bn_silu_gate grad=bn keep
      pointwise backward n3h7w5c192o48 bf16 bn_silu_gate grad=bn
      pointwise backward n3h7w5c336o56 bf16 bn_silu_gate grad=bn keep addend
      pointwise backward n3h7w5c672o112 bf16 bn_silu_gate grad=bn keep
      pointwise backward n3h7w5c960o160 bf16 bn_silu_gate grad=bn keep
      pointwise backward n3h7w5c272o204 bf16 bn_silu grad=bn
      pointwise backward n3h7w5c160o448 bf16 none grad=bn addend
      pointwise backward n3h7w5c1072o48 bf16 bn_silu_gate grad=bn keep
      pointwise backward n3h7w5c48o320 bf16 bn_silu grad=bn no_dx
      pointwise backward n3h7w5c200o24 bf16 bn_silu_gate grad=bn no_dweight
      pointwise backward n3h7w5c40o32 bf16 none grad=bn bias
      pointwise backward n1h16w20c32o24 bf16 bn_silu grad=plain
      pointwise backward n70h3w3c16o16 bf16 bn_silu_gate grad=bn keep
      depthwise forward n1h7w9c13 k3s1t0 f32 bn_silu stats
      depthwise forward n1h7w9c13 k5s2t0 f32 bn_silu stats
      depthwise forward n2h1w1c8 k5s1t0 f32 none stats
      depthwise forward n2h2w3c17 k5s2t0 f32 bn_silu stats
      depthwise forward n2h12w12c32 k3s2t0 f32 none
      depthwise forward n2h6w5c24 k3s2t1 f32 bn_silu stats
      depthwise forward n1h3w1c19 k5s2t1 f32 bn_silu stats
      depthwise forward n2h9w8c33 k5s1t0 bf16 bn_silu stats
      depthwise forward n2h5w7c40 k5s2t1 bf16 none stats
      depthwise forward n1h31w29c70 k5s1t0 f32 bn_silu stats offset=20
      depthwise forward n2h6w6c9 k3s1t0 f32 bn_silu_gate stats
      depthwise forward n9h6w7c160 k3s1t0 f32 bn_silu stats
      depthwise forward n9h7w6c300 k5s2t0 bf16 bn_silu stats
      depthwise forward n1h49w100c9 k5s1t0 f32 bn_silu stats
      depthwise forward n1h30w47c12 k5s2t1 f32 bn_silu stats
      depthwise forward n2h1w40c16 k5s2t0 f32 none stats
      depthwise forward n2h40w1c16 k3s2t1 f32 none stats
      depthwise forward n2h13w70c48 k3s1t0 bf16 bn_silu stats
      depthwise backward n2h6w35c72 k3s1t0 bf16 bn_silu grad=bn_silu_gate
      depthwise backward n3h5w9c36 k3s1t0 f32 bn_silu_gate grad=bn addend
      depthwise forward n2h13w70c48 k5s1t0 bf16 bn_silu stats
      depthwise backward n2h6w35c72 k5s1t0 bf16 bn_silu grad=bn_silu_gate
      depthwise backward n3h5w9c36 k5s1t0 f32 bn_silu_gate grad=bn addend
      depthwise forward n2h13w70c48 k3s2t0 bf16 bn_silu stats
      depthwise backward n2h6w35c72 k3s2t0 bf16 bn_silu grad=bn_silu_gate
      depthwise backward n3h5w9c36 k3s2t0 f32 bn_silu_gate grad=bn addend
      depthwise forward n2h13w70c48 k5s2t0 bf16 bn_silu stats
      depthwise backward n2h6w35c72 k5s2t0 bf16 bn_silu grad=bn_silu_gate
      depthwise backward n3h5w9c36 k5s2t0 f32 bn_silu_gate grad=bn addend
      depthwise forward n2h13w70c48 k3s2t1 bf16 bn_silu stats
      depthwise backward n2h6w35c72 k3s2t1 bf16 bn_silu grad=bn_silu_gate
      depthwise backward n3h5w9c36 k3s2t1 f32 bn_silu_gate grad=bn addend
      depthwise forward n2h13w70c48 k5s2t1 bf16 bn_silu stats
      depthwise backward n2h6w35c72 k5s2t1 bf16 bn_silu grad=bn_silu_gate
      depthwise backward n3h5w9c36 k5s2t1 f32 bn_silu_gate grad=bn addend
      depthwise backward n1h7w9c13 k3s1t0 f32 bn_silu grad=bn_silu_gate
      depthwise backward n1h7w9c13 k5s2t0 bf16 bn_silu_gate grad=bn_silu_gate addend
      depthwise backward n2h1w1c8 k5s1t0 f32 none grad=bn
      depthwise backward n2h2w3c17 k5s2t0 f32 bn_silu grad=bn_silu_gate
      depthwise backward n2h12w12c32 k3s2t0 f32 none grad=plain addend_in_place
      depthwise backward n2h6w5c24 k3s2t1 f32 bn_silu grad=bn_silu_gate
      depthwise backward n1h3w1c19 k5s2t1 f32 bn_silu grad=bn addend
      depthwise backward n2h9w8c33 k5s1t0 bf16 bn_silu grad=bn
      depthwise backward n2h5w7c40 k5s2t1 bf16 none grad=bn_silu_gate
      depthwise backward n2h6w6c9 k3s1t0 f32 bn_silu_gate grad=bn keep
      depthwise backward n2h6w6c24 k3s1t0 f32 bn_silu grad=bn_silu_gate no_dx
      depthwise backward n2h6w6c24 k5s1t0 f32 bn_silu grad=bn_silu_gate no_dweight
      depthwise backward n1h31w29c70 k5s1t0 f32 bn_silu grad=bn_silu_gate
      depthwise backward n2h13w13c36 k5s2t0 f32 bn_silu grad=bn_silu_gate
      depthwise backward n9h6w7c160 k3s1t0 f32 bn_silu grad=bn_silu_gate
      depthwise backward n9h7w6c300 k5s2t0 bf16 bn_silu grad=bn_silu_gate
      depthwise backward n1h49w100c9 k5s1t0 f32 bn_silu grad=bn_silu_gate
      depthwise backward n1h30w47c12 k5s2t1 f32 bn_silu grad=bn_silu_gate
      depthwise backward n2h1w40c16 k5s2t0 f32 bn_silu_gate grad=bn
      depthwise backward n2h40w1c16 k3s2t1 f32 bn_silu grad=bn
      depthwise backward n1h96w95c8 k3s2t0 f32 bn_silu grad=bn_silu_gate
      dense forward n2h9w11c3o32 k3s2t0 f32 none stats
      dense forward n1h2w1c3o13 k3s2t0 f32 none stats bias
      dense forward n2h7w5c3o9 k3s1t0 f32 bn_silu stats
      dense forward n2h6w7c16o5 k3s2t1 f32 none bias
      dense forward n1h5w4c23o5 k3s2t1 f32 bn_silu bias
      dense forward n2h4w3c8o5 k3s2t1 bf16 bn_silu_gate bias stats
      dense forward n2h9w8c3o24 k3s2t0 bf16 none stats
      dense forward n1h1w1c3o8 k3s2t0 f32 none
      dense forward n2h48w48c3o48 k3s2t0 f32 none stats offset=10
      dense forward n2h20w70c3o48 k3s2t0 bf16 none stats
      dense forward n3h22w136c3o32 k3s2t0 f32 none stats bias offset=10
      dense forward n3h9w35c48o5 k3s2t1 bf16 bn_silu bias
      dense forward n1h17w64c32o5 k3s2t1 f32 bn_silu_gate bias
      dense forward n2h8w9c24o3 k3s2t1 bf16 none
      dense forward n1h6w10c5o40 k3s2t0 bf16 none stats
      dense backward n2h20w70c3o48 k3s2t0 bf16 none grad=bn no_dx
      dense backward n3h18w130c3o32 k3s2t0 f32 none grad=bn keep no_dx bias
      dense backward n1h6w10c5o40 k3s2t0 bf16 none grad=plain no_dx
      dense backward n3h9w35c48o5 k3s2t1 bf16 bn_silu grad=plain bias
      dense backward n1h17w64c32o5 k3s2t1 f32 bn_silu grad=plain addend
      dense backward n2h8w9c24o3 k3s2t1 bf16 none grad=plain addend_in_place
      dense backward n2h8w9c48o5 k3s2t1 bf16 bn_silu grad=plain no_dweight
      dense backward n2h8w9c96o5 k3s2t1 bf16 bn_silu grad=plain no_dx
      dense backward n2h9w11c3o32 k3s2t0 f32 none grad=bn no_dx
      dense backward n2h9w11c3o32 k3s2t0 f32 none grad=bn
      dense backward n1h2w1c3o13 k3s2t0 f32 none grad=plain bias
      dense backward n2h7w5c3o9 k3s1t0 f32 bn_silu grad=bn keep addend
      dense backward n2h6w7c16o5 k3s2t1 f32 none grad=plain bias
      dense backward n1h5w4c23o5 k3s2t1 f32 bn_silu grad=plain bias addend_in_place
      dense backward n2h4w3c8o5 k3s2t1 bf16 bn_silu_gate grad=plain bias
      dense backward n2h9w8c3o24 k3s2t0 bf16 none grad=bn
      dense backward n1h1w1c3o8 k3s2t0 f32 none grad=bn_silu_gate
      dense backward n2h6w7c16o5 k3s2t1 f32 none grad=plain no_dweight
      dense backward n2h24w24c16o5 k3s2t1 f32 bn_silu grad=plain bias
      dense backward n3h48w47c3o32 k3s2t0 f32 none grad=bn no_dx
      dense backward n1h48w48c32o5 k3s2t1 f32 none grad=plain bias
      dense backward n2h33w21c3o17 k3s1t0 f32 bn_silu_gate grad=bn_silu_gate addend
      batchnorm forward n3h5w7c13 training
      batchnorm forward n1h1w1c5 training
      batchnorm forward n2h3w4c9r3 training
      batchnorm forward n2h8w8c64
      batchnorm backward n3h5w7c13 training
      batchnorm backward n2h3w4c9r3 training
      batchnorm backward n3h5w7c13
      batchnorm backward n2h3w3c8 training no_dgamma no_dbeta
      batchnorm apply n2h5w7c13 f32 none
      batchnorm apply n2h5w7c13 f32 bn
      batchnorm apply n2h5w7c13 f32 bn_silu
      batchnorm apply n3h4w3c40 bf16 bn_silu_gate
      batchnorm apply n1h1w1c1 f32 bn_silu_gate
      batchnorm apply n1h9w9c21 bf16 bn
      batchnorm apply n2h60w61c17 f32 bn_silu_gate
      squeeze_excite forward n2h5w7c13s4 f32
      squeeze_excite forward n1h1w1c1s1 f32
      squeeze_excite forward n3h8w8c96s4 f32
      squeeze_excite forward n2h6w5c33s9 bf16
      squeeze_excite forward n9h4w4c144s6 f32
      squeeze_excite forward n3h33w32c40s3 f32
      squeeze_excite backward n2h5w7c13s4
      squeeze_excite backward n1h1w1c1s1
      squeeze_excite backward n9h4w4c144s6
      squeeze_excite backward n3h3w2c40s10
      residual forward n2h5w7c13 f32 none keep
      residual forward n2h5w7c13 f32 bn_silu
      residual forward n2h5w7c13 f32 no_skip
      residual forward n3h4w4c24 bf16 none
      residual forward n3h4w5c7 bf16 bn_silu keep
      residual forward n1h1w1c1 f32 no_skip keep
      residual forward n3h40w41c20 f32 bn_silu keep
      residual backward n2h5w7c13 f32 keep
      residual backward n2h5w7c13 f32
      residual backward n3h6w5c40 bf16 keep
      residual backward n1h1w1c1 f32
      residual backward n4h20w20c17 f32 keep
      residual backward n3h40w41c40 f32 keep
      residual backward n3h40w41c41 bf16 keep
      residual drop_path n64l3 p=0.2
      residual drop_path n7l0 p=0
      residual drop_path n33l41 p=0.75
      residual drop_path n33l2f1000 p=0.5
      pool_linear pool_forward n2h5w7c13 f32
      pool_linear pool_forward n3h3w3c100 bf16
      pool_linear pool_forward n1h1w1c1 f32
      pool_linear pool_forward n3h40w40c33 f32
      pool_linear pool_backward n2h5w7c13 f32
      pool_linear pool_backward n3h3w3c100 bf16
      pool_linear pool_backward n1h1w1c1 f32
      pool_linear pool_backward n3h40w40c33 f32
      pool_linear linear_forward n3c13o7
      pool_linear linear_forward n1c1o1
      pool_linear linear_forward n5c160o100
      pool_linear linear_backward n3c13o7
      pool_linear linear_backward n3c13o7 no_dx
      pool_linear linear_backward n1c1o1
      pool_linear linear_backward n5c160o100
      pool_linear dropout_forward n1c1 p=0.5
      pool_linear dropout_forward n3c13 p=0.2
      pool_linear dropout_forward n5c160l3f70 p=0.75
      pool_linear dropout_forward n2c7 p=0
      pool_linear dropout_backward n3c13 p=0.2
      pool_linear dropout_backward n300c18f5 p=0.4
      rasterize forward n9 side=16 f32 toa=100 mask=0.25 augment
      rasterize forward n9 side=16 f32 toa=100 mask=0.5 no_target
      rasterize forward n5 side=8 bf16 toa=0 mask=0 augment no_input
      rasterize forward n7 side=13 bf16 toa=50 mask=0.9 scale=3
      rasterize forward n6 side=5 f32 toa=100 mask=0.5 augment scale=16
      rasterize forward n3 side=1 f32 toa=100 mask=0
      rasterize forward n33 side=24 f32 toa=80 mask=0.5 augment duplicates
      loss autoencoder n3h7w5 f32 plain
      loss autoencoder n3h7w5 f32
      loss autoencoder n2h9w8 f32 no_doutput
      loss autoencoder n2h9w8 bf16
      loss autoencoder n1h1w1 f32
      loss autoencoder n3h6w6 f32 no_empty
      loss autoencoder n2h64w65 f32
      loss autoencoder n2h5w5 f32 plain large
      loss autoencoder n3h7w5 f32 global=12
      loss autoencoder n2h9w8 bf16 global=2
      loss supervised n7c4t0
      loss supervised n9c5t0 smooth=0.1 weighted
      loss supervised n6c0t3
      loss supervised n33c7t2 smooth=0.2 weighted
      loss supervised n300c3t1 weighted
      loss supervised n8c3t2 part=0 no_doutput
      loss supervised n8c4t2 smooth=0.1 large
      loss supervised n1c1t1
      optimizer norm n1
      optimizer norm n1003
      optimizer norm n200001
      optimizer norm n100001p9
      optimizer norm n40000p200
      optimizer adamw n1003 decay=0.1 clip=0.5
      optimizer adamw n1003 decay=0.1 clip=1e6
      optimizer adamw n17 decay=0 clip=0 no_ema
      optimizer adamw n1 decay=0.01 clip=0
      optimizer adamw n70001 decay=0.05 clip=1
      optimizer adamw n70001 decay=0.05 clip=0 measured
      optimizer adamw n90001p7 decay=0.1 clip=0 measured
      optimizer adamw n40000p200 decay=0.1 clip=1 no_ema
      optimizer adamw n33p2 decay=0.1 clip=0 no_ema measured
      optimizer average n1003
      optimizer average n1
      inference pointwise n1h1w1c1o1 f32
      inference pointwise n2h7w9c13o21 f32 silu mean
      inference pointwise n3h1w1c33o70 f32 sigmoid
      inference pointwise n2h5w4c40o17 bf16 silu mean
      inference pointwise n3h1w1c13o70 bf16 sigmoid
      inference pointwise n5h12w11c100o37 f32 silu mean
      inference pointwise n5h12w11c101o300 bf16 mean
      inference pointwise n9h3w3c448o96 bf16 silu mean
      inference dense n1h1w1c3o8 k3s2 f32 silu
      inference dense n2h9w11c3o32 k3s2 f32 silu
      inference dense n2h9w8c3o21 k3s2 bf16 silu
      inference dense n1h7w6c5o13 k5s1 f32
      inference dense n2h48w47c3o48 k3s2 bf16 silu
      inference block n1h1w1c1o1e2 k3s1q1 f32
      inference block n2h7w9c13o21e40 k3s1q4 f32
      inference block n1h7w9c16o16e96 k5s1q4 f32 residual
      inference block n2h6w5c17o24e33 k5s2q5 f32
      inference block n2h9w8c24o24 k3s1q6 f32 residual
      inference block n5h2w3c8o40e48 k5s2q2 bf16
      inference block n6h16w15c24o24e144 k3s1q6 f32 residual
      inference block n6h16w15c24o24e144 k3s1q6 bf16 residual
      inference block n3h13w21c7o9e30 k3s2q2 bf16
      inference block n4h48w47c8o8 k3s1q2 bf16 residual
      inference block n9h3w3c112o112e672 k5s1q28 bf16 residual
      inference block n9h3w3c112o112e672 k5s1q28 f32 residual
      inference block n1h30w29c33o40e72 k5s2q8 f32
      """;
}
