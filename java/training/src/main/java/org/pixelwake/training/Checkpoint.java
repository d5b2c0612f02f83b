package org.pixelwake.training;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.AtomicFolder;
import org.pixelwake.base.InputException;
import org.pixelwake.base.Version;
import org.pixelwake.engine.ParameterLayout;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.ParameterStore.Slab;
import org.pixelwake.network.StateDict;
import org.pixelwake.network.checkpoint.Safetensors;
import org.pixelwake.network.checkpoint.TensorMap;
import org.pixelwake.network.checkpoint.TensorSource;
import org.pixelwake.timepix.EnergyUnit;

/// A state of training on disk: a folder `step-N` with `model.safetensors` (parameters and running
/// statistics under the names of the reference) and `optimizer.safetensors` (moments and moving
/// averages), and what else a kind of run keeps. A folder appears under its name only when it is
/// complete.
///
/// @param folder that it lies in
/// @param model parameters and running statistics, with the metadata that they were saved with
/// @param step steps done
public record Checkpoint(Path folder, TensorMap model, long step) {
  private static final String MODEL = "model.safetensors";
  private static final String OPTIMIZER = "optimizer.safetensors";
  private static final Slab[] SLABS = {Slab.FIRST_MOMENT, Slab.SECOND_MOMENT, Slab.AVERAGE};

  /// What a model file is.
  enum Format {
    AUTOENCODER("pixelwake-autoencoder", "pretrain"),
    CLASSIFIER("pixelwake-classifier", "finetune");

    private final String text;
    final String command;

    Format(String text, String command) {
      this.text = text;
      this.command = command;
    }

    static Format of(Class<? extends RunConfig> type) {
      return type == PretrainConfig.class ? AUTOENCODER : CLASSIFIER;
    }

    boolean is(TensorMap model) {
      return text.equals(model.metadata().get("format"));
    }

    void require(TensorMap model) {
      String found = required(model, "format");
      if (!found.equals(text)) {
        throw new InputException(
            model.source(),
            "__metadata__.format",
            "is " + found + " instead of " + text,
            "Give a model that `pixelwake " + command + "` wrote");
      }
    }
  }

