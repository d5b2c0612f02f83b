package org.pixelwake.training.target;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Philox;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.dataset.Balancer;
import org.pixelwake.timepix.dataset.ClusterRows;
import org.pixelwake.timepix.dataset.DatasetInfo;
import org.pixelwake.timepix.dataset.ExponentialBins;
import org.pixelwake.timepix.dataset.SourceClass;
import org.pixelwake.timepix.dataset.Split;
import org.pixelwake.timepix.simulation.Particle;

/// Classes of the rows of a table of clusters, and what else a network is to learn of them.
///
/// A row that belongs to no class has the label [#NONE]; it is in no part of a division and in no
/// selection. Labels are immutable and may be read by many threads.
public final class Labels {
  /// Label of a row of no class.
  public static final int NONE = -1;

  /// Class of the clusters that one particle made.
  public static final String SINGLE = "single";

  /// Class of the clusters that several particles made.
  public static final String PILE_UP = "pile-up";

  /// "labels" in ASCII: keeps these draws apart from others of the same seed.
  private static final long STREAM = 0x6c6162656c73L << 8;

  private final ClusterRows table;
  private final DatasetInfo info;
  private final List<String> names;
  private final int[] labels;

  private Labels(ClusterRows table, DatasetInfo info, List<String> names, int[] labels) {
    this.table = table;
    this.info = info;
    this.names = List.copyOf(names);
    this.labels = labels;
    if (Arrays.stream(labels).allMatch(label -> label == NONE)) {
      throw refuse(
          String.join(", ", names),
          "no cluster is of any of them",
          "Check the classes; `pixelwake info` shows the sources and the particles");
    }
  }

  private static InputException refuse(String which, String problem, String remedy) {
    return new InputException("classes", which, problem, remedy);
  }

  /// Classes by the particle that made a cluster, as the truth has it.
  ///
  /// @param classes names such as `electron`, `proton`, `C12`, or numbers of the Particle Data
  ///   Group such as `11`, in the order of the labels; where empty all particles that are there, by
  ///   their numbers
  /// @throws InputException where a name is unknown or given twice, or no cluster is of any of them
  public static Labels byParticle(ClusterRows table, DatasetInfo info, List<String> classes) {
    if (!table.hasTruth()) {
      throw refuse(
          "by particle",
          "the particles of these clusters are not known",
          "Give simulated clusters or labelled ones, or classes by source");
    }
    Map<Integer, Integer> numbers = new LinkedHashMap<>();
    List<String> names = new ArrayList<>();
    for (int particle :
        classes.isEmpty()
            ? present(table)
            : classes.stream().mapToInt(Labels::particle).toArray()) {
      if (numbers.put(particle, names.size()) != null) {
        throw refuse(particleName(particle), "it is given twice", "Give every class once");
      }
      names.add(particleName(particle));
    }
    int[] labels = new int[table.count()];
    Arrays.setAll(labels, row -> numbers.getOrDefault(particle(table, row), NONE));
    return new Labels(table, info, names, labels);
  }

  private static int[] present(ClusterRows table) {
    return IntStream.range(0, table.count())
        .map(row -> particle(table, row))
        .filter(particle -> particle != Truth.UNKNOWN_PARTICLE)
        .distinct()
        .sorted()
        .toArray();
  }

  private static int particle(ClusterRows table, int row) {
    Truth truth = table.truth(row);
    return truth == null ? Truth.UNKNOWN_PARTICLE : truth.particle();
  }

  private static int particle(String name) {
    try {
      return name.matches("-?\\d+") ? Integer.parseInt(name) : Particle.named(name).pdg();
    } catch (IllegalArgumentException e) {
      throw new InputException(
          "classes",
          name,
          "no particle has that name",
          "Name particles such as electron, proton, alpha, C12, or their PDG numbers",
          e);
    }
  }

  /// Name of a particle as classes have it: that of [Particle], or its number.
  public static String particleName(int particle) {
    return Particle.ofPdg(particle).map(Particle::name).orElse(Integer.toString(particle));
  }

