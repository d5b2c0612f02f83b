package org.pixelwake.training;

import java.nio.file.Path;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Group;
import org.pixelwake.engine.GroupException;
import org.pixelwake.engine.MemoryPlan;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.ParameterStore.Slab;
import org.pixelwake.network.Architecture;
import org.pixelwake.network.Network;
import org.pixelwake.network.StateDict;
import org.pixelwake.network.checkpoint.Safetensors;
import org.pixelwake.network.checkpoint.TensorMap;

/// A pretraining run of the autoencoder: from its start or its last checkpoint to its end or an
/// interruption.
///
/// Everything random is a function of seed and step, so that a resumed run continues to the last
/// bit.
///
/// Several processes can train together, each on its part of every batch: see [Group]. Rank 0 alone
/// then writes files, evaluates and tells its listener; a stop asked for in any process stops all
/// of them after the same step. Where the group breaks up during a step, rank 0 writes a checkpoint
/// of the last complete one: parameters change only behind the last exchange of a step, and running
/// statistics are put back. It can be resumed by any number of processes.
public final class Pretraining implements AutoCloseable {
  /// What a run tells while it goes on, on the training thread, to whoever wants to hear it.
  public interface Listener {
    /// Hears nothing: for all processes but rank 0.
    Listener NONE = new Listener() {};

    /// After every step.
    default void onStep(long step, long total, TrainingStep.Losses losses, double learningRate) {}

    /// After every evaluation on held-out clusters.
    default void onEvaluation(long step, Evaluation.Metrics metrics) {}

    /// After every evaluation, the pictured held-out clusters.
    default void onPictures(long step, Evaluation.Picture[] pictures) {}

    /// After a checkpoint was written.
    default void onCheckpoint(long step, Path folder) {}
  }

  /// How a run ended.
  ///
  /// @param finished false where it was asked to stop
  /// @param step steps done
  /// @param last losses of the last step run, null where none was
  /// @param metrics of the last evaluation, null where there was none
  public record Outcome(
      boolean finished,
      long step,
      TrainingStep.@Nullable Losses last,
      Evaluation.@Nullable Metrics metrics) {}

  private static final int EVALUATION_BATCH = 16;

  private final PretrainConfig config;
  private final TrainingData data;
  private final Path run;
  private final Group group;
  private final ParameterStore store;
  private final TrainingStep training;
  private final @Nullable Evaluation evaluation;
  private final Shuffle shuffle;
  private final Schedule schedule;
  private final long total;
  private final int[] evaluated;
  private final int[] pictured;
  private long step;

  private Pretraining(
      Device device,
      PretrainConfig config,
      TrainingData data,
      Path run,
      @Nullable Checkpoint from,
      Group group) {
    this.config = config;
    this.data = data;
    this.run = run;
    this.group = group;
    // Refuses what cannot be shared before anything is set up.
    int share = group.share(config.batch);
    Network network = network(config);
    boolean average = config.ema > 0;
    store = ParameterStore.forTraining(device, network.layout(), average);
    if (from != null) {
      from.restore(store);
      step = from.step();
    } else {
      network.initialise(store, config.seed);
      if (!config.weights.isEmpty()) {
        StateDict.loadEncoder(StateDict.read(Path.of(config.weights)), store);
      }
      if (average) {
        store.copy(Slab.PARAMETERS, Slab.AVERAGE);
        store.copy(Slab.STATE, Slab.STATE_AVERAGE);
      }
    }
    training = new TrainingStep(device, network, store, config, data.capacity(share), group);
    evaluation =
        group.leads()
            ? new Evaluation(
                device,
                network,
                store,
                config,
                average,
                EVALUATION_BATCH,
                data.capacity(EVALUATION_BATCH))
            : null;
    shuffle = new Shuffle(config.seed, data.train());
    total = config.totalSteps(data.train().length);
    schedule = Schedule.of(config, total);
    evaluated = data.heldOutSample(config.evaluateClusters);
    pictured = data.pictured(config.pictures);
  }

  /// The network of a configuration.
  static Network network(PretrainConfig config) {
    Architecture architecture = Architecture.named(config.arch);
    return Network.autoencoder(architecture.withStochasticDepth(config.dropPath));
  }

  /// Prepares a new run.
  ///
  /// @param run folder of the run, which receives checkpoints and the model
  public static Pretraining start(
      Device device, PretrainConfig config, TrainingData data, Path run) {
    return start(device, config, data, run, Group.single());
  }

  /// Prepares a new run.
  ///
  /// @param run folder of the run, which receives checkpoints and the model
  /// @param group the processes that train together; all prepare the same run
  /// @throws InputException where they cannot share a batch equally
  public static Pretraining start(
      Device device, PretrainConfig config, TrainingData data, Path run, Group group) {
    return new Pretraining(device, config, data, run, null, group);
  }

  /// What is needed to go on with an interrupted run.
  ///
  /// @param config as it was, scales resolved
  /// @param dataset its data set
  /// @param step steps done
  public record Resumable(PretrainConfig config, Path dataset, long step) {}

  /// Looks at the newest checkpoint of a run.
  public static Resumable resumable(Path run) {
    Checkpoint checkpoint = newest(run);
    return new Resumable(configOf(checkpoint.model()), checkpoint.dataset(), checkpoint.step());
  }

