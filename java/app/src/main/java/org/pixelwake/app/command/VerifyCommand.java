package org.pixelwake.app.command;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.options.DeviceOptions;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.engine.Device;
import org.pixelwake.network.GoldenCheck;
import org.pixelwake.network.StateDict;
import org.pixelwake.network.checkpoint.TensorMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `pixelwake verify`.
@Command(
    name = "verify",
    description = {
      "Compares Pixelwake with PyTorch, number by number.",
      "",
      "Runs the network of a checkpoint on the input of a golden file, which PyTorch wrote with"
          + " make_goldens.py from the same checkpoint, and compares outputs, gradients, running"
          + " statistics and optimizer steps, as far as the golden file has them. The architecture"
          + " is read off the shapes of the tensors.",
      "",
      "Exit code 1 where an error is beyond what is allowed.",
      ""
    },
    footerHeading = "%nExample:%n",
    footer = "  pixelwake verify autoencoder_tiny.pth autoencoder_tiny.golden.safetensors")
public final class VerifyCommand extends PixelwakeCommand {
  @Parameters(
      index = "0",
      paramLabel = "CHECKPOINT",
      description = "Weights, as torch.save or safetensors writes them.")
  private @Nullable Path checkpoint;

  @Parameters(
      index = "1",
      paramLabel = "GOLDEN",
      description = "What PyTorch computed with them (.safetensors).")
  private @Nullable Path golden;

  @Mixin private DeviceOptions device = new DeviceOptions();

  @Override
  public Integer call() {
    TensorMap weights = StateDict.read(given(checkpoint));
    TensorMap expected = StateDict.read(given(golden));
    List<GoldenCheck.Row> rows;
    try (Device opened = device.open(console())) {
      rows = GoldenCheck.run(opened, weights, expected);
    }
    out().print(GoldenCheck.table(rows));
    out().println();
    out().println(GoldenCheck.verdict(rows));
    return rows.stream().allMatch(GoldenCheck.Row::passed) ? ExitCode.OK : ExitCode.CHECK_FAILED;
  }
}
