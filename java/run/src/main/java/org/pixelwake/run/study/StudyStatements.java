package org.pixelwake.run.study;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.pixelwake.base.Spread;
import org.pixelwake.report.section.Statement;
import org.pixelwake.report.section.Statement.Outcome;
import org.pixelwake.report.section.Statement.Quantity;

/// The statements of the published study, held against what was measured.
public final class StudyStatements {
  /// Share of the final accuracy that convergence is measured by.
  public static final double CONVERGED = 0.9;

  private static final double NOTICEABLE = 0.01;
  private static final double LARGE_GOAL = 0.99;
  private static final List<String> ANGLES = List.of("azimuth", "theta", "phi");

  private final StudyPlan plan;
  private final StudyResults results;
  private final StudySharpness sharpness;
  private final List<Statement> list = new ArrayList<>();

  private StudyStatements(StudyPlan plan, StudyResults results, StudySharpness sharpness) {
    this.plan = plan;
    this.results = results;
    this.sharpness = sharpness;
  }

  public static List<Statement> of(StudyPlan plan, StudyResults results, StudySharpness sharpness) {
    StudyStatements all = new StudyStatements(plan, results, sharpness);
    all.convergence();
    all.notWorse();
    all.masking();
    all.sharpening();
    all.small();
    all.large();
    all.explained();
    all.beats("The encoder beats boosted trees on cluster features", plan.roles().trees());
    all.beats("The encoder beats the small CNN", plan.roles().small());
    return List.copyOf(all.list);
  }

  // Paired by seed: both runs of a seed share data, division and order.
  private void convergence() {
    String one = plan.roles().pretrained();
    String other = plan.roles().scratch();
    double[] fast = results.steps(one, CONVERGED, false);
    double[] slow = results.steps(other, CONVERGED, false);
    boolean measured = measured(fast, slow);
    Spread level = results.measure(other, "accuracy");
    list.add(
        new Statement(
            "Pretraining converges faster",
            List.of(
                new Quantity("pretrained, to 90 % of final accuracy", Spread.of(fast), "steps"),
                new Quantity("from scratch", Spread.of(slow), "steps"),
                new Quantity(
                    "pretrained, to 90 % of the rise",
                    Spread.of(results.steps(one, CONVERGED, true)), "steps"),
                new Quantity(
                    "from scratch", Spread.of(results.steps(other, CONVERGED, true)), "steps"),
                new Quantity(
                    "pretrained, on the batches trained on",
                    Spread.of(results.batchSteps(one, CONVERGED)),
                    "steps"),
                new Quantity(
                    "from scratch", Spread.of(results.batchSteps(other, CONVERGED)), "steps")),
            "fewer steps to 90 % of the final accuracy, in the mean over the seeds",
            outcome(measured && level.measured(), mean(fast) < mean(slow)),
            "Accuracy on held-out clusters, balanced over the classes, begins at about a half: 90 % of"
                + " the rise from there is told beside it. Those clusters are normalised by running"
                + " statistics, which come late after what a new network learns; batches trained on"
                + " are by their own (accuracy of "
                + StudyResults.BATCHES
                + " in a row).",
            "accuracy-over-steps"));
  }

  private void notWorse() {
    double[] one = results.figures(plan.roles().pretrained(), "accuracy");
    double[] other = results.figures(plan.roles().scratch(), "accuracy");
    double difference = mean(one) - mean(other);
    list.add(
        new Statement(
            "Pretraining is not worse in the end",
            List.of(
                quantity("pretrained", plan.roles().pretrained()),
                quantity("from scratch", plan.roles().scratch())),
            "final accuracy not below the other's by more than twice the standard error of the"
                + " difference",
            outcome(measured(one, other), difference >= -2 * error(one, other)),
            "",
            ""));
  }

  private void masking() {
    String unmasked = plan.roles().unmasked();
    double[] plain = results.figures(unmasked, "accuracy");
    List<Quantity> quantities = new ArrayList<>();
    quantities.add(quantity("nothing hidden", unmasked));
    boolean measured = plain.length > 1 && !plan.roles().masked().isEmpty();
    boolean same = true;
    for (String name : plan.roles().masked()) {
      double[] masked = results.figures(name, "accuracy");
      quantities.add(quantity(name, name));
      measured &= measured(masked, plain);
      double most = Math.max(2 * error(masked, plain), NOTICEABLE);
      same &= Math.abs(mean(masked) - mean(plain)) <= most;
    }
    list.add(
        new Statement(
            "Hiding pixels in pretraining does not change the accuracy measurably",
            quantities,
            "differences within twice their standard error, or within one per cent",
            outcome(measured, same),
            "",
            ""));
  }

