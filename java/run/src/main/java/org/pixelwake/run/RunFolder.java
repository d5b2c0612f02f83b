package org.pixelwake.run;

import java.io.IOException;
import java.io.UncheckedIOException;
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
    try {
      Files.createDirectories(pictures());
    } catch (IOException e) {
      throw new UncheckedIOException(pictures().toString(), e);
    }
    int side = pictures[0].side();
    int area = side * side;
    byte[] energy = new byte[pictures.length * area];
    byte[] raw = new byte[pictures.length * area];
    byte[] cluster = new byte[pictures.length * area];
    byte[] threshold = new byte[pictures.length * area];
    for (int i = 0; i < pictures.length; i++) {
      float[] output = pictures[i].output();
      for (int p = 0; p < area; p++) {
        energy[i * area + p] = quantise(Evaluation.show(output, p, 0));
        raw[i * area + p] = quantise(Evaluation.raw(output, p, 0));
        cluster[i * area + p] = quantise(Evaluation.probability(output, p, 3));
        threshold[i * area + p] = quantise(Evaluation.probability(output, p, 4));
      }
    }
    long[] shape = {pictures.length, side, side};
    try (Arena arena = Arena.ofConfined()) {
      Safetensors.write(
          pictures().resolve(String.format(Locale.ROOT, "step-%09d.safetensors", step)),
          List.of(
              new NamedTensor("energy", Dtype.U8, shape, copy(arena, energy)),
              new NamedTensor("raw", Dtype.U8, shape, copy(arena, raw)),
              new NamedTensor("cluster", Dtype.U8, shape, copy(arena, cluster)),
              new NamedTensor("threshold", Dtype.U8, shape, copy(arena, threshold))),
          Map.of("step", Long.toString(step)));
    }
  }

  private static MemorySegment copy(Arena arena, byte[] bytes) {
    return arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
  }

  private static byte quantise(float value) {
    return (byte) Math.round(BYTE * Math.clamp(value, 0f, 1f));
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
      throw new UncheckedIOException(pictures().toString(), e);
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
        raw.get(t).add(image(tensors.get("raw"), t));
        tracks
            .get(t)
            .add(
                new Track.Reconstruction(
                    image(energy, t),
                    image(tensors.get("cluster"), t),
                    image(tensors.get("threshold"), t)));
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
