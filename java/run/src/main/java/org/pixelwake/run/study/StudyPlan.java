package org.pixelwake.run.study;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.op.Rasterize;
import org.pixelwake.timepix.simulation.Setup;
import org.pixelwake.training.YamlFailure;

/// What a study consists of, from its YAML file.
///
/// @param title of the report
/// @param seeds of which every training is run with each, at least one
/// @param data data sets by name
/// @param pretrain settings that all pretrainings share
/// @param finetune settings that all finetunings share
/// @param pretrainings by name
/// @param variations finetunings by name, in the order in which the report names them
/// @param baselines boosted trees on cluster features, by name
/// @param fewLabels trainings with few labels; each is among `variations` or `baselines` too
/// @param roles names that the statements of the report are about
/// @param map clusters on the maps of feature vectors
public record StudyPlan(
    String title,
    List<Long> seeds,
    Map<String, Data> data,
    Map<String, Object> pretrain,
    Map<String, Object> finetune,
    Map<String, Pretrained> pretrainings,
    Map<String, Variation> variations,
    Map<String, Baseline> baselines,
    @JsonProperty("few-labels") FewLabelRows fewLabels,
    Roles roles,
    int map) {
  /// Names of the studies that come with Pixelwake.
  public static final List<String> PRESETS = List.of("cpu-small", "gpu-full");

  /// A data set: simulated, or from files.
  ///
  /// @param preset of the simulation, or null
  /// @param particles that are simulated to train on
  /// @param seed of the simulation
  /// @param testParticles that are simulated, with another seed, to measure on; 0: none
  /// @param testSeed seed of these; null: one that follows from `seed`
  /// @param file data set to train on, where nothing is simulated
  /// @param test data set to measure on, or null
  public record Data(
      @Nullable String preset,
      long particles,
      long seed,
      @JsonProperty("test-particles") long testParticles,
      @JsonProperty("test-seed") @Nullable Long testSeed,
      @Nullable String file,
      @Nullable String test) {
    private static final long TEST_SEED = 1_000_003;

    public boolean tested() {
      return preset == null ? test != null : testParticles > 0;
    }

    /// Returns the seed of the particles to train or to measure on.
    long seedOf(boolean ofTest) {
      return !ofTest ? seed : testSeed == null ? seed + TEST_SEED : testSeed;
    }
  }

  /// A pretraining.
  ///
  /// @param data name of its data
  /// @param settings beside those that all share
  public record Pretrained(String data, @Nullable Map<String, Object> settings) {}

  /// A finetuning.
  ///
  /// @param data name of its data, which have something to measure on
  /// @param pretraining name of the pretraining whose encoder it starts from; null: a new encoder
  /// @param network name of a variation before it whose networks are measured, instead of training
  ///   others; null: it trains its own
  /// @param symmetries of the square that predictions are averaged over, 8 or 1; null: 1
  /// @param description for the table
  /// @param settings beside those that all share
  public record Variation(
      String data,
      @Nullable String pretraining,
      @Nullable String network,
      @Nullable Integer symmetries,
      @Nullable String description,
      @Nullable Map<String, Object> settings) {}

  /// Boosted trees.
  ///
  /// @param data name of their data
  /// @param tune choose depth, learning rate and number of trees on the training clusters, instead
  ///   of 300 trees of depth 6
  /// @param description for the table
  /// @param settings of the finetunings that decide on which clusters they are grown, beside those
  ///   that all share
  public record Baseline(
      String data,
      boolean tune,
      @Nullable String description,
      @Nullable Map<String, Object> settings) {}

  /// Names of the runs that the statements of the report compare; a statement that needs a name
  /// which is not given is left out.
  ///
  /// @param pretrained variation with pretraining
  /// @param scratch the same without
  /// @param unmasked the same, pretrained with all pixels shown
  /// @param masked those pretrained with pixels hidden
  /// @param heads pretraining with mask heads
  /// @param headless the same without
  /// @param large variation whose accuracy beyond 8 hits is looked at
  /// @param small name of the small CNN among the variations
  /// @param trees name of the boosted trees
  /// @param hits variation with a network over hits
  /// @param best variation with the study's encoder in its best form
  public record Roles(
      String pretrained,
      String scratch,
      String unmasked,
      List<String> masked,
      String heads,
      String headless,
      String large,
      String small,
      String trees,
      String hits,
      String best) {
    private static final Roles NONE = new Roles("", "", "", List.of(), "", "", "", "", "", "", "");

    public Roles {
      // Jackson gives null for what the file leaves out.
      pretrained = Objects.toString(pretrained, "");
      scratch = Objects.toString(scratch, "");
      unmasked = Objects.toString(unmasked, "");
      masked = masked == null ? List.of() : List.copyOf(masked);
      heads = Objects.toString(heads, "");
      headless = Objects.toString(headless, "");
      large = Objects.toString(large, "");
      small = Objects.toString(small, "");
      trees = Objects.toString(trees, "");
      hits = Objects.toString(hits, "");
      best = Objects.toString(best, "");
    }
  }

  private static final YAMLMapper YAML = new YAMLMapper();
  private static final int DEFAULT_MAP = 2000;

  public StudyPlan {
    title = title == null ? "Study" : title;
    seeds = seeds == null ? List.of(1L) : List.copyOf(seeds);
    data = ordered(data);
    pretrain = ordered(pretrain);
    finetune = ordered(finetune);
    pretrainings = ordered(pretrainings);
    fewLabels = fewLabels == null ? FewLabelRows.NONE : fewLabels;
    variations = StudyPlan.joined(variations, fewLabels.variations(finetune));
    baselines = StudyPlan.joined(baselines, fewLabels.baselines(finetune));
    roles = roles == null ? Roles.NONE : roles;
    map = map == 0 ? DEFAULT_MAP : map;
  }

  private static <T> Map<String, T> ordered(@Nullable Map<String, T> map) {
    return map == null ? Map.of() : new LinkedHashMap<>(map);
  }

  private static <T> Map<String, T> joined(@Nullable Map<String, T> first, Map<String, T> second) {
    Map<String, T> all = new LinkedHashMap<>(ordered(first));
    all.putAll(second);
    return all;
  }

  /// Text of a study that comes with Pixelwake.
  public static String presetText(String name) {
    String resource = name + ".yaml";
    try (InputStream in = StudyPlan.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new InputException(
            "--preset " + name, "no such study", "Use one of " + String.join(", ", PRESETS));
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(resource, e);
    }
  }

  /// Reads the text of a file.
  public static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw InputException.unreadable(file, e);
    }
  }

  /// Reads a study.
  ///
  /// @param source for messages
  /// @throws InputException where it is not a study, or names something that is not there
  public static StudyPlan parse(String source, String yaml) {
    StudyPlan plan;
    try {
      plan = YAML.readValue(yaml, StudyPlan.class);
    } catch (JsonProcessingException e) {
      throw YamlFailure.of(source, e, "See `pixelwake study --print-preset cpu-small` for a study");
    }
    plan.check(source);
    return plan;
  }

  private void check(String source) {
    List<String> names =
        Stream.of(data, pretrainings, variations, baselines)
            .flatMap(named -> named.keySet().stream())
            .toList();
    for (String name : names) {
      // They become names of folders.
      require(
          source,
          name.matches("[A-Za-z0-9][A-Za-z0-9._-]*"),
          name,
          "has other characters than letters, digits, dots, dashes",
          "Name it otherwise");
    }
    require(source, !seeds.isEmpty(), "seeds", "are missing", "Give at least one");
    require(
        source,
        !variations.isEmpty() || !pretrainings.isEmpty(),
        "variations",
        "are missing",
        "Give at least one variation or pretraining");
    data.forEach((name, one) -> {
      boolean simulated = one.preset != null;
      require(
          source,
          simulated != (one.file != null),
          "data " + name,
          "is neither or both simulated and from a file",
          "Give preset and particles, or file");
      require(
          source,
          !simulated || one.particles > 0 && Setup.presets().contains(String.valueOf(one.preset)),
          "data " + name,
          "has no particles or a preset that there is not",
          "Give particles, and one of " + String.join(", ", Setup.presets()));
    });
    pretrainings.forEach((name, one) -> known(source, "pretrainings " + name, data, one.data));
    if (!fewLabels.rows().isEmpty()) {
      checkFewLabels(source);
    }
    variations.forEach((name, one) -> {
      measured(source, "variations " + name, one.data);
      require(
          source,
          one.symmetries == null || one.symmetries == 1 || one.symmetries == Rasterize.SYMMETRIES,
          "variations " + name,
          "is averaged over " + one.symmetries + " symmetries",
          "Give 1 or 8");
      if (one.pretraining != null) {
        known(source, "variations " + name, pretrainings, one.pretraining);
      }
      if (one.network != null) {
        shared(source, name, one);
      }
    });
    baselines.forEach((name, one) -> measured(source, "baselines " + name, one.data));
  }

  private void checkFewLabels(String source) {
    measured(source, "few-labels", fewLabels.data());
    require(
        source,
        !fewLabels.labels().isEmpty() && fewLabels.labels().stream().allMatch(count -> count > 0),
        "few-labels labels",
        "are missing or not above 0",
        "Give numbers of labels, such as [50, 200, 1000]");
    fewLabels
        .rows()
        .forEach((name, row) -> {
          require(
              source,
              row.longer() <= 1 || merged(finetune, row.settings(), Map.of()).containsKey("steps"),
              "few-labels " + name,
              "is to be longer, and has no number of steps",
              "Give steps in its settings or in finetune");
          require(
              source,
              !row.trees() || row.pretraining() == null,
              "few-labels " + name,
              "are trees with a pretraining",
              "Leave pretraining out");
        });
  }

  private void shared(String source, String name, Variation one) {
    String place = "variations " + name;
    known(source, place, variations, one.network);
    List<String> order = List.copyOf(variations.keySet());
    Variation trained = variations.get(one.network);
    require(
        source,
        trained != null
            && order.indexOf(one.network) < order.indexOf(name)
            && trained.network == null
            && trained.data.equals(one.data),
        place,
        "takes the networks of "
            + one.network
            + ", which comes later, trains none or has other data",
        "Name a variation before it that trains on the same data");
    require(
        source,
        one.pretraining == null && one.settings == null,
        place,
        "has settings or a pretraining beside the networks of " + one.network,
        "Leave them out, or leave out network");
  }

  private void measured(String source, String place, String name) {
    known(source, place, data, name);
    Data one = data.get(name);
    require(
        source,
        one != null && one.tested(),
        place,
        "is to be measured on " + name + ", which has no clusters to measure on",
        "Give " + name + " test-particles or test");
  }

  private static void known(
      String source, String place, Map<String, ?> among, @Nullable String name) {
    require(
        source,
        name != null && among.containsKey(name),
        place,
        "names " + name + ", which is not there",
        "Use one of " + String.join(", ", among.keySet()));
  }

  private static void require(
      String source, boolean holds, String place, String problem, String remedy) {
    if (!holds) {
      throw new InputException(source, place, problem, remedy);
    }
  }

  /// Settings of a run: those that all share, and its own, which win.
  public static Map<String, Object> merged(
      Map<String, Object> shared, @Nullable Map<String, Object> own, Map<String, Object> last) {
    Map<String, Object> all = new LinkedHashMap<>(shared);
    if (own != null) {
      all.putAll(own);
    }
    all.putAll(last);
    return all;
  }

  /// Settings as the text of a YAML file.
  public static String yaml(Map<String, Object> settings) {
    try {
      return YAML.writeValueAsString(settings);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
