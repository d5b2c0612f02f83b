package org.pixelwake.app.terminal;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.Locale;
import org.pixelwake.run.JsonOutput;
import org.pixelwake.run.Texts;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.clustering.ClusterReport;
import org.pixelwake.timepix.clustering.LogHistogram;
import org.pixelwake.timepix.clustering.SourceSummary;
import org.pixelwake.timepix.io.ReadReport;

/// Detector data.
public record SourceContents(SourceSummary summary) implements Contents {
  @Override
  public void print(Console console) {
    PrintWriter out = console.out();
    SourceInfo info = summary.info();
    ReadReport read = summary.report().read();
    out.println(info.file());
    Contents.fact(out, "format", info.format());
    Contents.fact(
        out,
        "detector",
        String.format(
            Locale.ROOT,
            "%s%s, %d x %d pixels, %s%s",
            info.detector(),
            info.chipId().isEmpty() ? "" : ", chip " + info.chipId(),
            info.width(),
            info.height(),
            Contents.quantity(info.unit()),
            info.hasToa() ? ", time of each hit" : ""));
    if (read.frames() > 0) {
      Contents.fact(
          out,
          "frames",
          Texts.count(read.frames()) + " (" + Texts.count(read.emptyFrames()) + " empty)");
    }
    Contents.fact(out, "hits", Texts.count(read.hits()));
    Contents.fact(
        out,
        "clusters",
        Texts.count(summary.clusters()) + ", the largest of " + Texts.count(summary.largest()));
    if (summary.duration() > 0) {
      Contents.fact(
          out,
          info.hasToa() ? "duration" : "exposure",
          Texts.nanoseconds(summary.duration())
              + " ("
              + Texts.digits(summary.clusters() / (summary.duration() / 1e9))
              + " clusters/s)");
    }
    if (summary.clusters() > 0) {
      Contents.fact(
          out,
          "pixels hit",
          String.format(
              Locale.ROOT,
              "%,d (%.1f %% of the sensor), most often x %d, y %d with %,d hits",
              summary.hitPixels(),
              100 * summary.occupancy(),
              summary.busiestX(),
              summary.busiestY(),
              summary.busiest()));
    }
    printLeftOut(out, summary.report());
    if (summary.clusters() > 0) {
      String title = "clusters by energy (" + summary.spectrum().unit() + ")";
      Bars.print(console, title, Bars.spectrum(summary.spectrum()));
      Bars.print(console, "clusters by number of hits", Bars.sizes(summary.sizes()));
    }
    Contents.metadata(console, info.metadata());
  }

  /// Prints what was left out of a source, and what else its user should know.
  public static void printLeftOut(PrintWriter out, ClusterReport report) {
    ReadReport read = report.read();
    some(out, "markers", read.markers(), "rows that mark lost data");
    some(out, "masked", read.maskedHits(), "hits of masked pixels");
    some(
        out,
        "not calibrated",
        read.invalidEnergies(),
        "hits of pixels without a usable calibration");
    some(out, "late", report.lateHits(), "hits beyond the sorting window");
    some(out, "cut", report.cutClusters(), "clusters cut for their size");
    for (ReadReport.Skipped skipped : read.skipped()) {
      Contents.fact(
          out,
          skipped.malformed() ? "skipped" : "passed over",
          Texts.count(skipped.count())
              + " x "
              + skipped.reason()
              + (skipped.first().isEmpty() ? "" : ", first at " + skipped.first()));
    }
    for (String notice : report.notices()) {
      Contents.fact(out, "note", notice);
    }
  }

  private static void some(PrintWriter out, String name, long count, String what) {
    if (count > 0) {
      Contents.fact(out, name, Texts.count(count) + " " + what);
    }
  }

  @Override
  public ObjectNode json() {
    SourceInfo info = summary.info();
    ReadReport read = summary.report().read();
    ObjectNode node = JsonOutput.object();
    node.put("file", info.file());
    node.put("kind", "detector");
    node.put("format", info.format());
    node.put("detector", info.detector());
    node.put("chip", info.chipId());
    node.put("width", info.width());
    node.put("height", info.height());
    node.put("has_toa", info.hasToa());
    node.put("energy_unit", summary.spectrum().unit());
    node.put("frames", read.frames());
    node.put("empty_frames", read.emptyFrames());
    node.put("hits", read.hits());
    node.put("clusters", summary.clusters());
    node.put("largest_cluster", summary.largest());
    node.put("duration_ns", summary.duration());
    node.put("pixels_hit", summary.hitPixels());
    ObjectNode busiest = node.putObject("busiest_pixel");
    busiest.put("x", summary.busiestX()).put("y", summary.busiestY());
    busiest.put("hits", summary.busiest());
    node.put("markers", read.markers());
    node.put("masked_hits", read.maskedHits());
    node.put("invalid_energies", read.invalidEnergies());
    node.put("late_hits", summary.report().lateHits());
    node.put("cut_clusters", summary.report().cutClusters());
    node.putPOJO("skipped", read.skipped()).putPOJO("packets", read.packets());
    node.putPOJO("notices", summary.report().notices());
    node.set("spectrum", histogram(summary.spectrum()));
    node.set("pixel_spectrum", histogram(summary.pixelSpectrum()));
    ArrayNode sizes = node.putArray("sizes");
    for (int k = 0; k < summary.sizes().length; k++) {
      ObjectNode bin = sizes.addObject();
      bin.put("from", 1L << k).put("to", (2L << k) - 1).put("clusters", summary.sizes()[k]);
    }
    return node.putPOJO("metadata", info.metadata());
  }

  private static ObjectNode histogram(LogHistogram histogram) {
    ObjectNode node = JsonOutput.object();
    node.put("unit", histogram.unit()).put("below", histogram.below());
    ArrayNode edges = node.putArray("edges");
    ArrayNode counts = node.putArray("counts");
    for (int bin = 0; bin < histogram.counts().length; bin++) {
      edges.add(histogram.edge(bin));
      counts.add(histogram.counts()[bin]);
    }
    edges.add(histogram.edge(histogram.counts().length));
    return node;
  }
}
