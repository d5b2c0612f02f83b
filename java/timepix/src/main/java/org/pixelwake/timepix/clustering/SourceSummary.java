package org.pixelwake.timepix.clustering;

import java.nio.file.Path;
import org.pixelwake.base.Progress;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.SourceInfo;

/// What is in a source, by one pass over it.
///
/// @param info format, detector, chip, size, unit
/// @param clusters clusters
/// @param duration ns: sum of the exposures of frames where they are told, else from the first hit
///   to the last; 0 where unknown
/// @param spectrum energies of the clusters
/// @param pixelSpectrum energies of the hits
/// @param sizes clusters by number of hits: element k counts those of 2^k to 2^(k+1)-1 hits
/// @param largest most hits in a cluster
/// @param hitPixels pixels that were hit at least once
/// @param busiest most hits in one pixel
/// @param busiestX column of that pixel
/// @param busiestY row of that pixel
/// @param report all that was left out and noticed
public record SourceSummary(
    SourceInfo info,
    long clusters,
    double duration,
    LogHistogram spectrum,
    LogHistogram pixelSpectrum,
    long[] sizes,
    int largest,
    int hitPixels,
    long busiest,
    int busiestX,
    int busiestY,
    ClusterReport report) {

  private static final double FIRST_ENERGY = 0.1;
  private static final int BINS_PER_DECADE = 10;
  private static final int SIZE_BINS = 31;
  private static final int PROGRESS_EVERY = 1 << 12;

  /// Share of the pixels of the sensor that were hit at least once, 0 to 1.
  public double occupancy() {
    return (double) hitPixels / ((long) info.width() * info.height());
  }

  /// Reads the source from front to end.
  ///
  /// @throws org.pixelwake.base.InputException where it cannot be read
  public static SourceSummary of(Path path, ClusterOptions options, Progress progress) {
    try (ClusterStream stream = ClusterStream.open(path, options)) {
      return of(stream, progress);
    }
  }

  /// Reads the rest of the stream.
  public static SourceSummary of(ClusterStream stream, Progress progress) {
    Collector collector = new Collector(stream.info());
    while (stream.hasNext()) {
      collector.add(stream.next());
      if (collector.clusters % PROGRESS_EVERY == 0) {
        progress.update(
            stream.bytesRead(), stream.bytesTotal(), "bytes", collector.clusters + " clusters");
      }
    }
    return collector.build(stream);
  }

  private static final class Collector {
    private final SourceInfo info;
    private final LogHistogram.Builder clusterEnergies =
        new LogHistogram.Builder(FIRST_ENERGY, BINS_PER_DECADE);
    private final LogHistogram.Builder hitEnergies =
        new LogHistogram.Builder(FIRST_ENERGY, BINS_PER_DECADE);
    private final long[] sizes = new long[SIZE_BINS];
    private final long[] perPixel;
    private long clusters;
    private int largest;
    private double first = Double.NaN;
    private double latest = Double.NaN;

    Collector(SourceInfo info) {
      this.info = info;
      this.perPixel = new long[info.width() * info.height()];
    }

    void add(Cluster cluster) {
      clusters++;
      largest = Math.max(largest, cluster.size());
      sizes[31 - Integer.numberOfLeadingZeros(cluster.size())]++;
      double energy = 0;
      for (int i = 0; i < cluster.size(); i++) {
        energy += cluster.energy()[i];
        hitEnergies.add(cluster.energy()[i]);
        perPixel[cluster.y()[i] * info.width() + cluster.x()[i]]++;
      }
      clusterEnergies.add(energy);
      double last = cluster.time() + cluster.toa()[cluster.size() - 1];
      first = Double.isNaN(first) ? cluster.time() : Math.min(first, cluster.time());
      latest = Double.isNaN(latest) ? last : Math.max(latest, last);
    }

    SourceSummary build(ClusterStream stream) {
      ClusterReport report = stream.report();
      int busiest = 0;
      int hit = 0;
      for (int i = 0; i < perPixel.length; i++) {
        busiest = perPixel[i] > perPixel[busiest] ? i : busiest;
        hit += perPixel[i] > 0 ? 1 : 0;
      }
      double span = info.hasToa() && clusters > 0 ? latest - first : 0;
      double exposure = report.read().exposure();
      return new SourceSummary(
          info,
          clusters,
          exposure > 0 ? exposure : span,
          clusterEnergies.build(info.unit().label()),
          hitEnergies.build(info.unit().label()),
          LogHistogram.trimmed(sizes),
          largest,
          hit,
          perPixel[busiest],
          busiest % info.width(),
          busiest / info.width(),
          report);
    }
  }
}
