package org.pixelwake.training;

import java.nio.file.Path;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.LongToIntFunction;
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

/// A finetuning run: an encoder, random or pretrained, learns the classes of clusters and to
/// measure what the truth holds of them; from its start or its last checkpoint to its end, an
/// interruption, or the end of patience.
///
/// Everything random is a function of seed and step, so that a resumed run continues to the last
/// bit.
///
/// Several processes can train together, as in [Pretraining].
public final class Finetuning implements AutoCloseable {
  /// What a run tells while it goes on, on the training thread, to whoever wants to hear it.
  public interface Listener {
    /// Hears nothing: for all processes but rank 0.
    Listener NONE = new Listener() {};

    /// After every step.
    default void onStep(long step, long total, FinetuneStep.Losses losses, double learningRate) {}

    /// After every evaluation on held-out clusters.
    default void onEvaluation(long step, HeldOutScores scores) {}

    /// After a checkpoint was written.
    default void onCheckpoint(long step, Path folder) {}
  }

  /// How a run ended.
  ///
  /// @param finished false where it was asked to stop
  /// @param step steps done
  /// @param modelStep steps that the model in the folder was trained for
  /// @param last losses of the last step run, null where none was
  /// @param scores of the model on the held-out clusters, null where the run was stopped before an
  ///   evaluation, and in processes other than rank 0
  public record Outcome(
      boolean finished,
      long step,
      long modelStep,
      FinetuneStep.@Nullable Losses last,
      @Nullable HeldOutScores scores) {}

  /// What is needed to go on with an interrupted run.
  ///
  /// @param config as it was, all filled in
  /// @param dataset its data set
  /// @param step steps done
  public record Resumable(FinetuneConfig config, Path dataset, long step) {}

  private static final int EVALUATION_BATCH = 32;

  private final FinetuneConfig config;
  private final FinetuneData data;
  private final Path run;
  private final Group group;
  private final ParameterStore store;
  private final FinetuneStep training;
  private final @Nullable Predictor predictor;
  private final LongToIntFunction order;
  private final Schedule schedule;
  private final BestState best;
  private final Slab slab;
  private final long total;
  private final int[] evaluated;
  private long step;

  private Finetuning(
      Device device,
      FinetuneConfig config,
      FinetuneData data,
      Path run,
      @Nullable Checkpoint from,
      Group group) {
    this.config = config;
    this.data = data;
    this.run = run;
    this.group = group;
    // Refuses what cannot be shared before anything is set up.
    group.share(config.batch);
    Network network = network(config, data.outputs());
    boolean average = config.ema > 0;
    slab = average ? Slab.AVERAGE : Slab.PARAMETERS;
    best = new BestState(config.patience, slab);
    store = ParameterStore.forTraining(device, network.layout(), average);
    if (from != null) {
      from.restore(store);
      best.read(from);
      step = from.step();
    } else {
      initialise(network);
    }
    training = new FinetuneStep(device, network, store, config, data, group);
    predictor =
        group.leads()
            ? new Predictor(
                device,
                network,
                store,
                config,
                average,
                EVALUATION_BATCH,
                data.classes(),
                data.targets())
            : null;
    order = order(config, data);
    total = config.totalSteps(data.train().length);
    schedule = Schedule.of(config, total);
    evaluated = data.heldOutSample(config.evaluateClusters);
  }

  private void initialise(Network network) {
    network.initialise(store, config.seed);
    if (!config.model.isEmpty()) {
      StateDict.loadEncoder(ModelFile.read(Path.of(config.model)), store);
    } else if (!config.weights.isEmpty()) {
      StateDict.loadEncoder(StateDict.read(Path.of(config.weights)), store);
    }
    if (config.ema > 0) {
      store.copy(Slab.PARAMETERS, Slab.AVERAGE);
      store.copy(Slab.STATE, Slab.STATE_AVERAGE);
    }
  }

  private static LongToIntFunction order(FinetuneConfig config, FinetuneData data) {
    if (config.balance) {
      return new BalancedShuffle(config.seed, data.labels(), data.train())::at;
    }
    return new Shuffle(config.seed, data.train())::at;
  }

  /// The network of a configuration.
  static Network network(FinetuneConfig config, int outputs) {
    Architecture architecture = Architecture.named(config.arch);
    return Network.classifier(
        architecture.withStochasticDepth(config.dropPath).withDropout(config.dropout), outputs);
  }

  /// The configuration that the file of a model carries.
  static FinetuneConfig configOf(TensorMap model) {
    Checkpoint.Format.CLASSIFIER.require(model);
    return FinetuneConfig.fromJson(model.source(), Checkpoint.configOf(model));
  }

  /// Prepares a new run.
  ///
  /// @param config all filled in, as [FinetuneData#load] leaves it
  /// @param run folder of the run, which receives checkpoints and the model
  public static Finetuning start(
      Device device, FinetuneConfig config, FinetuneData data, Path run) {
    return start(device, config, data, run, Group.single());
  }

  /// Prepares a new run.
  ///
  /// @param config all filled in, as [FinetuneData#load] leaves it
  /// @param run folder of the run, which receives checkpoints and the model
  /// @param group the processes that train together; all prepare the same run
  /// @throws InputException where they cannot share a batch equally
  public static Finetuning start(
      Device device, FinetuneConfig config, FinetuneData data, Path run, Group group) {
    return new Finetuning(device, config, data, run, null, group);
  }

