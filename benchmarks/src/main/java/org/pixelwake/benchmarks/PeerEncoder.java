package org.pixelwake.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Times a peer's inference of the reference encoder, checks what it computed and prints JSON.
@SuppressWarnings("NullAway.Init") // picocli sets the fields
abstract class PeerEncoder implements Callable<Integer> {
  /// Largest error of an embedding, relative to the largest embedding: of f32 with its operations
  /// in another order, and of reduced precision.
  private static final double TOLERANCE = 1e-3;

  private static final double TOLERANCE_BF16 = 0.1;

  /// A peer's loaded encoder with its images.
  interface Encoder extends AutoCloseable {
    /// Infers all images once.
    void run() throws IOException;

    /// The embeddings of the last run, image after image.
    float[] embeddings();

    @Override
    void close() throws IOException;
  }

  @Spec private CommandLine.Model.CommandSpec spec;

  @Option(
      names = "--models",
      required = true,
      paramLabel = "FOLDER",
      description = "Files written by peers/make_encoder.py.")
  private Path models;

  @Option(names = "--arch", defaultValue = "efficientnet_b4", description = "Of the encoder.")
  private String arch;

  @Option(names = "--side", defaultValue = "96", description = "Side of the images, in pixels.")
  private int side;

  @Option(names = "--batch", defaultValue = "1", description = "Images inferred at a time.")
  private int batch;

  @Option(names = "--threads", defaultValue = "2", description = "Threads of an operation.")
  private int threads;

  @Option(names = "--warmup", defaultValue = "2", description = "Seconds before the timed ones.")
  private double warmUp;

  @Option(names = "--seconds", defaultValue = "5", description = "Timed seconds.")
  private double seconds;

  /// @param images channels first, [#batch] of them
  abstract Encoder open(float[] images) throws IOException;

  /// Library and configuration, for the report.
  abstract Map<String, Object> describe();

  /// Whether it computes in bf16.
  boolean reducedPrecision() {
    return false;
  }

  final int side() {
    return side;
  }

  final int batch() {
    return batch;
  }

  final int threads() {
    return threads;
  }

  /// A file of this architecture and side.
  ///
  /// @param ending of its name
  final Path file(String ending) {
    Path file = models.resolve(arch + "-" + side + ending);
    if (!Files.isRegularFile(file)) {
      throw new ParameterException(
          spec.commandLine(), file + ": no such file; peers/make_encoder.py writes it");
    }
    return file;
  }

  final ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  @Override
  public Integer call() throws IOException {
    if (batch < 1 || threads < 1 || seconds <= 0 || warmUp < 0) {
      throw wrong("--batch and --threads are at least 1, --seconds above 0, --warmup not below");
    }
    float[] images = read(file(".images"), 3 * side * side);
    float[] expected = read(file(".embeddings"), 0);
    try (Encoder encoder = open(images)) {
      encoder.run();
      double error = check(encoder.embeddings(), expected);
      repeat(encoder, warmUp);
      double[] milliseconds = repeat(encoder, seconds);
      check(encoder.embeddings(), expected);
      Map<String, Object> report = new LinkedHashMap<>(describe());
      double median = milliseconds[milliseconds.length / 2];
      report.put("arch", arch);
      report.put("side", side);
      report.put("batch", batch);
      report.put("threads", threads);
      report.put("images_per_second", batch * 1000 / median);
      report.put("median_ms", median);
      report.put("lowest_ms", milliseconds[0]);
      report.put("runs", milliseconds.length);
      report.put("largest_relative_error", error);
      report.put("peak_resident_mib", ProcessMemory.peakResidentMebibytes());
      ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
      System.out.println(mapper.writeValueAsString(report));
    }
    return 0;
  }

  /// Milliseconds of every run in that time, of one at least, in ascending order.
  private static double[] repeat(Encoder encoder, double seconds) throws IOException {
    long end = System.nanoTime() + (long) (seconds * 1e9);
    double[] milliseconds = new double[64];
    int runs = 0;
    do {
      if (runs == milliseconds.length) {
        milliseconds = Arrays.copyOf(milliseconds, 2 * runs);
      }
      long start = System.nanoTime();
      encoder.run();
      milliseconds[runs++] = (System.nanoTime() - start) / 1e6;
    } while (System.nanoTime() < end);
    double[] sorted = Arrays.copyOf(milliseconds, runs);
    Arrays.sort(sorted);
    return sorted;
  }

  private double check(float[] embeddings, float[] expected) {
    int count = Math.min(embeddings.length, expected.length);
    if (embeddings.length == 0 || embeddings.length % batch != 0 || count < embeddings.length) {
      throw new IllegalStateException(
          "%d values for %d images; expected: at most %d"
              .formatted(embeddings.length, batch, expected.length));
    }
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < count; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      // A NaN stays one.
      difference = Math.max(difference, Math.abs(embeddings[i] - expected[i]));
    }
    double error = difference / largest;
    if (!(error <= (reducedPrecision() ? TOLERANCE_BF16 : TOLERANCE))) {
      throw new IllegalStateException("The embeddings are wrong by " + error + " of their largest");
    }
    return error;
  }

  /// The first images of a file, or with `size` 0 all its values.
  private float[] read(Path file, int size) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int available = bytes.remaining() / Float.BYTES;
    float[] values = new float[size == 0 ? available : batch * size];
    if (available < values.length) {
      throw wrong(file + " has fewer than " + batch + " images; see peers/make_encoder.py");
    }
    bytes.asFloatBuffer().get(values);
    return values;
  }
}
