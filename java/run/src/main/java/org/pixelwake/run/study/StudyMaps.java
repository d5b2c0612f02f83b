package org.pixelwake.run.study;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.pixelwake.base.Progress;
import org.pixelwake.engine.Device;
import org.pixelwake.report.image.SparseTrack;
import org.pixelwake.report.page.Report;
import org.pixelwake.report.section.Embeddings;
import org.pixelwake.report.section.Embeddings.Scale;
import org.pixelwake.report.section.MapSection;
import org.pixelwake.run.report.RunReports;
import org.pixelwake.timepix.dataset.ClusterTable;
import org.pixelwake.timepix.dataset.DatasetReader;
import org.pixelwake.training.Evaluation;
import org.pixelwake.training.TrainedModel;

/// The maps of feature vectors of a study, with the tracks that lie on them.
record StudyMaps(StudyFolder folder, StudyPlan plan, Device device, StudyFeatures.Result features) {
  private static final int BATCH = 16;
  private static final int RECONSTRUCTED = 200;

  void addTo(Report.Builder report) {
    StudyPlan.Variation variation = plan.variations().get(plan.roles().pretrained());
    if (variation == null || features.maps().isEmpty()) {
      return;
    }
    Path file = Study.dataset(folder, plan, variation.data(), true);
    ClusterTable table;
    String unit;
    try (DatasetReader reader = DatasetReader.open(file)) {
      unit = reader.info().unit().label();
      table = reader.loadAll(Progress.NONE);
    }
    List<Embeddings.PointMap> maps = new ArrayList<>();
    features
        .maps()
        .forEach((title, map) ->
            maps.add(
                new Embeddings.PointMap(
                    title.toLowerCase(Locale.ROOT).replace(' ', '-'),
                    title,
                    map.note(),
                    "first axis",
                    "second axis",
                    map.x(),
                    map.y(),
                    map.picks())));
    report.section(
        new MapSection(
            new Embeddings(
                "Test clusters of the first seed, by the features that the encoder gives them after"
                    + " pretraining without any label, and after finetuning.",
                features.classes(),
                features.labels(),
                quantities(unit),
                unit,
                tracks(table),
                reconstructions(String.valueOf(variation.pretraining()), table),
                maps)));
  }

  private List<Embeddings.Quantity> quantities(String unit) {
    List<Embeddings.Quantity> known = new ArrayList<>();
    features
        .quantities()
        .forEach((key, values) ->
            known.add(
                switch (key) {
                  case "theta" ->
                      new Embeddings.Quantity("Angle from the normal", "°", Scale.LINEAR, values);
                  // It comes round after half a turn.
                  case "azimuth" ->
                      new Embeddings.Quantity(
                          "Twice the track's azimuth",
                          "°",
                          Scale.CYCLIC,
                          Arrays.stream(values).map(v -> 2 * v).toArray());
                  case "phi" ->
                      new Embeddings.Quantity("Particle's azimuth", "°", Scale.CYCLIC, values);
                  case "length" ->
                      new Embeddings.Quantity("Length", "pixels", Scale.LINEAR, values);
                  case "energy" ->
                      new Embeddings.Quantity("Energy", unit, Scale.LOGARITHMIC, values);
                  case "size" -> new Embeddings.Quantity("Hits", "", Scale.LOGARITHMIC, values);
                  default -> throw new IllegalStateException(key);
                }));
    return known;
  }

  private List<SparseTrack> tracks(ClusterTable table) {
    List<SparseTrack> tracks = new ArrayList<>();
    for (int row : features.rows()) {
      int start = table.start(row);
      int end = start + table.size(row);
      int[] x = IntStream.range(start, end).map(i -> table.x()[i]).toArray();
      int[] y = IntStream.range(start, end).map(i -> table.y()[i]).toArray();
      tracks.add(SparseTrack.anywhere(x, y, Arrays.copyOfRange(table.energy(), start, end)));
    }
    return tracks;
  }

  // Of the tracks that are drawn on the maps, and of others spread over all.
  private Map<Integer, Embeddings.Compared> reconstructions(
      String pretraining, ClusterTable table) {
    TreeSet<Integer> chosen = new TreeSet<>();
    features.maps().values().forEach(map -> Arrays.stream(map.picks()).forEach(chosen::add));
    int n = features.rows().length;
    int others = Math.min(RECONSTRUCTED, n);
    for (int i = 0; i < others; i++) {
      chosen.add((int) ((long) i * n / others));
    }
    int[] indices = chosen.stream().mapToInt(Integer::intValue).toArray();
    int[] rows = Arrays.stream(indices).map(i -> features.rows()[i]).toArray();
    Map<Integer, Embeddings.Compared> found = new LinkedHashMap<>();
    long seed = plan.seeds().getFirst();
    try (TrainedModel model =
            TrainedModel.read(device, folder.pretraining(pretraining, seed).path());
        Evaluation evaluation = model.evaluation(table, rows, BATCH)) {
      Evaluation.Picture[] pictures = evaluation.pictures(table, rows);
      for (int i = 0; i < indices.length; i++) {
        found.put(
            indices[i],
            new Embeddings.Compared(
                RunReports.target(pictures[i], 0), RunReports.reconstruction(pictures[i])));
      }
    }
    return found;
  }
}
