package org.pixelwake.run.study;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.pixelwake.base.Spread;
import org.pixelwake.report.section.Statement;
import org.pixelwake.report.section.Statement.Outcome;
import org.pixelwake.report.section.Statement.Quantity;

/// The statements of the published study, held against what was measured.
final class StudyStatements {
  /// Share of the final accuracy that convergence is measured by.
  static final double CONVERGED = 0.9;

  private static final double NOTICEABLE = 0.01;
  private static final double LARGE_GOAL = 0.99;
  private static final List<String> ANGLES = List.of("azimuth", "theta", "phi");

  private final StudyPlan plan;
  private final StudyPlan.Roles roles;
  private final StudyResults results;
  private final StudySharpness sharpness;
  private final List<Statement> list = new ArrayList<>();

  private StudyStatements(StudyPlan plan, StudyResults results, StudySharpness sharpness) {
    this.plan = plan;
    this.roles = plan.roles();
    this.results = results;
    this.sharpness = sharpness;
  }

  static List<Statement> of(StudyPlan plan, StudyResults results, StudySharpness sharpness) {
    StudyStatements all = new StudyStatements(plan, results, sharpness);
    StudyPlan.Roles roles = plan.roles();
    all.about(all::convergence, roles.pretrained(), roles.scratch());
    all.about(all::notWorse, roles.pretrained(), roles.scratch());
    all.about(all::masking, roles.unmasked(), String.join("", roles.masked()));
    all.about(all::sharpening, roles.heads(), roles.headless());
    all.about(all::small, roles.pretrained());
    all.about(all::large, roles.large());
    all.about(all::explained, roles.pretrained());
    all.about(
        () -> all.beats("The encoder beats boosted trees on cluster features", roles.trees()),
        roles.pretrained(),
        roles.trees());
    all.about(
        () -> all.beats("The encoder beats the small CNN", roles.small()),
        roles.pretrained(),
        roles.small());
    all.about(
        () ->
            all.overTrees("Networks over hits beat tuned trees on cluster features", roles.hits()),
        roles.hits());
    all.about(
        () ->
            all.overTrees(
                "The study's encoder in its best form beats tuned trees on cluster features",
                roles.best()),
        roles.best());
    return List.copyOf(all.list);
  }

  // A statement of which the plan names nothing, or a part, is not the study's.
  private void about(Runnable statement, String... names) {
    if (Arrays.stream(names).noneMatch(String::isEmpty)) {
      statement.run();
    }
  }

  private void add(
      String text,
      List<Quantity> quantities,
      String criterion,
      boolean measured,
      boolean held,
      String remark,
      String figure) {
    Outcome outcome = !measured ? Outcome.NOT_MEASURED : held ? Outcome.HELD : Outcome.NOT_HELD;
    list.add(new Statement(text, quantities, criterion, outcome, remark, figure));
  }

  // Paired by seed: both runs of a seed share data, division and order.
  private void convergence() {
    String one = roles.pretrained();
    String other = roles.scratch();
    double[] fast = results.steps(one, CONVERGED, false);
    double[] slow = results.steps(other, CONVERGED, false);
    add(
        "Pretraining converges faster",
        List.of(
            steps("pretrained, to 90 % of final accuracy", fast),
            steps("from scratch", slow),
            steps("pretrained, to 90 % of the rise", results.steps(one, CONVERGED, true)),
            steps("from scratch", results.steps(other, CONVERGED, true)),
            steps("pretrained, on the batches trained on", results.batchSteps(one, CONVERGED)),
            steps("from scratch", results.batchSteps(other, CONVERGED))),
        "fewer steps to 90 % of the final accuracy, in the mean over the seeds",
        measured(fast, slow) && results.measure(other, "accuracy").measured(),
        mean(fast) < mean(slow),
        "Accuracy on held-out clusters, balanced over the classes, begins at about a half: 90 % of"
            + " the rise from there is told beside it. Those clusters are normalised by running"
            + " statistics, which come late after what a new network learns; batches trained on"
            + " are by their own (accuracy of "
            + StudyResults.BATCHES
            + " in a row).",
        "accuracy-over-steps");
  }

  private static Quantity steps(String name, double[] steps) {
    return new Quantity(name, Spread.of(steps), "steps");
  }

  private void notWorse() {
    double[] one = results.figures(roles.pretrained(), "accuracy");
    double[] other = results.figures(roles.scratch(), "accuracy");
    add(
        "Pretraining is not worse in the end",
        List.of(
            quantity("pretrained", roles.pretrained(), "accuracy"),
            quantity("from scratch", roles.scratch(), "accuracy")),
        "final accuracy not below the other's by more than twice the standard error of the"
            + " difference",
        measured(one, other),
        mean(one) - mean(other) >= -2 * error(one, other),
        "",
        "");
  }

