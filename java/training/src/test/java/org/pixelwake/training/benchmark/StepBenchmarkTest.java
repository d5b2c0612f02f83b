package org.pixelwake.training.benchmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.pixelwake.base.Progress;
import org.pixelwake.engine.Backend;
import org.pixelwake.engine.Cost;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.op.Operation;
import org.pixelwake.training.PretrainConfig;

class StepBenchmarkTest {
  private static PretrainConfig config(String arch, int side, int batch) {
    PretrainConfig config = new PretrainConfig();
    config.arch = arch;
    config.side = side;
    config.batch = batch;
    Workload.prepare(config);
    config.validate();
    return config;
  }

  /// An autoencoder of B4 at side 96 is counted at 3.36 GFLOP an image, three times its forward
  /// pass, by a program that knows nothing of the fused plan; 0.85 of B0.
  @Test
  void arithmeticOfTheNetworks() {
    assertEquals(3.36e9, flops("efficientnet_b4", 0), 0.02 * 3.36e9);
    assertEquals(0.86e9, flops("efficientnet_b0", 0), 0.02 * 0.86e9);
  }

  @Test
  void recomputationKeepsToItsShare() {
    double plain = flops("efficientnet_b4", 0);
    for (double share : new double[] {0.01, 0.03, 0.1}) {
      double with = flops("efficientnet_b4", share);
      // The share is of three times the forward pass; the stem has no backward-data pass.
      assertTrue(with > plain && with <= (1 + share) * plain * 1.02, share + ": " + with / plain);
    }
  }

  private static double flops(String arch, double recompute) {
    PretrainConfig config = config(arch, 96, 8);
    config.recompute = recompute;
    Cost cost = Cost.NONE;
    for (Operation operation : StepBenchmark.operations(new Workload(config))) {
      cost = cost.plus(operation.cost());
    }
    return cost.flops() / 8.0;
  }

  @Test
  void profiledStepsGiveTheSameLosses() {
    try (Device device = Device.open(Backend.load("cpu"), 0, 2, Device.Isa.BEST)) {
      PretrainConfig config = config("efficientnet_w0.2_d0.3", 32, 3);
      StepBenchmark.Result result =
          StepBenchmark.run(device, new Workload(config), 1, 4, true, Progress.NONE);
      assertTrue(result.sound(), "losses differ or do not fall");
      List<Operation> operations = StepBenchmark.operations(new Workload(config));
      assertEquals(
          operations.stream().map(Operation::shape).toList(),
          result.operations().stream().map(timed -> timed.operation().shape()).toList());
      double sum = result.operations().stream().mapToDouble(StepBenchmark.Timed::seconds).sum();
      assertTrue(sum > 0, "no operation took any time");
      assertTrue(
          result.operations().stream().allMatch(timed -> timed.seconds() >= 0),
          "an operation took less than no time");
    }
  }

  /// What Java allocates in a step (a few views and the figures read back) does not grow with the
  /// hits, for which all memory is there before.
  @Test
  void stepsAllocateNothingForHits() {
    long few = allocated(4);
    long many = allocated(400);
    assertTrue(few > 0, "nothing was counted");
    assertTrue(many <= few + 1024, many + " bytes with 400 hits a cluster, " + few + " with 4");
  }

  private static long allocated(int hits) {
    PretrainConfig config = config("hits_w8_d1", 32, 4);
    try (Device device = Device.open(Backend.load("cpu"), 0, 1, Device.Isa.BEST)) {
      Workload work = new Workload(config, null, hits);
      return StepBenchmark.run(device, work, 30, 31, false, Progress.NONE).allocatedBytes();
    }
  }
}
