package org.pixelwake.validation;

import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import org.pixelwake.timepix.simulation.Material;
import org.pixelwake.timepix.simulation.MaterialLayer;
import org.pixelwake.timepix.simulation.Particle;
import org.pixelwake.timepix.simulation.TestBeam;

/// A beam straight into a layer of silicon.
record Beam(Particle particle, double energyMeV, double thicknessUm) {
  /// Sends particles, and returns a value of each for which it is not NaN.
  double[] values(int count, long seed, ToDoubleFunction<TestBeam.Passage> value) {
    DoubleStream.Builder values = DoubleStream.builder();
    MaterialLayer layer = new MaterialLayer(Material.SILICON, thicknessUm, false);
    new TestBeam(List.of(layer), particle, energyMeV)
        .run(count, seed, passage -> values.add(value.applyAsDouble(passage)));
    return values.build().filter(v -> !Double.isNaN(v)).toArray();
  }
}