  /// Prepares to go on with an interrupted run.
  public static Pretraining resume(
      Device device, PretrainConfig config, TrainingData data, Path run) {
    return resume(device, config, data, run, Group.single());
  }

  /// Prepares to go on with an interrupted run, with as many processes as are there now.
  ///
  /// @param group the processes that train together
  /// @throws InputException where they cannot share a batch equally
  public static Pretraining resume(
      Device device, PretrainConfig config, TrainingData data, Path run, Group group) {
    return new Pretraining(device, config, data, run, newest(run), group);
  }

  private static Checkpoint newest(Path run) {
    return Checkpoint.newest(checkpoints(run), Checkpoint.Format.AUTOENCODER);
  }

  /// The configuration that the file of a model carries.
  static PretrainConfig configOf(TensorMap model) {
    Checkpoint.Format.AUTOENCODER.require(model);
    return PretrainConfig.fromJson(model.source(), Checkpoint.configOf(model));
  }

  private static Path checkpoints(Path run) {
    return run.resolve("checkpoints");
  }

  /// The file of the trained model in a run's folder.
  public static Path model(Path run) {
    return run.resolve("model.safetensors");
  }

  /// Steps in all.
  public long total() {
    return total;
  }

  /// Steps done.
  public long step() {
    return step;
  }

  /// Rows of the pictured clusters.
  public int[] pictured() {
    return pictured.clone();
  }

  /// The pictured clusters as the network sees and returns them now; of rank 0.
  public Evaluation.Picture[] pictures() {
    return evaluation().pictures(data.table(), pictured);
  }

  private Evaluation evaluation() {
    if (evaluation == null) {
      throw new IllegalStateException("rank " + group.rank() + " does not evaluate");
    }
    return evaluation;
  }

  /// Learned parameters.
  public long parameters() {
    return store.layout().parameters();
  }

  /// Processes that train together.
  public int processes() {
    return group.size();
  }

  /// Where the intermediates of a training step lie.
  public MemoryPlan plan() {
    return training.plan();
  }

  /// Trains until the end, or until asked to stop; a checkpoint is written in either case.
  ///
  /// @param stop asked before every step
  /// @throws GroupException where other processes are lost; then too, rank 0 has written a
  ///   checkpoint
  public Outcome run(Listener listener, BooleanSupplier stop) {
    long every = config.evaluationInterval(total);
    long checkpointNanos = (long) (config.checkpointMinutes * 60e9);
    long lastCheckpoint = System.nanoTime();
    TrainingStep.Losses losses = null;
    Evaluation.Metrics metrics = null;
    try (SharedRun shared = new SharedRun(group, store)) {
      shared.checkSame(config, data.train(), step);
      if (step == 0) {
        if (group.size() > 1) {
          // Whichever process is killed, there is something to go on from.
          checkpoint(listener);
        }
        metrics = evaluate(listener);
      }
      while (step < total) {
        if (group.any(stop.getAsBoolean())) {
          checkpoint(listener);
          return new Outcome(false, step, losses, metrics);
        }
        shared.begin();
        double rate = schedule.at(step + 1);
        int[] rows = shared.rows(config.batch, step, shuffle::at);
        losses = training.run(data.table(), rows, step + 1, rate);
        checkFinite(losses);
        step++;
        shared.end();
        if (group.leads()) {
          listener.onStep(step, total, losses, rate);
        }
        if (step % every == 0 || step == total) {
          shared.checkSame(config, data.train(), step);
          metrics = evaluate(listener);
        }
        if (System.nanoTime() - lastCheckpoint > checkpointNanos) {
          checkpoint(listener);
          lastCheckpoint = System.nanoTime();
        }
      }
      checkpoint(listener);
      return new Outcome(true, step, losses, metrics);
    } catch (GroupException e) {
      // What is in the store now is the state after the last complete step.
      throw SharedRun.broken(e, group, step, () -> checkpoint(listener));
    }
  }

  private void checkFinite(TrainingStep.Losses losses) {
    if (!losses.finite()) {
      throw new InputException(
          run.toString(),
          "step " + (step + 1),
          "the loss is not finite any more (" + losses + ")",
          "Resume with a smaller --learning-rate from the last checkpoint, or set --clip-norm");
    }
  }

  private Evaluation.@Nullable Metrics evaluate(Listener listener) {
    if (!group.leads()) {
      return null;
    }
    Evaluation.Metrics metrics = evaluation().metrics(data.table(), evaluated);
    listener.onEvaluation(step, metrics);
    if (pictured.length > 0) {
      listener.onPictures(step, evaluation().pictures(data.table(), pictured));
    }
    return metrics;
  }

  private void checkpoint(Listener listener) {
    if (!group.leads()) {
      return;
    }
    Map<String, String> metadata =
        Checkpoint.metadata(
            Checkpoint.Format.AUTOENCODER, config, step, data.file(), data.info().unit());
    Path folder = Checkpoint.save(checkpoints(run), store, step, metadata, Map.of());
    Slab slab = config.ema > 0 ? Slab.AVERAGE : Slab.PARAMETERS;
    Safetensors.write(model(run), StateDict.tensors(store, slab), metadata);
    listener.onCheckpoint(step, folder);
  }

  @Override
  public void close() {
    training.close();
    if (evaluation != null) {
      evaluation.close();
    }
    store.close();
  }
}
