package org.pixelwake.run;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.pixelwake.base.InputException;
import org.pixelwake.network.checkpoint.Dtype;
import org.pixelwake.network.checkpoint.NamedTensor;
import org.pixelwake.network.checkpoint.Safetensors;
import org.pixelwake.network.checkpoint.TensorMap;
import org.pixelwake.report.image.FloatImage;
import org.pixelwake.report.image.Track;
import org.pixelwake.report.log.MetricsTail;
import org.pixelwake.training.Evaluation;

/// The folder of a run: where its parts lie, and reading them back for the report.
///
/// `config.yaml`, `dataset.parquet` (where the run made it), `metrics.csv`, TensorBoard events,
/// `pictures/`, `checkpoints/`, `model.safetensors`, `report.html`.
public record RunFolder(Path path) {
  private static final float BYTE = 255;

  public Path config() {
    return path.resolve("config.yaml");
  }

  public Path dataset() {
    return path.resolve("dataset.parquet");
  }

  Path metrics() {
    return path.resolve("metrics.csv");
  }

  public Path report() {
    return path.resolve("report.html");
  }

  private Path pictures() {
    return path.resolve("pictures");
  }

  /// Whether a run has been started here.
  public boolean used() {
    return Files.exists(path.resolve("checkpoints")) || Files.exists(metrics());
  }

  /// Reads a column of the metrics; steps where it was not measured are left out.
  ///
  /// @throws InputException where there are none
  public MetricsTail.Curve column(String name) {
    try {
      if (!Files.exists(metrics())) {
        throw new NoSuchFileException(metrics().toString());
      }
      MetricsTail metrics = new MetricsTail(metrics());
      metrics.update();
      return metrics.curve(name);
    } catch (IOException e) {
      throw InputException.unreadable(metrics(), e);
    }
  }

  /// Keeps the pictures of an iteration, in 8 bits: that is what the report shows.
  void savePictures(long step, Evaluation.Picture[] pictures) {
    RunFolders.create(pictures());
    try (Arena arena = Arena.ofConfined()) {
      Safetensors.write(
          pictures().resolve(String.format(Locale.ROOT, "step-%09d.safetensors", step)),
          List.of(
              images(arena, "energy", pictures, (out, p) -> Evaluation.show(out, p, 0)),
              images(arena, "raw", pictures, (out, p) -> Evaluation.raw(out, p, 0)),
              images(arena, "cluster", pictures, (out, p) -> Evaluation.probability(out, p, 3)),
              images(arena, "threshold", pictures, (out, p) -> Evaluation.probability(out, p, 4))),
          Map.of("step", Long.toString(step)));
    }
  }

  /// Gives a value of a pixel of a network's output.
  private interface PixelValue {
    float of(float[] output, int pixel);
  }

  private static NamedTensor images(
      Arena arena, String name, Evaluation.Picture[] pictures, PixelValue value) {
    int side = pictures[0].side();
    MemorySegment bytes = arena.allocate((long) pictures.length * side * side);
    long at = 0;
    for (Evaluation.Picture picture : pictures) {
      for (int p = 0; p < side * side; p++) {
        float bounded = Math.clamp(value.of(picture.output(), p), 0f, 1f);
        bytes.set(ValueLayout.JAVA_BYTE, at++, (byte) Math.round(BYTE * bounded));
      }
    }
    return new NamedTensor(name, Dtype.U8, new long[] {pictures.length, side, side}, bytes);
  }

  /// Pictures of all iterations so far.
  ///
  /// @param steps iterations, ascending
  /// @param tracks for each pictured cluster, one reconstruction an iteration
  /// @param raw likewise, the energy that the image head alone gives, whatever the masks
  public record Iterations(
      List<Long> steps, List<List<Track.Reconstruction>> tracks, List<List<FloatImage>> raw) {}

  /// Reads the pictures back, of at most `limit` iterations, the first and the last among them.
  public Iterations iterations(long upTo, int limit) {
    List<Path> files;
    try (Stream<Path> children = Files.list(pictures())) {
      files =
          children
              .filter(p -> p.getFileName().toString().matches("step-\\d+\\.safetensors"))
              .filter(p -> stepOf(p) <= upTo)
              .sorted(Comparator.comparingLong(RunFolder::stepOf))
              .toList();
    } catch (IOException e) {
      throw InputException.unreadable(pictures(), e);
    }
    List<Long> steps = new ArrayList<>();
    List<List<Track.Reconstruction>> tracks = new ArrayList<>();
    List<List<FloatImage>> raw = new ArrayList<>();
    int shown = Math.min(limit, files.size());
    for (int i = 0; i < shown; i++) {
      // Denser at the start, where most happens.
      double part = shown == 1 ? 1 : Math.pow((double) i / (shown - 1), 1.6);
      Path file = files.get((int) Math.round(part * (files.size() - 1)));
      if (!steps.isEmpty() && steps.getLast() == stepOf(file)) {
        continue;
      }
      steps.add(stepOf(file));
      TensorMap tensors = Safetensors.read(file);
      NamedTensor energy = tensors.get("energy");
      for (int t = 0; t < energy.shape()[0]; t++) {
        if (tracks.size() <= t) {
          tracks.add(new ArrayList<>());
          raw.add(new ArrayList<>());
        }
        FloatImage cluster = image(tensors.get("cluster"), t);
        FloatImage threshold = image(tensors.get("threshold"), t);
        tracks.get(t).add(new Track.Reconstruction(image(energy, t), cluster, threshold));
        raw.get(t).add(image(tensors.get("raw"), t));
      }
    }
    return new Iterations(steps, tracks, raw);
  }

  private static long stepOf(Path file) {
    return Long.parseLong(file.getFileName().toString().replaceAll("\\D", ""));
  }

  private static FloatImage image(NamedTensor tensor, int index) {
    int side = (int) tensor.shape()[1];
    float[] values = new float[side * side];
    for (int p = 0; p < values.length; p++) {
      long at = (long) index * values.length + p;
      values[p] = (tensor.data().get(ValueLayout.JAVA_BYTE, at) & 0xff) / BYTE;
    }
    return FloatImage.of(side, side, values);
  }
}
