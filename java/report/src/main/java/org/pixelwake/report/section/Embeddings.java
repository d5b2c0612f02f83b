package org.pixelwake.report.section;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.pixelwake.report.image.FloatImage;
import org.pixelwake.report.image.SparseTrack;
import org.pixelwake.report.image.Track;
import org.pixelwake.report.page.Arguments;

/// Feature vectors of the same clusters on two-dimensional maps.
///
/// @param explanation one or two sentences: which clusters, which features
/// @param classes names of the classes
/// @param labels index of the class of each cluster; -1 where it is not known
/// @param quantities what else is known of the clusters, each a way to colour the maps
/// @param energyUnit of the energies of the hits
/// @param tracks the hits of each cluster
/// @param reconstructions what a network made of some of them, by index of the cluster
/// @param maps the maps, such as PCA and UMAP before and after finetuning
public record Embeddings(
    String explanation,
    List<String> classes,
    int[] labels,
    List<Quantity> quantities,
    String energyUnit,
    List<SparseTrack> tracks,
    Map<Integer, Compared> reconstructions,
    List<PointMap> maps) {
  /// More points would be neither readable nor quick.
  public static final int MOST_POINTS = 5000;

  /// Copies the lists.
  ///
  /// @throws IllegalArgumentException if lengths differ, there are more than 5000 clusters, or an
  ///   index is out of range
  public Embeddings {
    classes = List.copyOf(classes);
    quantities = List.copyOf(quantities);
    tracks = List.copyOf(tracks);
    reconstructions = new TreeMap<>(reconstructions);
    maps = List.copyOf(maps);
    int n = tracks.size();
    Arguments.check(n <= MOST_POINTS, "%d points; draw at most %d of them", n, MOST_POINTS);
    same("labels", n, labels.length);
    for (int label : labels) {
      Arguments.check(label >= -1 && label < classes.size(), "class %d of %s", label, classes);
    }
    quantities.forEach(quantity -> same(quantity.name, n, quantity.values.length));
    maps.forEach(map -> same(map.id, n, map.x.length));
    IntStream.concat(
            maps.stream().flatMapToInt(map -> Arrays.stream(map.picks)),
            reconstructions.keySet().stream().mapToInt(index -> index))
        .forEach(i -> Arguments.check(i >= 0 && i < n, "cluster %d of %d", i, n));
  }

  private static void same(String what, int expected, int length) {
    Arguments.check(length == expected, "%s: %d for %d clusters", what, length, expected);
  }

  /// A number known of every cluster.
  ///
  /// @param name such as "Energy"
  /// @param unit such as "keV"
  /// @param scale how its colours are spread
  /// @param values one for each cluster; NaN where it is not known
  public record Quantity(String name, String unit, Scale scale, double[] values) {}

  /// How colours are spread over the values of a quantity.
  public enum Scale {
    /// Evenly.
    LINEAR,
    /// By the logarithm.
    LOGARITHMIC,
    /// Evenly, and the largest value is next to the smallest: an azimuth from 0 to 360 degrees.
    CYCLIC
  }

  /// A map.
  ///
  /// @param id anchor in the page and start of the names of its files
  /// @param title such as "UMAP after finetuning"
  /// @param explanation one sentence, such as the share of the variance; may be empty
  /// @param xName name of the horizontal axis
  /// @param yName name of the vertical axis
  /// @param x one for each cluster
  /// @param y one for each cluster
  /// @param picks clusters drawn as small pictures at their place, such as the nearest to each
  ///   centre of k-means
  public record PointMap(
      String id,
      String title,
      String explanation,
      String xName,
      String yName,
      double[] x,
      double[] y,
      int[] picks) {
    /// @throws IllegalArgumentException if there is not one y for each x
    public PointMap {
      Arguments.checkId(id);
      Arguments.check(x.length == y.length, "%s: %d x, %d y", id, x.length, y.length);
    }
  }

  /// What the autoencoder made of a cluster; images of the same size.
  ///
  /// @param input energy channel as the network saw it
  /// @param output what it returned
  public record Compared(FloatImage input, Track.Reconstruction output) {
    /// @throws IllegalArgumentException if images differ in size
    public Compared {
      Track.checkSize("reconstruction", input, output);
    }
  }
}
