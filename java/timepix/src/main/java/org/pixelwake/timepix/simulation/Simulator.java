package org.pixelwake.timepix.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.sensor.Deposits;
import org.pixelwake.timepix.sensor.ParticleRandom;
import org.pixelwake.timepix.sensor.Sensor;
import org.pixelwake.timepix.sensor.SensorResponse;

/// Simulates the clusters that particles of known kind, energy and direction make in a Timepix
/// detector.
///
/// ```java
/// var simulator = new Simulator(Sensor.timepix3(), List.of());
/// var protons = Source.of(Particle.PROTON, new Spectrum.PowerLaw(1, 10, 400), Angles.Cosine.isotropic());
/// simulator.run(List.of(protons), 0, 100_000, 7, 2, c -> writer.append(c, 0));
/// ```
///
/// Simulated are energy loss with its straggling, electrons set free, multiple scattering,
/// bremsstrahlung, photons, annihilation, drift and sharing of the charge, and the response of the
/// pixels. Not simulated are nuclear reactions, decays in flight and the sensor's edges: layers
/// have no end sideways, but charge beyond the last pixel is lost.
///
/// The clusters of a particle depend on the seed and on its number only. Immutable; for many
/// threads.
public final class Simulator {
  /// Particles that a thread simulates before it hands them over: enough to hide the handing over.
  private static final int BATCH = 16;

  /// Batches under way for each thread, which bounds the memory.
  private static final int BATCHES_A_THREAD = 4;

  private static final long WAIT_MS = 200;

  private static final long TRACK = 78;

  /// Time between particles: more than any window of a clustering, less than a second in all of
  /// 100,000 particles.
  private static final double SPACING_NS = 10_000;

  private final Sensor sensor;
  private final TransportTables tables;

  /// @param sensor the detector
  /// @param front layers that particles pass before the sensor, from the outside; none are
  ///   sensitive
  public Simulator(Sensor sensor, List<MaterialLayer> front) {
    this.sensor = sensor;
    List<MaterialLayer> layers = new ArrayList<>(front);
    if (layers.stream().anyMatch(MaterialLayer::sensitive)) {
      throw new IllegalArgumentException("only the sensor is sensitive");
    }
    layers.add(new MaterialLayer(Material.SILICON, sensor.thicknessUm(), true));
    this.tables = new TransportTables(layers, TransportOptions.defaults());
  }

  /// Simulates particles and gives their clusters, in the order of the particles' numbers, to the
  /// receiver in the calling thread. Particles that leave no hit give none. On Timepix3 they come
  /// every 10 us, on Timepix each to a frame of its own. Clusters of noise alone have no truth.
  ///
  /// @param sources sources among which each particle is drawn by weight
  /// @param first number of the first particle; a run can so be continued
  /// @param count number of particles
  /// @param seed seed of the run
  /// @param threads threads to use
  /// @param receiver takes the clusters
  public void run(
      List<Source> sources,
      long first,
      long count,
      long seed,
      int threads,
      Consumer<Cluster> receiver) {
    run(sources, first, count, seed, threads, receiver, done -> {});
  }

  /// Simulates particles, telling in the calling thread now and then how many are done.
  public void run(
      List<Source> sources,
      long first,
      long count,
      long seed,
      int threads,
      Consumer<Cluster> receiver,
      LongConsumer progress) {
    if (sources.isEmpty() || first < 0 || count < 0 || threads < 1) {
      throw new IllegalArgumentException(
          "a source, a thread and numbers not negative: %s, %s, %s, %s"
              .formatted(sources.size(), threads, first, count));
    }
    double most = sensor.pixels() * sensor.pitchUm();
    for (Source source : sources) {
      if (source.sideUm() > most) {
        throw new IllegalArgumentException("a source is wider than the sensor's " + most + " um");
      }
    }
    List<Source> fixed = List.copyOf(sources);
    ThreadLocal<Worker> workers = ThreadLocal.withInitial(() -> new Worker(fixed, seed));
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      ArrayDeque<Future<List<Cluster>>> pending = new ArrayDeque<>();
      try {
        long asked = 0;
        for (long done = 0; done < count; done += Math.min(BATCH, count - done)) {
          while (asked < count && pending.size() < threads * BATCHES_A_THREAD) {
            long from = first + asked;
            int n = (int) Math.min(BATCH, count - asked);
            pending.add(pool.submit(() -> workers.get().batch(from, n)));
            asked += n;
          }
          long before = done;
          take(pending.remove(), () -> progress.accept(before)).forEach(receiver);
        }
        progress.accept(count);
      } finally {
        // A receiver that fails ends the run, without the rest being simulated first.
        pool.shutdownNow();
      }
    }
  }

  /// Waits for a batch, in which the caller is to hear of the progress: heavy ions take long.
  private static List<Cluster> take(Future<List<Cluster>> future, Runnable waiting) {
    try {
      while (true) {
        waiting.run();
        try {
          return future.get(WAIT_MS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          // Not yet.
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the simulation was interrupted", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("the simulation failed", e.getCause());
    }
  }

  /// The state of one thread.
  private final class Worker {
    private final List<Source> sources;
    private final double weight;
    private final long seed;
    private final Transport transport = new Transport(tables);
    private final SensorResponse response;
    private final Deposits deposits = new Deposits();
    private final ParticleRandom random = new ParticleRandom();

    Worker(List<Source> sources, long seed) {
      this.sources = sources;
      this.seed = seed;
      this.weight = sources.stream().mapToDouble(Source::weight).sum();
      this.response = new SensorResponse(sensor, seed);
    }

    List<Cluster> batch(long from, int n) {
      List<Cluster> clusters = new ArrayList<>(n);
      for (int i = 0; i < n; i++) {
        if (Thread.interrupted()) {
          throw new CancellationException("the run has ended");
        }
        particle(from + i, clusters);
      }
      return clusters;
    }

    private void particle(long number, List<Cluster> clusters) {
      random.start(seed, TRACK, number);
      Source source = source();
      double energyMeV = source.spectrum().drawMeV(random);
      double[] unit = source.angles().draw(random);
      double middle = sensor.pixels() * sensor.pitchUm() / 2;
      double x = middle + (random.uniform() - 0.5) * source.sideUm();
      double y = middle + (random.uniform() - 0.5) * source.sideUm();
      deposits.clear();
      transport.follow(
          source.particle(), energyMeV, new double[] {x, y, 0}, unit, random, deposits);
      // The phase of the clock to a particle is random.
      double arrivalNs = SPACING_NS * number + 25 * random.uniform();
      List<Cluster> found = response.respond(deposits, arrivalNs, number, random);
      Truth truth =
          new Truth(
              source.particle().pdg(),
              (float) energyMeV,
              (float) Math.toDegrees(Math.atan2(Math.hypot(unit[0], unit[1]), unit[2])),
              (float) Math.toDegrees(Math.atan2(unit[1], unit[0])),
              (float) x,
              (float) y,
              (float) deposits.sumKeV(),
              (float) response.collectedKeV(),
              number);
      clusters.addAll(response.labelled(found, truth));
    }

    private Source source() {
      double rest = random.uniform() * weight;
      for (Source source : sources) {
        rest -= source.weight();
        if (rest < 0) {
          return source;
        }
      }
      return sources.getLast();
    }
  }
}