  private void sharpening() {
    double[] with = sharpness.last(true);
    double[] without = sharpness.last(false);
    list.add(
        new Statement(
            "The mask head sharpens the images",
            List.of(
                new Quantity("with mask heads", Spread.of(with), ""),
                new Quantity("without", Spread.of(without), "")),
            "larger sharpness at the true edge of the cluster, in every seed; 1 is that of the"
                + " target",
            outcome(measured(with, without), all(with, without)),
            "",
            sharpness.pictured() ? StudySharpness.FIGURE : ""));
  }

  private void small() {
    double[] below = results.figures(plan.roles().pretrained(), "small");
    double[] beyond = results.figures(plan.roles().pretrained(), "large");
    list.add(
        new Statement(
            "Most errors sit in clusters of at most 8 hits",
            List.of(
                quantity("accuracy up to 8 hits", plan.roles().pretrained(), "small"),
                quantity("beyond", plan.roles().pretrained(), "large")),
            "more errors, as a share of the clusters, than beyond 8 hits in every seed",
            outcome(measured(below, beyond), all(beyond, below)),
            "Balanced over the classes.",
            "accuracy-hits"));
  }

  private void large() {
    double[] beyond = results.figures(plan.roles().large(), "large");
    list.add(
        new Statement(
            "Above 99 % for clusters of more than 8 hits",
            List.of(quantity(plan.roles().large(), plan.roles().large(), "large")),
            "mean over the seeds above 0.99, balanced over the classes",
            outcome(beyond.length > 0, mean(beyond) > LARGE_GOAL),
            "",
            "accuracy-hits"));
  }

  private void explained() {
    List<String> best =
        results.probed(true).stream()
            .filter(name -> results.probe(true, 0, name).measured())
            .sorted(Comparator.comparingDouble(name -> -results.probe(true, 0, name).mean()))
            .toList();
    List<Quantity> quantities =
        best.stream()
            .map(name ->
                new Quantity(StudyFigures.quantity(name), results.probe(true, 0, name), "R²"))
            .toList();
    List<String> first = best.subList(0, Math.min(2, best.size()));
    boolean held = first.contains("length") && first.stream().anyMatch(ANGLES::contains);
    list.add(
        new Statement(
            "Angle and length of a track are what the features explain best",
            quantities,
            "R² of a linear probe on features after pretraining, clusters of more than 8 hits:"
                + " length and an angle are the first two",
            outcome(best.size() > 1, held),
            "The next table gives the same for all clusters, including those too small to have an"
                + " angle.",
            best.isEmpty() ? "" : StudyFigures.PROBE));
  }

  private void beats(String text, String name) {
    double[] ours = results.figures(plan.roles().pretrained(), "accuracy");
    double[] theirs = results.figures(name, "accuracy");
    boolean better = mean(ours) > mean(theirs) + error(ours, theirs);
    list.add(
        new Statement(
            text,
            List.of(
                quantity("encoder", plan.roles().pretrained()),
                quantity(name.isEmpty() ? "the other" : name, name)),
            "larger accuracy on the same clusters, by more than the standard error of the difference",
            outcome(measured(ours, theirs), better),
            "",
            ""));
  }

  private Quantity quantity(String text, String name) {
    return quantity(text, name, "accuracy");
  }

  private Quantity quantity(String text, String name, String figure) {
    return new Quantity(
        text.isEmpty() ? String.format(Locale.ROOT, "(%s)", figure) : text,
        results.measure(name, figure),
        "");
  }

  private static Outcome outcome(boolean measured, boolean held) {
    return !measured ? Outcome.NOT_MEASURED : held ? Outcome.HELD : Outcome.NOT_HELD;
  }

  private static boolean measured(double[] one, double[] other) {
    return one.length > 0
        && one.length == other.length
        && Arrays.stream(one).allMatch(Double::isFinite)
        && Arrays.stream(other).allMatch(Double::isFinite);
  }

  private static boolean all(double[] larger, double[] smaller) {
    boolean all = larger.length == smaller.length;
    for (int i = 0; all && i < larger.length; i++) {
      all = larger[i] > smaller[i];
    }
    return all;
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElse(Double.NaN);
  }

  /// Standard error of the difference of two means over seeds.
  private static double error(double[] one, double[] other) {
    double a = Spread.of(one).deviation();
    double b = Spread.of(other).deviation();
    return Math.sqrt(square(a) / one.length + square(b) / other.length);
  }

  private static double square(double sd) {
    return Double.isNaN(sd) ? 0 : sd * sd;
  }
}
