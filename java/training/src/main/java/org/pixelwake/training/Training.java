package org.pixelwake.training;

import java.nio.file.Path;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.LongToIntFunction;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.ParameterStore.Slab;
import org.pixelwake.engine.group.Group;
import org.pixelwake.engine.group.GroupException;
import org.pixelwake.engine.plan.MemoryPlan;
import org.pixelwake.network.StateDict;
import org.pixelwake.network.checkpoint.Safetensors;
import org.pixelwake.network.checkpoint.TensorMap;

/// A network trained for a task: from the start or the last checkpoint to the end, an interruption,
/// or the end of patience.
///
/// Everything random is a function of seed and step, so that a resumed run continues to the last
/// bit.
///
/// Several processes can train together, each on its part of every batch: see [Group]. Rank 0 alone
/// then writes files, evaluates and tells its listener; a stop asked for in any process stops all
/// of them after the same step. Where the group breaks up during a step, rank 0 writes a checkpoint
/// of the last complete one: parameters change only behind the last exchange of a step, and running
/// statistics are put back. It can be resumed by any number of processes.
///
/// ```java
/// Pretraining task = Pretraining.load(dataset, config, Progress.NONE);
/// try (var training = Training.start(device, task, folder, Group.single())) {
///   training.run(new Training.Listener<>() {}, () -> false);
/// }
/// ```
///
/// @param <L> losses of a step
/// @param <E> figures of an evaluation on held-out clusters
public final class Training<L extends StepLosses, E> implements AutoCloseable {
  /// Hears, on the training thread, of the course of a run; in rank 0 alone.
  ///
  /// @param <L> losses of a step
  /// @param <E> figures of an evaluation
  public interface Listener<L, E> {
    /// After every step.
    default void onStep(long step, long total, L losses, double learningRate) {}

    /// After every evaluation on held-out clusters.
    default void onEvaluation(long step, E evaluation) {}

    /// After a checkpoint was written.
    default void onCheckpoint(long step, Path folder) {}
  }

  /// How a run ended.
  ///
  /// @param finished false where it was asked to stop
  /// @param step steps done
  /// @param modelStep steps that the model in the folder was trained for
  /// @param last losses of the last step run, null where none was
  /// @param evaluation of a finished run that of the model, else the last one; null where there was
  ///   none, and in processes other than rank 0
  /// @param <L> losses of a step
  /// @param <E> figures of an evaluation
  public record Outcome<L, E>(
      boolean finished, long step, long modelStep, @Nullable L last, @Nullable E evaluation) {}

  /// Everything that an interrupted run needs to go on.
  ///
  /// @param config as it was, all filled in
  /// @param dataset its data set
  /// @param step steps done
  /// @param <C> the configuration of the task
  public record Resumable<C extends RunConfig>(C config, Path dataset, long step) {}

  private final Device device;
  private final TrainingTask<L, E> task;
  private final RunConfig config;
  private final Path run;
  private final Group group;
  private final ParameterStore store;
  private final LongToIntFunction order;
  private final Schedule schedule;
  private final BestState best;
  private final Slab slab;
  private final long total;
  private final long firstFixed;
  private TrainingStep<L> training;
  private long step;
  private long evaluatedStep = -1;

  private Training(
      Device device, TrainingTask<L, E> task, Path run, @Nullable Checkpoint from, Group group) {
    this.device = device;
    this.task = task;
    this.config = task.config();
    this.run = run;
    this.group = group;
    // Refuses what cannot be shared before anything is set up.
    group.share(config.batch);
    boolean average = config.ema > 0;
    slab = average ? Slab.AVERAGE : Slab.PARAMETERS;
    best = new BestState(task.patience(), slab);
    store = ParameterStore.forTraining(device, task.network().layout(), average);
    if (from != null) {
      from.restore(store);
      best.read(from);
      step = from.step();
    } else {
      initialise(average);
    }
    total = config.totalSteps(task.data().train().length);
    boolean normalised = store.elements(Slab.STATE) > 0;
    firstFixed = normalised ? config.firstFixedStep(total) : total + 1;
    training = new TrainingStep<>(device, task, store, group, step + 1 > firstFixed);
    if (group.leads()) {
      task.open(device, store);
    }
    order = task.order();
    schedule = Schedule.of(config, total);
  }

  /// Fixes the statistics of batch norm, before the first step that is to have them so. The
  /// averages are taken where there are any: the last few batches say less.
  private void fixStatistics() {
    if (config.ema > 0) {
      store.copy(Slab.STATE_AVERAGE, Slab.STATE);
    }
    training.close();
    training = new TrainingStep<>(device, task, store, group, true);
  }

  private void initialise(boolean average) {
    task.network().initialise(store, config.seed);
    TensorMap encoder = config.encoder();
    if (encoder != null) {
      StateDict.loadEncoder(encoder, store);
    }
    if (average) {
      store.copy(Slab.PARAMETERS, Slab.AVERAGE);
      store.copy(Slab.STATE, Slab.STATE_AVERAGE);
    }
  }

  /// Prepares a new run.
  ///
  /// @param run folder of the run, which receives checkpoints and the model
  /// @param group the processes that train together; all prepare the same run
  /// @throws InputException where they cannot share a batch equally
  public static <L extends StepLosses, E> Training<L, E> start(
      Device device, TrainingTask<L, E> task, Path run, Group group) {
    return new Training<>(device, task, run, null, group);
  }