  /// Classes by the file that a cluster comes from.
  ///
  /// @param classes texts NAME=PATTERN such as `sr90=*sr90*`, see [SourceClass]; a source is of the
  ///   first that matches. Several can have one name. Labels are in the order in which the names
  ///   come
  /// @throws InputException where a text is wrong, or a pattern is first for no source
  public static Labels bySource(ClusterRows table, DatasetInfo info, List<String> classes) {
    List<SourceClass> rules = classes.stream().map(SourceClass::parse).toList();
    List<String> names =
        List.copyOf(new LinkedHashSet<>(rules.stream().map(SourceClass::name).toList()));
    List<SourceInfo> sources = info.sources();
    Set<SourceClass> used = new LinkedHashSet<>();
    int[] ofSource = new int[sources.size()];
    Arrays.setAll(
        ofSource,
        source -> {
          Optional<SourceClass> first =
              rules.stream().filter(rule -> rule.matches(sources.get(source).file())).findFirst();
          first.ifPresent(used::add);
          return first.map(rule -> names.indexOf(rule.name())).orElse(NONE);
        });
    for (SourceClass rule : rules) {
      if (!used.contains(rule)) {
        throw refuse(
            rule.name() + "=" + rule.pattern(),
            "no source is left for it of "
                + String.join(", ", sources.stream().map(SourceInfo::file).toList()),
            "Check the pattern and those before it");
      }
    }
    int[] labels = new int[table.count()];
    Arrays.setAll(labels, row -> ofSource[table.source(row)]);
    return new Labels(table, info, names, labels);
  }

  /// Classes by the number of particles whose hits a cluster holds, as the truth has it: one, or
  /// more, as [org.pixelwake.timepix.pileup.PileUp] makes them.
  ///
  /// @param classes [#SINGLE] and [#PILE_UP] in the order of the labels; where empty so
  /// @throws InputException where there are other classes, one is given twice, or the truth of no
  ///   cluster is known
  public static Labels byPileUp(ClusterRows table, DatasetInfo info, List<String> classes) {
    List<String> names = classes.isEmpty() ? List.of(SINGLE, PILE_UP) : classes;
    for (String name : names) {
      if (!name.equals(SINGLE) && !name.equals(PILE_UP)) {
        throw refuse(
            name,
            "by pile-up there is no class of that name",
            "Leave out the classes, or name " + SINGLE + " and " + PILE_UP);
      }
      if (names.indexOf(name) != names.lastIndexOf(name)) {
        throw refuse(name, "it is given twice", "Give every class once");
      }
    }
    int[] labels = new int[table.count()];
    Arrays.setAll(
        labels,
        row -> {
          Truth truth = table.truth(row);
          return truth == null ? NONE : names.indexOf(truth.particles() > 1 ? PILE_UP : SINGLE);
        });
    return new Labels(table, info, names, labels);
  }

  /// One class of all rows, for what needs no classes.
  public static Labels all(ClusterRows table, DatasetInfo info) {
    return new Labels(table, info, List.of("cluster"), new int[table.count()]);
  }

  /// The same with the classes of a model: a class that it does not have becomes [#NONE], one that
  /// is not here has no row.
  ///
  /// @throws InputException where none of its classes is here
  public Labels withClasses(List<String> classes) {
    int[] numbers = names.stream().mapToInt(classes::indexOf).toArray();
    int[] changed = Arrays.stream(labels).map(label -> label < 0 ? NONE : numbers[label]).toArray();
    return new Labels(table, info, classes, changed);
  }

  /// The same for some rows only; the others become [#NONE].
  ///
  /// @throws InputException where none is left
  public Labels where(IntPredicate kept) {
    int[] changed = new int[labels.length];
    Arrays.setAll(changed, row -> kept.test(row) ? labels[row] : NONE);
    return new Labels(table, info, names, changed);
  }

  /// Names of the classes, in the order of their labels.
  public List<String> classNames() {
    return names;
  }

  /// Label of a row, or [#NONE].
  public int of(int row) {
    return labels[row];
  }

  /// Rows that have a class, ascending.
  public int[] rows() {
    return IntStream.range(0, labels.length).filter(row -> labels[row] != NONE).toArray();
  }

  /// Number of rows of each class.
  public int[] counts() {
    return counts(rows());
  }

  /// Number of the given rows of each class.
  public int[] counts(int[] rows) {
    int[] counts = new int[names.size()];
    for (int row : rows) {
      if (labels[row] != NONE) {
        counts[labels[row]]++;
      }
    }
    return counts;
  }

