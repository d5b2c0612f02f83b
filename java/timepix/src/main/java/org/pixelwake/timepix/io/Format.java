package org.pixelwake.timepix.io;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.pixelwake.base.InputException;

/// File formats that are read. The format of a file is found by its content; a name or an extension
/// decides nothing.
public enum Format {
  /// Pixelman `ASCII XYC` frames: a line `x<TAB>y<TAB>C` a pixel, or `x,y<TAB>C` (CERN@school
  /// `.lsc`), an empty file for an empty frame, a `.dsc` of the same name beside it.
  XYC("xyc", Kind.FRAMES),
  /// Pixelman matrix frames (`.txt`, `.pmf`): a line a row of pixels, frames stacked.
  MATRIX("matrix", Kind.FRAMES),
  /// Pixelman and Pixet binary frames (`.pbf`, `.bmf`): raw little-endian numbers that a `.dsc` of
  /// the same name beside them describes.
  PBF("pbf", Kind.FRAMES),
  /// Pixelman cluster log: `Frame n (start, exposure s)`, then a line `[x, y, value] ...` a
  /// cluster.
  CLOG("clog", Kind.CLUSTERS),
  /// Pixet hits of Timepix3: columns Index, Matrix Index, ToA, ToT, FToA, Overflow.
  T3PA("t3pa", Kind.HITS),
  /// Burda and Katherine hits of Timepix3: columns matrix index, ToA, FToA, ToT, without a header.
  BURDA("burda", Kind.HITS),
  /// Raw 64-bit packets in `TPX3` chunks of SPIDR and Serval.
  TPX3("tpx3", Kind.HITS),
  /// Clusters of hits as a triplet of files `.ini`, `_cl.txt`, `_px.txt`.
  MM("mm", Kind.CLUSTERS),
  /// Clusters in YAML as mPIXdaq writes them.
  MPIXDAQ("mpixdaq", Kind.CLUSTERS),
  /// Labelled clusters of TPX3-Functions (`_sim.txt`): a header with particle, energy and angles,
  /// then the hits of the cluster.
  SIM("sim", Kind.CLUSTERS),
  /// Cluster lists of ADVACAM's DPE: a line a cluster with its features and its hits.
  CLIST("clist", Kind.CLUSTERS),
  /// Text of the module `[TextWriter]` of Allpix Squared: events with the objects of detectors.
  ALLPIX("allpix", Kind.CLUSTERS),
  /// CSV ntuples of Geant4's analysis manager: a row a pixel that was hit or a deposit.
  G4CSV("g4csv", Kind.CLUSTERS);

  /// What a file of the format holds.
  public enum Kind {
    /// Pixel values integrated over an exposure.
    FRAMES,
    /// Hits with a time of arrival each.
    HITS,
    /// Clusters that somebody else has found.
    CLUSTERS
  }

  private final String id;
  private final Kind kind;

  Format(String id, Kind kind) {
    this.id = id;
    this.kind = kind;
  }

  /// Short name, as in `--format` and in the metadata of a data set.
  public String id() {
    return id;
  }

  /// What its files hold.
  public Kind kind() {
    return kind;
  }

  /// The format of this short name.
  ///
  /// @throws InputException where there is none
  public static Format of(String id) {
    for (Format format : values()) {
      if (format.id.equals(id.toLowerCase(Locale.ROOT))) {
        return format;
      }
    }
    throw new InputException(
        "--format", "'" + id + "' is no known format", "Choose one of " + ids());
  }

  /// The short names of all, for messages.
  static String ids() {
    return Arrays.stream(values()).map(Format::id).collect(Collectors.joining(", "));
  }
}
