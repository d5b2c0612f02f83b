package org.pixelwake.timepix.clustering;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.io.ClusterSource;
import org.pixelwake.timepix.io.EventSource;
import org.pixelwake.timepix.io.Frame;
import org.pixelwake.timepix.io.FrameSource;
import org.pixelwake.timepix.io.HitBlock;
import org.pixelwake.timepix.io.HitSource;
import org.pixelwake.timepix.io.HitSources;
import org.pixelwake.timepix.io.ReadReport;
import org.pixelwake.timepix.io.hit.TimeDivider;

/// The clusters of any source, one after the other, in bounded memory.
///
/// Order: frames by frame, in a frame by the first pixel (row, column); data-driven hits by the
/// first hit of the cluster (time, row, column), segment by segment; ready clusters as in the file.
/// The hits of a cluster come by [org.pixelwake.timepix.HitOrder]: time, row, column. The result
/// does not depend on the order hits arrive in within the sorting window, nor on the number of
/// threads.
public final class ClusterStream implements Iterator<Cluster>, AutoCloseable {
  private static final int BATCH = 1 << 14;

  private final HitSource source;
  private final ArrayDeque<Cluster> ready = new ArrayDeque<>();
  private final @Nullable Events events;

  // Adds clusters to the queue, maybe none; false at the end.
  private final BooleanSupplier stage;
  private Consumer<Frame> frames = frame -> {};
  private long given;
  private boolean ended;

  private ClusterStream(HitSource source, ClusterOptions options) {
    this.source = source;
    switch (source) {
      case EventSource from -> {
        events = new Events(from, options);
        stage = events::advance;
      }
      case FrameSource from -> {
        events = null;
        stage = frames(from);
      }
      case ClusterSource from -> {
        events = null;
        stage = clusters(from);
      }
    }
  }

  /// Opens a file, folder or zip of any supported format.
  ///
  /// @throws org.pixelwake.base.InputException where it holds nothing that can be read; [#hasNext]
  ///   throws it too, where the content turns out to be mostly malformed
  public static ClusterStream open(Path path, ClusterOptions options) {
    return of(HitSources.open(path, options.open()), options);
  }

  /// The clusters of an open source, which is closed with the stream.
  public static ClusterStream of(HitSource source, ClusterOptions options) {
    return new ClusterStream(source, options);
  }

  /// Has every frame of a source of frames, empty ones too, passed to the receiver before its
  /// clusters come.
  public ClusterStream onFrame(Consumer<Frame> receiver) {
    frames = receiver;
    return this;
  }

  /// What is known of the source.
  public SourceInfo info() {
    return source.info();
  }

  @Override
  public boolean hasNext() {
    while (ready.isEmpty() && !ended) {
      ended = !stage.getAsBoolean();
    }
    return !ready.isEmpty();
  }

  @Override
  public Cluster next() {
    if (!hasNext()) {
      throw new NoSuchElementException("no more clusters of " + info().file());
    }
    given++;
    return ready.remove();
  }

  /// What was given so far; final when [#hasNext] is false.
  public ClusterReport report() {
    Events hits = events;
    if (hits == null) {
      ReadReport read = source.report();
      return new ClusterReport(read, given, 0, 0, List.copyOf(read.notices()));
    }
    hits.batches.settle();
    ReadReport read = source.report();
    List<String> notices = new ArrayList<>(read.notices());
    if (hits.divider.learnt() != 0) {
      notices.add(
          String.format(
              Locale.ROOT,
              "hits come up to %.6g ms out of order: sorting window widened to %.6g ms",
              hits.divider.learnt() / 1e6,
              hits.divider.window() / 1e6));
    }
    return new ClusterReport(
        read, given, hits.divider.late(), hits.clusterer.cut(), List.copyOf(notices));
  }

  /// Bytes of the content read so far, for progress.
  public long bytesRead() {
    return source.bytesRead();
  }

  /// Bytes of the content in all, -1 where not known.
  public long bytesTotal() {
    return source.bytesTotal();
  }

  @Override
  public void close() {
    if (events != null) {
      events.blocks.close();
      events.workers.close();
    }
    source.close();
  }

  private BooleanSupplier frames(FrameSource from) {
    FrameClusterer clusterer = new FrameClusterer(from.info().width(), from.info().height());
    return () -> {
      Frame frame = from.next();
      if (frame != null) {
        frames.accept(frame);
        clusterer.cluster(frame, ready);
      }
      return frame != null;
    };
  }

  private BooleanSupplier clusters(ClusterSource from) {
    return () -> {
      Cluster cluster = from.next();
      return cluster != null && ready.add(cluster);
    };
  }

  /// Finds the clusters of data-driven hits.
  private final class Events {
    private final Workers workers;
    private final ReadAhead batches;
    private final TimeDivider divider;
    private final BlockStage blocks;
    private final TimeClusterer clusterer;
    private long segment;

    Events(EventSource from, ClusterOptions options) {
      this.workers = new Workers(options.threads());
      this.batches = new ReadAhead(from, workers, BATCH);
      this.divider = new TimeDivider(options.sortWindowNs());
      PixelGrid grid = new PixelGrid(from.info().width(), from.info().height());
      this.blocks = new BlockStage(grid, options.windowNs(), BlockClusterer.MOST_HITS, workers);
      this.clusterer = new TimeClusterer(grid, options.windowNs(), options.maxClusterHits());
    }

    boolean advance() {
      HitBlock batch = batches.next();
      if (batch == null || batch.segment != segment) {
        divider.flush();
        cluster(true);
        clusterer.flush(ready);
      }
      if (batch == null) {
        return false;
      }
      segment = batch.segment;
      divider.add(batch);
      cluster(false);
      return true;
    }

    private void cluster(boolean all) {
      for (HitBlock hits = divider.poll(); hits != null; hits = divider.poll()) {
        blocks.add(hits);
        join(false);
      }
      join(all);
    }

    private void join(boolean all) {
      for (BlockStage.Done done = blocks.poll(all); done != null; done = blocks.poll(all)) {
        done.clusters().forEach(found -> clusterer.add(found, ready));
        blocks.recycle(done);
        divider.recycle(done.hits());
      }
    }
  }
}
