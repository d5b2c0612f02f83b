package org.pixelwake.report.section;

import java.util.List;
import java.util.Map;
import org.pixelwake.report.page.Arguments;
import org.pixelwake.report.page.Html;
import org.pixelwake.report.page.Numbers;
import org.pixelwake.report.page.Section;

/// The statements of a study and what came out.
public final class StatementSection extends Section {
  private final List<Statement> statements;
  private final Map<String, String> titles;

  /// @param titles headings of the figures and sections that statements may lead to, by id
  /// @throws IllegalArgumentException if a statement leads to a figure that is not there
  public StatementSection(List<Statement> statements, Map<String, String> titles) {
    super("verdicts", "Verdicts", statements.isEmpty());
    this.statements = statements;
    this.titles = titles;
    for (Statement statement : statements) {
      String figure = statement.figure();
      boolean there = figure.isEmpty() || titles.containsKey(figure);
      Arguments.check(there, "'%s' leads to %s, which is not there", statement.text(), figure);
    }
  }

  @Override
  public void render(Html html) {
    html.open("ul", "class", "tiles verdicts");
    for (Statement.Outcome outcome : Statement.Outcome.values()) {
      tile(html, outcome);
    }
    html.close("ul");
    html.note(
        "Numbers are mean ± standard deviation of the sample over n seeds; in brackets, where given,"
            + " a 95 % confidence interval.");
    html.scroll(title()).open("table", "class", "statements");
    html.headings(List.of("Statement", "Verdict", "Measured", "Criterion", "Shown in"));
    html.open("tbody");
    statements.forEach(statement -> row(html, statement));
    html.close("tbody").close("table").close("div");
  }

  private void tile(Html html, Statement.Outcome outcome) {
    long count = statements.stream().filter(s -> s.outcome() == outcome).count();
    if (count == 0 && outcome == Statement.Outcome.NOT_MEASURED) {
      return;
    }
    html.open("li").open("span", "class", "name");
    outcome(html, outcome);
    html.close("span").element("span", Long.toString(count), "class", "value");
    html.element("span", "of " + statements.size() + " statements", "class", "goal").close("li");
  }

  private static void outcome(Html html, Statement.Outcome outcome) {
    if (outcome == Statement.Outcome.NOT_MEASURED) {
      html.element("span", "–\u00a0not\u00a0measured", "class", "open");
    } else {
      html.verdict(outcome == Statement.Outcome.HELD, "held", "did\u00a0not\u00a0hold");
    }
  }

  private void row(Html html, Statement statement) {
    html.open("tr").open("th", "scope", "row").text(statement.text());
    if (!statement.remark().isEmpty()) {
      html.element("small", statement.remark());
    }
    html.close("th").open("td");
    outcome(html, statement.outcome());
    html.close("td").open("td").open("ul", "class", "quantities");
    for (Statement.Quantity quantity : statement.quantities()) {
      html.open("li").element("span", quantity.name(), "class", "name").text(" ");
      html.element("span", Numbers.of(quantity.value(), quantity.unit()), "class", "number");
      if (quantity.value().count() > 0) {
        html.element("small", " n\u00a0=\u00a0" + quantity.value().count());
      }
      html.close("li");
    }
    html.close("ul").close("td").element("td", statement.criterion(), "class", "prose");
    html.open("td");
    String figure = statement.figure();
    if (!figure.isEmpty()) {
      html.element("a", titles.getOrDefault(figure, figure), "href", "#" + figure);
    }
    html.close("td").close("tr");
  }
}
