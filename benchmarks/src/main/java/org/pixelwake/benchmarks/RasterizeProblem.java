package org.pixelwake.benchmarks;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.pixelwake.engine.Spec;
import org.pixelwake.engine.StepState;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.op.Rasterize;

/// Clusters of hits to images, without random masking and turning: a square box of pixels each, of
/// which some are hit.
final class RasterizeProblem extends Problem {
  private static final int CHANNELS = 3;
  private static final int MAX_SCALE = 5;
  private static final float ENERGY_SCALE = 100;
  private static final float TOA_SCALE = 500;
  private static final float ENERGY_THRESHOLD = 50;
  private static final double HIT = 0.3;

  private final int images;
  private final int side;
  private final int box;
  private final MemorySegment x;
  private final MemorySegment y;
  private final MemorySegment energy;
  private final MemorySegment toa;
  private final MemorySegment offsets;
  private final MemorySegment ids;

  static Problem of(Spec spec) {
    return new RasterizeProblem(spec);
  }

  RasterizeProblem(Spec spec) {
    super(spec);
    images = spec.number("n");
    side = Math.round(spec.real("side", 0));
    box = side / 4;
    int capacity = images * box * box;
    Arena arena = Arena.ofAuto();
    x = arena.allocate(ValueLayout.JAVA_SHORT, capacity);
    y = arena.allocate(ValueLayout.JAVA_SHORT, capacity);
    energy = arena.allocate(ValueLayout.JAVA_FLOAT, capacity);
    toa = arena.allocate(ValueLayout.JAVA_FLOAT, capacity);
    offsets = arena.allocate(ValueLayout.JAVA_INT, images + 1L);
    ids = arena.allocate(ValueLayout.JAVA_LONG, images);
    draw();
  }

  private void draw() {
    int hits = 0;
    for (int image = 0; image < images; image++) {
      for (int pixel = 0; pixel < box * box; pixel++) {
        // The corners of the box are always hit, so that it is the bounding box.
        boolean corner = pixel == 0 || pixel == box * box - 1;
        if (corner || random().nextDouble() < HIT) {
          x.setAtIndex(ValueLayout.JAVA_SHORT, hits, (short) (100 + pixel % box));
          y.setAtIndex(ValueLayout.JAVA_SHORT, hits, (short) (50 + pixel / box));
          energy.setAtIndex(
              ValueLayout.JAVA_FLOAT, hits, (float) random().nextDouble(1, 1.2 * ENERGY_SCALE));
          toa.setAtIndex(
              ValueLayout.JAVA_FLOAT, hits, (float) random().nextDouble(0, 1.2 * TOA_SCALE));
          hits++;
        }
      }
      ids.setAtIndex(ValueLayout.JAVA_LONG, image, image);
      offsets.setAtIndex(ValueLayout.JAVA_INT, image + 1L, hits);
    }
  }

  @Override
  void pixelwake(PixelwakeCalls calls) {
    Rasterize.Hits hits =
        new Rasterize.Hits(
            calls.raw("x", Storage.BF16, x),
            calls.raw("y", Storage.BF16, y),
            calls.raw("energy", Storage.F32, energy),
            calls.raw("toa", Storage.F32, toa),
            calls.raw("offsets", Storage.F32, offsets),
            calls.raw("ids", Storage.F32, ids));
    calls.add(
        new Rasterize.Forward(
            new Rasterize.Attributes(
                side,
                MAX_SCALE,
                false,
                0,
                0,
                ENERGY_SCALE,
                TOA_SCALE,
                ENERGY_THRESHOLD,
                Rasterize.Energies.SQRT),
            calls.step(new StepState(1, 1, 0, 0, 0, 0)),
            hits,
            null,
            calls.result("y", images, side, side, CHANNELS)));
  }

  @Override
  Tensor libtorch(Map<String, Tensor> in) {
    throw new UnsupportedOperationException("libtorch has no such operation");
  }

  /// Hit by hit, each a square.
  @Override
  Map<String, float[]> expected() {
    float[] pixels = new float[images * side * side * CHANNELS];
    int scale = Math.min(MAX_SCALE, side / box);
    int margin = (side - box * scale) / 2;
    for (int image = 0; image < images; image++) {
      int end = offsets.getAtIndex(ValueLayout.JAVA_INT, image + 1L);
      for (int hit = offsets.getAtIndex(ValueLayout.JAVA_INT, image); hit < end; hit++) {
        int top = margin + scale * (y.getAtIndex(ValueLayout.JAVA_SHORT, hit) - 50);
        int left = margin + scale * (x.getAtIndex(ValueLayout.JAVA_SHORT, hit) - 100);
        float keV = energy.getAtIndex(ValueLayout.JAVA_FLOAT, hit);
        float ns = toa.getAtIndex(ValueLayout.JAVA_FLOAT, hit);
        for (int i = 0; i < scale * scale; i++) {
          int row = top + i / scale;
          int column = left + i % scale;
          int at = ((image * side + row) * side + column) * CHANNELS;
          pixels[at] = (float) Math.sqrt(Math.min(keV / ENERGY_SCALE, 1));
          pixels[at + 1] = (float) Math.sqrt(Math.min(ns / TOA_SCALE, 1));
          pixels[at + 2] = keV > ENERGY_THRESHOLD ? 1 : 0;
        }
      }
    }
    return Map.of("y", pixels);
  }
}
