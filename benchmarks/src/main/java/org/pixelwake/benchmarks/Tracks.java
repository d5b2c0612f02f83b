package org.pixelwake.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.ClusterBuilder;
import org.pixelwake.timepix.clustering.ClusterOptions;
import org.pixelwake.timepix.clustering.ClusterStream;
import org.pixelwake.timepix.sensor.Sensor;
import org.pixelwake.timepix.simulation.Angles;
import org.pixelwake.timepix.simulation.Particle;
import org.pixelwake.timepix.simulation.Simulator;
import org.pixelwake.timepix.simulation.Source;
import org.pixelwake.timepix.simulation.Spectrum;

/// Where the clusters of a [HitStream] are from.
public enum Tracks {
  /// Random walks of six hits in the mean over pixels that touch, within 60 ns.
  WALKS {
    @Override
    List<Cluster> take(Path measured) {
      Random random = new Random(SEED);
      List<Cluster> tracks = new ArrayList<>();
      ClusterBuilder builder = new ClusterBuilder();
      while (tracks.size() < COUNT) {
        int size = 1 + (int) (-Math.log(1 - random.nextDouble()) * (WALK_HITS - 1));
        int column = random.nextInt(SIDE);
        int row = random.nextInt(SIDE);
        for (int k = 0; k < size; k++) {
          builder.add(column, row, 1 + random.nextInt(MOST_WALK_TOT), random.nextInt(WALK_NS));
          int step = random.nextBoolean() ? 1 : -1;
          if (random.nextBoolean()) {
            column = Math.clamp(column + step, 0, SIDE - 1);
          } else {
            row = Math.clamp(row + step, 0, SIDE - 1);
          }
        }
        tracks.add(builder.build(0));
      }
      return tracks;
    }
  },

  /// Clusters of a file of a Timepix3, each seen once, in the order of the file.
  MEASURED {
    @Override
    List<Cluster> take(Path measured) {
      List<Cluster> tracks = new ArrayList<>();
      try (ClusterStream clusters = ClusterStream.open(measured, ClusterOptions.defaults())) {
        clusters.forEachRemaining(tracks::add);
      }
      return tracks;
    }
  },

  /// Electrons, muons, pions and protons of a mixed field in 500 um of silicon.
  SIMULATED {
    @Override
    List<Cluster> take(Path measured) {
      List<Cluster> tracks = new ArrayList<>();
      List<Source> field =
          List.of(
              Source.of(
                  Particle.ELECTRON, new Spectrum.PowerLaw(1, 0.1, 10), Angles.Cosine.isotropic()),
              Source.of(Particle.MUON, new Spectrum.Mono(4000), Angles.Cosine.isotropic()),
              Source.of(
                  Particle.PION, new Spectrum.PowerLaw(1, 50, 5000), Angles.Cosine.isotropic()),
              Source.of(
                  Particle.PROTON, new Spectrum.PowerLaw(1, 10, 1000), Angles.Cosine.isotropic()));
      new Simulator(Sensor.timepix3(), List.of()).run(field, 0, COUNT, SEED, 1, tracks::add);
      return tracks;
    }
  };

  private static final int COUNT = 20_000;
  private static final int SIDE = 256;
  private static final double WALK_HITS = 6;
  private static final int WALK_NS = 60;
  private static final int MOST_WALK_TOT = 50;
  private static final long SEED = 1;

  /// The clusters.
  ///
  /// @param measured file of measured ones
  abstract List<Cluster> take(Path measured);
}
