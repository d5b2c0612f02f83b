package org.pixelwake.app.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.pixelwake.app.options.DeviceOptions;
import org.pixelwake.app.options.StepOptions;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.engine.Device;
import org.pixelwake.run.JsonOutput;
import org.pixelwake.run.machine.Roofline;
import org.pixelwake.training.PretrainConfig;
import org.pixelwake.training.benchmark.StepBenchmark;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `pixelwake bench roofline`.
@Command(
    name = "roofline",
    description = {
      "Counts what a training step must move and compute, and how fast this machine could do it.",
      "",
      "Bytes: every tensor that an operation needs, read or written once. FLOP: multiplications and"
          + " additions of convolutions and matrix products. Activations: elements whose SiLU or"
          + " sigmoid is evaluated. Bound: the longer of the bytes at the memory's rate and of"
          + " arithmetic plus activations at the processor's, all rates measured first; an"
          + " operation whose data are in a cache can be faster.",
      "",
      "Fields of --json: arch, side, batch, precision, device, threads, images_per_second (the"
          + " ceiling, every operation at its bound). "
          + Roofline.LIMITS_FIELDS
          + " families, and total alike: "
          + Roofline.COST_FIELDS
          + ".",
      ""
    },
    footerHeading = "%nExample:%n",
    footer = "  pixelwake bench roofline --arch efficientnet_b4 --side 96 --batch 8 --threads 2")
final class BenchRooflineCommand extends PixelwakeCommand {
  @Mixin private StepOptions step = new StepOptions();

  @Option(names = "--json", description = "Print an object instead of text.")
  private boolean json;

  @Mixin private DeviceOptions device = new DeviceOptions();

  @Override
  public Integer call() {
    PretrainConfig config = step.config();
    List<StepBenchmark.Timed> operations =
        StepBenchmark.operations(config).stream()
            .map(operation -> new StepBenchmark.Timed(operation, 0))
            .toList();
    try (Device opened = device.open(console())) {
      Roofline roofline = new Roofline(Roofline.limits(opened), step.batch(), false);
      List<Roofline.Row> families = roofline.families(operations);
      Roofline.Row total = roofline.total(operations);
      double ceiling = step.batch() / total.boundSeconds();
      if (json) {
        ObjectNode object = step.json(opened);
        object.put("images_per_second", ceiling);
        object.set("limits", roofline.limitsJson());
        object.set("families", roofline.json(families, total));
        object.set("total", roofline.json(total, total));
        out().println(JsonOutput.text(object));
      } else {
        PrintWriter out = out();
        out.println(step.title(opened));
        roofline.printLimits(out);
        out.println();
        roofline.printCosts(out, families, total);
        out.println();
        out.printf(Locale.ROOT, "ceiling: %.1f images/s, every operation at its bound%n", ceiling);
      }
    }
    return ExitCode.OK;
  }
}
