package org.pixelwake.app.command;

import org.pixelwake.training.FinetuneConfig;
import picocli.CommandLine.Command;

/// `pixelwake finetune`.
@Command(
    name = "finetune",
    description = {
      "Trains an encoder, pretrained or new, to tell the classes of labelled clusters and to measure"
          + " energies and angles.",
      "",
      "DATA is a data set of `pixelwake dataset` or `pixelwake simulate`, or detector files, which"
          + " are clustered first. Classes are the particles of the truth (--labels particle), the"
          + " files that the clusters come from (--labels source --classes"
          + " \"sr90=*sr90*,am241=*am241*\"), or single clusters and the pile-ups of `pixelwake"
          + " dataset --pile-up` (--labels pile-up). The run's folder receives config.yaml, metrics.csv,"
          + " TensorBoard events, checkpoints, model.safetensors, report.html and, at the end, model"
          + " with all that belongs to the network. Ctrl-C stops with a checkpoint; the same command"
          + " with --resume goes on from it to the same result, to the last bit.",
      "",
      "Settings come from a YAML file (--config), whose keys are the names of the options below, and"
          + " from the options, which win. Of --model the encoder, its architecture and the"
          + " normalisation of the images are taken.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pixelwake finetune labelled.parquet -o run --model pretrained --classes electron,proton",
      "  pixelwake finetune labelled.parquet -o run --model pretrained --frozen true",
      "  pixelwake finetune tracks.parquet -o run --labels none --targets primary_energy_mev,theta_deg",
      "  pixelwake finetune -o run --resume",
      "  mpirun -n 4 pixelwake finetune labelled.parquet -o run --batch 128 --mpi"
    })
public final class FinetuneCommand extends TrainingCommand {
  FinetuneCommand() {
    super("finetuning", "finetuned", FinetuneConfig::new);
  }
}
