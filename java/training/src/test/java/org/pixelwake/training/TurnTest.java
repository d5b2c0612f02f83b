package org.pixelwake.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.pixelwake.engine.Backend;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.ParameterLayout;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.Program;
import org.pixelwake.engine.StepState;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.op.Rasterize;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.dataset.ClusterTable;

class TurnTest {
  private static final int SIDE = 32;

  /// A track that brightens along its direction: the direction is read off the images that the
  /// kernel turned, and is the label that the host turned.
  @Test
  void azimuthTurnsWithTheImage() {
    short[] x = {0, 2, 4, 6, 8, 10};
    short[] y = {0, 1, 2, 3, 4, 5};
    float[] energy = {1, 2, 3, 4, 5, 6};
    Cluster cluster = new Cluster(0, 0, x, y, energy, new float[6]);
    ClusterTable table = ClusterTable.of(List.of(cluster, cluster, cluster), 0);
    float phi = (float) Math.toDegrees(Math.atan2(1, 2));
    long seed = 0x123456789abL;
    Set<Long> seen = new HashSet<>();
    Graph graph = new Graph(new ParameterLayout(List.of()), true, Storage.F32);
    Tensor step = StepState.tensor(graph);
    Tensor image = graph.result("image", Storage.F32, 3, SIDE, SIDE, 3);
    try (Device device = Device.open(Backend.load("cpu"), 0, 1, Device.Isa.BEST);
        ParameterStore store = ParameterStore.forInference(device, new ParameterLayout(List.of()));
        StagedBatch hits = new StagedBatch(graph, 3, 18, false)) {
      Rasterize.Attributes a =
          new Rasterize.Attributes(SIDE, 1, true, 0, 0, 10, 0, 100, Rasterize.Energies.SQRT);
      graph.add(new Rasterize.Forward(a, step, hits.tensors(), image, null));
      try (Program program = Program.compile(device, graph, store, false)) {
        hits.upload(program, table, new int[] {0, 1, 2}, 0);
        for (long index = 1; index <= 20; index++) {
          new StepState(seed, index, 0, 0, 0, 0).upload(program, step);
          program.run();
          float[] pixels = program.download(image);
          for (int row = 0; row < 3; row++) {
            double found = direction(pixels, row);
            double turned = Turn.azimuth(seed, row, index, phi);
            assertEquals(0, Math.IEEEremainder(found - turned, 360), 1e-3);
            seen.add(Math.round((turned % 360 + 360) % 360));
          }
        }
      }
    }
    assertTrue(seen.size() == 8, seen::toString);
  }

  @Test
  void directionsInImagesOfEverySymmetryAreTurnedBack() {
    short[] x = {0, 2, 4, 6, 8, 10};
    short[] y = {0, 1, 2, 3, 4, 5};
    float[] energy = {1, 2, 3, 4, 5, 6};
    ClusterTable table = ClusterTable.of(List.of(new Cluster(0, 0, x, y, energy, new float[6])), 0);
    double phi = Math.toDegrees(Math.atan2(1, 2));
    Set<Long> seen = new HashSet<>();
    Rasterize.Attributes plain =
        new Rasterize.Attributes(SIDE, 1, false, 0, 0, 10, 0, 100, Rasterize.Energies.SQRT);
    for (int symmetry = 0; symmetry < Rasterize.SYMMETRIES; symmetry++) {
      Graph graph = new Graph(new ParameterLayout(List.of()), false, Storage.F32);
      Tensor step = StepState.tensor(graph);
      Tensor image = graph.result("image", Storage.F32, 1, SIDE, SIDE, 3);
      try (Device device = Device.open(Backend.load("cpu"), 0, 1, Device.Isa.BEST);
          ParameterStore store =
              ParameterStore.forInference(device, new ParameterLayout(List.of()));
          StagedBatch hits = new StagedBatch(graph, 1, 6, false)) {
        graph.add(new Rasterize.Forward(plain.turned(symmetry), step, hits.tensors(), image, null));
        try (Program program = Program.compile(device, graph, store, false)) {
          hits.upload(program, table, new int[] {0}, 0);
          new StepState(1, 0, 0, 0, 0, 0).upload(program, step);
          program.run();
          double found = direction(program.download(image), 0);
          seen.add(Math.round((found + 360) % 360));
          float[] columns = {
            9, (float) Math.cos(Math.toRadians(found)), (float) Math.sin(Math.toRadians(found))
          };
          Turn.undo(symmetry, columns, 1);
          assertEquals(9, columns[0]);
          assertEquals(phi, Math.toDegrees(Math.atan2(columns[2], columns[1])), 1e-3);
        }
      }
    }
    assertEquals(8, seen.size(), seen::toString);
  }

  // From the mean of the hits' places to that weighted with their brightness, degrees.
  private static double direction(float[] pixels, int row) {
    double hits = 0;
    double light = 0;
    double[] plain = new double[2];
    double[] weighted = new double[2];
    for (int p = 0; p < SIDE * SIDE; p++) {
      // The square root is undone: brightness grows evenly along the track.
      double value = Math.pow(pixels[3 * (row * SIDE * SIDE + p)], 2);
      if (value > 0) {
        hits++;
        light += value;
        int x = p % SIDE;
        int y = p / SIDE;
        plain[0] += x;
        plain[1] += y;
        weighted[0] += value * x;
        weighted[1] += value * y;
      }
    }
    return Math.toDegrees(
        Math.atan2(weighted[1] / light - plain[1] / hits, weighted[0] / light - plain[0] / hits));
  }
}