  /// Metadata of a model file: everything needed to use the weights.
  ///
  /// @param unit of the energies
  static Map<String, String> metadata(RunConfig config, long step, Path dataset, EnergyUnit unit) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", Format.of(config.getClass()).text);
    metadata.put("pixelwake", Version.CURRENT);
    metadata.put("config", config.toJson());
    metadata.put("step", Long.toString(step));
    metadata.put("dataset", dataset.toAbsolutePath().normalize().toString());
    metadata.put("unit", unit.name().toLowerCase(Locale.ROOT));
    return metadata;
  }

  /// Writes a checkpoint and then removes the older ones.
  ///
  /// @param root folder of all checkpoints of a run
  /// @param more further files of tensors, by their names
  static Path save(
      Path root,
      ParameterStore store,
      long step,
      Map<String, String> metadata,
      Map<String, ? extends Collection<? extends TensorSource>> more) {
    Path target = root.resolve(String.format(Locale.ROOT, "step-%09d", step));
    try {
      Files.createDirectories(root);
      if (Files.isDirectory(target)) {
        return target;
      }
      try (AtomicFolder folder = new AtomicFolder(target)) {
        Path partial = folder.temporary();
        Safetensors.write(
            partial.resolve(MODEL), StateDict.tensors(store, Slab.PARAMETERS), metadata);
        Safetensors.write(partial.resolve(OPTIMIZER), optimizerTensors(store), metadata);
        more.forEach(
            (name, tensors) -> Safetensors.write(partial.resolve(name), tensors, Map.of()));
        folder.commit();
      }
      for (Path old : list(root)) {
        if (!old.equals(target)) {
          AtomicFolder.delete(old);
        }
      }
      return target;
    } catch (IOException e) {
      throw new InputException(
          target,
          "the checkpoint cannot be written: " + e,
          "Free space there or choose another folder; the last complete checkpoint is untouched",
          e);
    }
  }

  /// An entry of one of the optimizer's slabs and its name in the file.
  private record Kept(Slab slab, ParameterLayout.Entry entry, String name) {}

  // What the optimizer's file holds: moments have no running statistics, averages have.
  private static List<Kept> kept(ParameterStore store) {
    List<Kept> kept = new ArrayList<>();
    for (Slab slab : SLABS) {
      if (!store.has(slab)) {
        continue;
      }
      for (ParameterLayout.Entry entry : store.layout().entries()) {
        if (entry.group() != ParameterLayout.Group.STATE || slab == Slab.AVERAGE) {
          String name = slab.name().toLowerCase(Locale.ROOT) + "." + entry.name();
          kept.add(new Kept(slab, entry, name));
        }
      }
    }
    return kept;
  }

  private static List<TensorSource> optimizerTensors(ParameterStore store) {
    return kept(store).stream()
        .map(k -> StateDict.tensor(store, k.slab(), k.entry(), k.name()))
        .toList();
  }

  /// Whether a run has left a checkpoint to go on from.
  ///
  /// @param run folder of the run
  public static boolean exists(Path run) {
    return complete(run.resolve("checkpoints")).findAny().isPresent();
  }

  // Folders of complete checkpoints, the newest first.
  private static Stream<Path> complete(Path root) {
    try {
      return Files.isDirectory(root)
          ? list(root).stream().filter(p -> p.getFileName().toString().startsWith("step-"))
          : Stream.empty();
    } catch (IOException e) {
      throw InputException.unreadable(root, e);
    }
  }

  private static List<Path> list(Path root) throws IOException {
    try (Stream<Path> children = Files.list(root)) {
      return children
          .filter(p -> p.getFileName().toString().matches("step-\\d+|partial-.*|\\.step-.*\\.tmp"))
          .sorted(Comparator.reverseOrder())
          .toList();
    }
  }

  /// Opens the newest checkpoint of a run.
  ///
  /// @throws InputException when there is none, or it is of another kind of run
  static Checkpoint newest(Path root, Format format) {
    Path folder =
        complete(root)
            .findFirst()
            .orElseThrow(() ->
                new InputException(
                    root,
                    "holds no checkpoint",
                    "Give the folder of a run that wrote one, or start the run without --resume"));
    TensorMap model = Safetensors.read(folder.resolve(MODEL));
    format.require(model);
    return new Checkpoint(folder, model, stepOf(model));
  }

  /// Reads a model.
  ///
  /// @param path the file, or the folder of the run that wrote it
  static TensorMap readModel(Path path) {
    return Safetensors.read(Files.isDirectory(path) ? Training.model(path) : path);
  }

  /// Refuses a model whose scales are of another unit than the data's. Older models do not say
  /// theirs.
  static void requireUnit(TensorMap model, EnergyUnit unit) {
    String own = model.metadata().get("unit");
    if (own != null && !own.equalsIgnoreCase(unit.name())) {
      throw new InputException(
          model.source(),
          "its energies are in " + own + ", those of the data in " + unit,
          "Calibrate the data as those that the model was trained on");
    }
  }

  /// The configuration that a model of any kind carries.
  static RunConfig configOf(TensorMap model) {
    return Format.CLASSIFIER.is(model)
        ? configOf(model, FinetuneConfig.class)
        : configOf(model, PretrainConfig.class);
  }

  /// The configuration that a model of one kind carries.
  ///
  /// @throws InputException where the model is of another kind
  static <C extends RunConfig> C configOf(TensorMap model, Class<C> type) {
    Format.of(type).require(model);
    return RunConfig.fromJson(model.source(), required(model, "config"), type);
  }

  /// Steps that a model was trained for.
  static long stepOf(TensorMap model) {
    try {
      return Long.parseLong(required(model, "step"));
    } catch (NumberFormatException e) {
      throw new InputException(
          model.source(), "__metadata__.step", "is no number", "Use an intact checkpoint", e);
    }
  }

  static String required(TensorMap model, String key) {
    String value = model.metadata().get(key);
    if (value == null) {
      throw new InputException(
          model.source(), "__metadata__." + key, "is missing", "Give a model that Pixelwake wrote");
    }
    return value;
  }

  /// One of the further files, or null where this checkpoint has none of that name.
  @Nullable TensorMap more(String name) {
    Path file = folder.resolve(name);
    return Files.exists(file) ? Safetensors.read(file) : null;
  }

  Path dataset() {
    return Path.of(required(model, "dataset"));
  }

  void restore(ParameterStore store) {
    StateDict.load(model, store);
    TensorMap optimizer = Safetensors.read(folder.resolve(OPTIMIZER));
    for (Kept k : kept(store)) {
      store.set(k.slab(), k.entry().name(), optimizer.floats(k.name(), k.entry().longShape()));
    }
  }
}
