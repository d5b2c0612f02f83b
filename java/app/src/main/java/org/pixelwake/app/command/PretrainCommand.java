package org.pixelwake.app.command;

import org.pixelwake.training.PretrainConfig;
import picocli.CommandLine.Command;

/// `pixelwake pretrain`.
@Command(
    name = "pretrain",
    description = {
      "Trains an autoencoder on unlabelled clusters.",
      "",
      "DATA is a data set of `pixelwake dataset`, or detector files, which are clustered first. The"
          + " run's folder receives config.yaml, metrics.csv, TensorBoard events, checkpoints,"
          + " model.safetensors and report.html. Ctrl-C stops with a checkpoint; the same command"
          + " with --resume goes on from it to the same result, to the last bit.",
      "",
      "Networks over hits (--arch hits_s) see no images: half of the hidden hits are left out, the"
          + " others lose their energy and time, and the network learns to restore both. The image's"
          + " weight is then that of energies and times, the cluster's that of the places around"
          + " hits; --side is that of the pictures.",
      "",
      "Settings come from a YAML file (--config), whose keys are the names of the options below, and"
          + " from the options, which win.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pixelwake pretrain tracks.parquet -o run --arch efficientnet_b4 --side 96",
      "  pixelwake pretrain tracks.parquet -o run --weights efficientnet_b4.pth --mask-fraction 0.5",
      "  pixelwake pretrain tracks.parquet -o run --arch hits_s --mask-fraction 0.5 --batch 256",
      "  pixelwake pretrain -o run --resume",
      "  mpirun -n 4 pixelwake pretrain tracks.parquet -o run --batch 128 --mpi"
    })
public final class PretrainCommand extends TrainingCommand {
  PretrainCommand() {
    super("training", "run", PretrainConfig::new);
  }
}