  /// What else than the physics a classifier could tell the classes by: they were not all seen by
  /// the same detectors, whose thresholds and gains differ. Measured on two chips in the same
  /// natural background: hit counts and energies alone tell the chips apart in 69 % of the
  /// clusters.
  ///
  /// @return lines for people, none where all classes were seen by the same detectors
  public List<String> warnings() {
    Map<String, Set<String>> seen = new LinkedHashMap<>();
    for (int label = 0; label < names.size(); label++) {
      Set<String> detectors = detectors(label);
      if (!detectors.isEmpty()) {
        seen.put(names.get(label), detectors);
      }
    }
    if (Set.copyOf(seen.values()).size() < 2) {
      return List.of();
    }
    List<String> warnings = new ArrayList<>();
    warnings.add("not all classes were seen by the same detectors, which can be recognised:");
    seen.forEach(
        (name, detectors) -> warnings.add("  " + name + ": " + String.join(", ", detectors)));
    return warnings;
  }

  private Set<String> detectors(int label) {
    return IntStream.range(0, labels.length)
        .filter(row -> labels[row] == label)
        .mapToObj(row -> info.sources().get(table.source(row)))
        .map(source -> (source.detector() + " " + source.chipId()).strip())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /// Divides the rows that have a class; every class is in both parts.
  ///
  /// By source, of the sources of each class a number is held out that is as near to the fraction
  /// as can be, at least one and not all; a source of several classes counts as one of the class
  /// that most of its clusters have. Otherwise as [Split] has it.
  ///
  /// @throws InputException where something is to be held out and a class would not be in both
  ///   parts
  public Split.Parts split(Split split) {
    Split.Parts parts =
        split.unit() == Split.Unit.SOURCE
            ? bySources(split.heldOut(), split.seed())
            : split.of(table, rows());
    if (split.heldOut() > 0) {
      checkBoth(parts, split.unit());
    }
    return parts;
  }

  private Split.Parts bySources(double heldOut, long seed) {
    int[][] counts = new int[info.sources().size()][names.size()];
    int[] rows = rows();
    for (int row : rows) {
      counts[table.source(row)][labels[row]]++;
    }
    BitSet held = new BitSet();
    for (int label = 0; label < names.size(); label++) {
      int wanted = label;
      List<Integer> sources =
          IntStream.range(0, counts.length)
              .filter(source -> IntStream.of(counts[source]).sum() > 0)
              .filter(source -> most(counts[source]) == wanted)
              .boxed()
              .sorted(Comparator.comparingLong(source -> Philox.bits(seed, STREAM, source)))
              .toList();
      sources.subList(0, Split.share(heldOut, sources.size())).forEach(held::set);
    }
    return new Split.Parts(
        Arrays.stream(rows).filter(row -> !held.get(table.source(row))).toArray(),
        Arrays.stream(rows).filter(row -> held.get(table.source(row))).toArray());
  }

  private static int most(int[] counts) {
    int most = 0;
    for (int i = 1; i < counts.length; i++) {
      most = counts[i] > counts[most] ? i : most;
    }
    return most;
  }

  private void checkBoth(Split.Parts parts, Split.Unit unit) {
    int[] train = counts(parts.train());
    int[] held = counts(parts.heldOut());
    for (int label = 0; label < names.size(); label++) {
      if ((train[label] == 0) != (held[label] == 0)) {
        throw refuse(
            names.get(label),
            "all of its %d clusters would be %s%s"
                .formatted(
                    train[label] + held[label],
                    train[label] == 0 ? "held out" : "trained on",
                    unit == Split.Unit.SOURCE ? ": it has too few sources to divide" : ""),
            "Divide by block or cluster, or give more data");
      }
    }
  }

  /// Equally many of the given rows of each class: as many as the smallest class has. Which of them
  /// depends on seed and row alone.
  ///
  /// @return rows, ascending
  /// @throws InputException where a class has none
  public int[] balanced(int[] rows, long seed) {
    return balanced(
            new Balancer(
                ExponentialBins.ONE,
                1,
                Integer.MAX_VALUE,
                1,
                Balancer.SmallBins.DROP,
                Integer.MAX_VALUE,
                seed),
            rows)
        .rows();
  }

  /// Equally many of the given rows of each class in every bin of hit count.
  ///
  /// @throws InputException where nothing would be left
  public Balancer.Selection balanced(Balancer balancer, int[] rows) {
    int[] classes = new int[labels.length];
    Arrays.fill(classes, NONE);
    for (int row : rows) {
      classes[row] = labels[row];
    }
    return balancer.select(table.sizes(), classes, names.size());
  }
}