  private void masking() {
    double[] plain = results.figures(roles.unmasked(), "accuracy");
    List<Quantity> quantities = new ArrayList<>();
    quantities.add(quantity("nothing hidden", roles.unmasked(), "accuracy"));
    boolean measured = plain.length > 1 && !roles.masked().isEmpty();
    boolean same = true;
    for (String name : roles.masked()) {
      double[] masked = results.figures(name, "accuracy");
      quantities.add(quantity(name, name, "accuracy"));
      measured &= measured(masked, plain);
      double most = Math.max(2 * error(masked, plain), NOTICEABLE);
      same &= Math.abs(mean(masked) - mean(plain)) <= most;
    }
    add(
        "Hiding pixels in pretraining does not change the accuracy measurably",
        quantities,
        "differences within twice their standard error, or within one per cent",
        measured,
        same,
        "",
        "");
  }

  private void sharpening() {
    double[] with = sharpness.last(true);
    double[] without = sharpness.last(false);
    add(
        "The mask head sharpens the images",
        List.of(
            new Quantity("with mask heads", Spread.of(with), ""),
            new Quantity("without", Spread.of(without), "")),
        "larger sharpness at the true edge of the cluster, in every seed; 1 is that of the target",
        measured(with, without),
        all(with, without),
        "",
        sharpness.pictured() ? StudySharpness.FIGURE : "");
  }

  private void small() {
    String name = roles.pretrained();
    double[] below = results.figures(name, "small");
    double[] beyond = results.figures(name, "large");
    add(
        "Most errors sit in clusters of at most 8 hits",
        List.of(
            quantity("accuracy up to 8 hits", name, "small"), quantity("beyond", name, "large")),
        "more errors, as a share of the clusters, than beyond 8 hits in every seed",
        measured(below, beyond),
        all(beyond, below),
        "Balanced over the classes.",
        "accuracy-hits");
  }

  private void large() {
    double[] beyond = results.figures(roles.large(), "large");
    add(
        "Above 99 % for clusters of more than 8 hits",
        List.of(
            quantity(roles.large().isEmpty() ? "(large)" : roles.large(), roles.large(), "large")),
        "mean over the seeds above 0.99, balanced over the classes",
        beyond.length > 0,
        mean(beyond) > LARGE_GOAL,
        "",
        "accuracy-hits");
  }

  private void explained() {
    List<String> best =
        results.probed(true).stream()
            .filter(name -> results.probe(true, 0, name).measured())
            .sorted(Comparator.comparingDouble(name -> -results.probe(true, 0, name).mean()))
            .toList();
    List<String> first = best.subList(0, Math.min(2, best.size()));
    add(
        "Angle and length of a track are what the features explain best",
        best.stream()
            .map(name ->
                new Quantity(StudyFigures.quantity(name), results.probe(true, 0, name), "R²"))
            .toList(),
        "R² of a linear probe on features after pretraining, clusters of more than 8 hits:"
            + " length and an angle are the first two",
        best.size() > 1,
        first.contains("length") && first.stream().anyMatch(ANGLES::contains),
        "The next table gives the same for all clusters, including those too small to have an"
            + " angle.",
        best.isEmpty() ? "" : StudyFigures.PROBE);
  }

  private void beats(String text, String name) {
    double[] ours = results.figures(roles.pretrained(), "accuracy");
    double[] theirs = results.figures(name, "accuracy");
    add(
        text,
        List.of(
            quantity("encoder", roles.pretrained(), "accuracy"),
            quantity(name.isEmpty() ? "the other" : name, name, "accuracy")),
        "larger accuracy on the same clusters, by more than the standard error of the difference",
        measured(ours, theirs),
        mean(ours) > mean(theirs) + error(ours, theirs),
        "",
        "");
  }

  private void overTrees(String text, String name) {
    String trees = Objects.requireNonNullElse(StudyResults.tunedTrees(plan, name), "");
    Spread difference = results.overTrees().getOrDefault(name, Spread.NONE);
    add(
        text,
        List.of(
            quantity(name, name, "accuracy"),
            quantity(trees.isEmpty() ? "tuned trees" : trees, trees, "accuracy"),
            new Quantity("difference", difference, "")),
        "lower 95 % bound of the difference on the same test clusters, over clusters and seeds,"
            + " above 0",
        difference.hasInterval(),
        difference.low() > 0,
        "The trees' depth, learning rate and number were chosen on the training clusters.",
        "");
  }

  private Quantity quantity(String text, String name, String figure) {
    return new Quantity(text, results.measure(name, figure), "");
  }

  private static boolean measured(double[] one, double[] other) {
    return one.length > 0
        && one.length == other.length
        && DoubleStream.concat(Arrays.stream(one), Arrays.stream(other)).allMatch(Double::isFinite);
  }

  private static boolean all(double[] larger, double[] smaller) {
    return larger.length == smaller.length
        && IntStream.range(0, larger.length).allMatch(i -> larger[i] > smaller[i]);
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElse(Double.NaN);
  }

  /// Standard error of the difference of two means over seeds.
  private static double error(double[] one, double[] other) {
    return Math.sqrt(variance(one) / one.length + variance(other) / other.length);
  }

  private static double variance(double[] values) {
    double deviation = Spread.of(values).deviation();
    return Double.isNaN(deviation) ? 0 : deviation * deviation;
  }
}