  /// Looks at the newest checkpoint of a run.
  ///
  /// @param type class of the task's configuration
  /// @throws InputException where there is no checkpoint, or it is one of another task
  public static <C extends RunConfig> Resumable<C> resumable(Path run, Class<C> type) {
    Checkpoint checkpoint = Checkpoint.newest(checkpoints(run), Checkpoint.Format.of(type));
    return new Resumable<>(
        Checkpoint.configOf(checkpoint.model(), type), checkpoint.dataset(), checkpoint.step());
  }

  /// Prepares to go on with an interrupted run, with as many processes as are there now.
  ///
  /// @param group the processes that train together
  /// @throws InputException where they cannot share a batch equally
  public static <L extends StepLosses, E> Training<L, E> resume(
      Device device, TrainingTask<L, E> task, Path run, Group group) {
    Checkpoint.Format format = Checkpoint.Format.of(task.config().getClass());
    return new Training<>(device, task, run, Checkpoint.newest(checkpoints(run), format), group);
  }

  private static Path checkpoints(Path run) {
    return run.resolve("checkpoints");
  }

  /// Returns the file of the trained model in a run's folder.
  public static Path model(Path run) {
    return run.resolve("model.safetensors");
  }

  TrainingStep<L> training() {
    return training;
  }

  /// Returns the number of steps in all.
  public long total() {
    return total;
  }

  /// Returns the number of steps done.
  public long step() {
    return step;
  }

  /// Returns the number of learned parameters, those of a frozen encoder included.
  public long parameters() {
    return store.layout().parameters();
  }

  /// Returns the number of processes that train together.
  public int processes() {
    return group.size();
  }

  /// Returns where the intermediates of a training step lie.
  public MemoryPlan plan() {
    return training.plan();
  }

  /// Trains until the end, or until asked to stop; a checkpoint is written in either case.
  ///
  /// @param stop asked before every step
  /// @throws GroupException where other processes are lost; then too, rank 0 has written a
  ///   checkpoint
  public Outcome<L, E> run(Listener<? super L, ? super E> listener, BooleanSupplier stop) {
    long every = config.evaluationInterval(total);
    long checkpointNanos = (long) (config.checkpointMinutes * 60e9);
    long lastCheckpoint = System.nanoTime();
    int[] train = task.data().train();
    L losses = null;
    E evaluation = null;
    try (SharedRun shared = new SharedRun(group, store)) {
      shared.checkSame(config, train, step);
      if (step == 0) {
        if (group.size() > 1) {
          // Whichever process is killed, there is something to go on from.
          checkpoint(listener);
        }
        evaluation = evaluate(listener);
      }
      boolean exhausted = exhausted();
      while (step < total && !exhausted) {
        if (group.any(stop.getAsBoolean())) {
          checkpoint(listener);
          return new Outcome<>(false, step, modelStep(), losses, evaluation);
        }
        losses = trainOne(shared, listener);
        if (step % every == 0 || step == total) {
          shared.checkSame(config, train, step);
          evaluation = evaluate(listener);
          exhausted = exhausted();
        }
        if (System.nanoTime() - lastCheckpoint > checkpointNanos) {
          checkpoint(listener);
          lastCheckpoint = System.nanoTime();
        }
      }
      checkpoint(listener);
    } catch (GroupException e) {
      // The store now holds the state after the last complete step.
      throw SharedRun.broken(e, group, step, () -> checkpoint(listener));
    }
    if (best.known()) {
      best.restore(store);
    }
    if (group.leads() && evaluatedStep != modelStep()) {
      // The last evaluation was of another state, or of another session.
      evaluation = task.evaluate();
    }
    return new Outcome<>(true, step, modelStep(), losses, evaluation);
  }

  private boolean exhausted() {
    return task.patience() > 0 && group.any(best.exhausted());
  }

  private L trainOne(SharedRun shared, Listener<? super L, ? super E> listener) {
    if (step + 1 == firstFixed) {
      fixStatistics();
    }
    shared.begin();
    double rate = schedule.at(step + 1);
    L losses = training.run(shared.rows(config.batch, step, order), step + 1, rate);
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

  private @Nullable E evaluate(Listener<? super L, ? super E> listener) {
    if (!group.leads()) {
      return null;
    }
    E evaluation = task.evaluate();
    evaluatedStep = step;
    best.evaluated(step, task.watched(evaluation), store);
    listener.onEvaluation(step, evaluation);
    return evaluation;
  }

  private long modelStep() {
    return best.known() ? best.step() : step;
  }

  private void checkpoint(Listener<? super L, ? super E> listener) {
    if (!group.leads()) {
      return;
    }
    task.settle();
    Map<String, String> metadata = metadata(step);
    best.writeTo(metadata);
    Path folder = Checkpoint.save(checkpoints(run), store, step, metadata, best.files());
    Safetensors.write(
        model(run),
        best.known() ? best.tensors() : StateDict.tensors(store, slab),
        metadata(modelStep()));
    listener.onCheckpoint(step, folder);
  }

  private Map<String, String> metadata(long of) {
    TaskData data = task.data();
    Map<String, String> metadata = Checkpoint.metadata(config, of, data.file(), data.info().unit());
    task.describe(metadata);
    return metadata;
  }

  @Override
  public void close() {
    training.close();
    task.close();
    store.close();
  }
}