  /// Looks at the newest checkpoint of a run.
  public static Resumable resumable(Path run) {
    Checkpoint checkpoint = newest(run);
    return new Resumable(configOf(checkpoint.model()), checkpoint.dataset(), checkpoint.step());
  }

  /// Prepares to go on with an interrupted run.
  public static Finetuning resume(
      Device device, FinetuneConfig config, FinetuneData data, Path run) {
    return resume(device, config, data, run, Group.single());
  }

  /// Prepares to go on with an interrupted run, with as many processes as are there now.
  ///
  /// @param group the processes that train together
  /// @throws InputException where they cannot share a batch equally
  public static Finetuning resume(
      Device device, FinetuneConfig config, FinetuneData data, Path run, Group group) {
    return new Finetuning(device, config, data, run, newest(run), group);
  }

  private static Checkpoint newest(Path run) {
    return Checkpoint.newest(run.resolve("checkpoints"), Checkpoint.Format.CLASSIFIER);
  }

  /// The file of the trained model in a run's folder.
  public static Path model(Path run) {
    return Pretraining.model(run);
  }

  /// The compiled step.
  FinetuneStep training() {
    return training;
  }

  /// Steps in all.
  public long total() {
    return total;
  }

  /// Steps done.
  public long step() {
    return step;
  }

  /// Held-out rows that are evaluated.
  public int[] evaluated() {
    return evaluated.clone();
  }

  /// What the network makes of clusters now; after the end of a run, what the model does; of rank
  /// 0.
  public ClassifierOutputs predict(int[] rows) {
    if (predictor == null) {
      throw new IllegalStateException("rank " + group.rank() + " does not predict");
    }
    settle();
    return predictor.predict(data.table(), rows);
  }

  /// Learned parameters, those of a frozen encoder included.
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
    FinetuneStep.Losses losses = null;
    HeldOutScores scores = null;
    try (SharedRun shared = new SharedRun(group, store)) {
      shared.checkSame(config, data.train(), step);
      if (step == 0) {
        if (group.size() > 1) {
          // Whichever process is killed, there is something to go on from.
          checkpoint(listener);
        }
        scores = evaluate(listener);
      }
      boolean exhausted = group.any(best.exhausted());
      while (step < total && !exhausted) {
        if (group.any(stop.getAsBoolean())) {
          checkpoint(listener);
          return new Outcome(false, step, modelStep(), losses, scores);
        }
        losses = trainOne(shared, listener);
        if (step % every == 0 || step == total) {
          shared.checkSame(config, data.train(), step);
          scores = evaluate(listener);
          exhausted = group.any(best.exhausted());
        }
        if (System.nanoTime() - lastCheckpoint > checkpointNanos) {
          checkpoint(listener);
          lastCheckpoint = System.nanoTime();
        }
      }
      checkpoint(listener);
    } catch (GroupException e) {
      // What is in the store now is the state after the last complete step.
      throw SharedRun.broken(e, group, step, () -> checkpoint(listener));
    }
    if (best.known()) {
      best.restore(store);
    }
    // Once more, because the last evaluation may be of another state, or of another session.
    return new Outcome(true, step, modelStep(), losses, group.leads() ? scores() : null);
  }

  private FinetuneStep.Losses trainOne(SharedRun shared, Listener listener) {
    shared.begin();
    double rate = schedule.at(step + 1);
    FinetuneStep.Losses losses =
        training.run(shared.rows(config.batch, step, order), step + 1, rate);
    if (!losses.finite()) {
      throw new InputException(
          run.toString(),
          "step " + (step + 1),
          "the loss is not finite any more (" + losses + ")",
          "Resume with a smaller --learning-rate from the last checkpoint, or set --clip-norm");
    }
    step++;
    shared.end();
    if (group.leads()) {
      listener.onStep(step, total, losses, rate);
    }
    return losses;
  }

  // The moving average of a constant drifts by roundings, and a frozen encoder keeps every bit.
  private void settle() {
    if (config.frozen && config.ema > 0) {
      store.copy(Slab.STATE, Slab.STATE_AVERAGE);
    }
  }

  private HeldOutScores scores() {
    return HeldOutScores.of(predict(evaluated), data, evaluated, config);
  }

  private @Nullable HeldOutScores evaluate(Listener listener) {
    if (!group.leads()) {
      return null;
    }
    HeldOutScores scores = scores();
    best.evaluated(step, scores.watched(config.monitored()), store);
    listener.onEvaluation(step, scores);
    return scores;
  }

  private long modelStep() {
    return best.known() ? best.step() : step;
  }

  private void checkpoint(Listener listener) {
    if (!group.leads()) {
      return;
    }
    settle();
    Map<String, String> metadata = metadata(step);
    best.writeTo(metadata);
    Path folder = Checkpoint.save(run.resolve("checkpoints"), store, step, metadata, best.files());
    Safetensors.write(
        model(run),
        best.known() ? best.tensors() : StateDict.tensors(store, slab),
        metadata(modelStep()));
    listener.onCheckpoint(step, folder);
  }

  private Map<String, String> metadata(long of) {
    Map<String, String> metadata =
        Checkpoint.metadata(
            Checkpoint.Format.CLASSIFIER, config, of, data.file(), data.info().unit());
    new ClassifierMetadata(data.classes(), data.targets(), data.info().unit()).writeTo(metadata);
    return metadata;
  }

  @Override
  public void close() {
    training.close();
    if (predictor != null) {
      predictor.close();
    }
    store.close();
  }
}
