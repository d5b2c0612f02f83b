package org.pixelwake.spark;

import java.util.Locale;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/// Prints how many sources are done, at most every few seconds.
final class TaskProgress extends SparkListener {
  private static final double SECONDS = 5;

  private final int sources;
  private final long begin = System.nanoTime();
  private double printed;
  private int done;

  TaskProgress(int sources) {
    this.sources = sources;
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd end) {
    done += end.taskInfo().successful() ? 1 : 0;
    double seconds = (System.nanoTime() - begin) / 1e9;
    if (done <= sources && (seconds - printed > SECONDS || done == sources)) {
      printed = seconds;
      System.err.printf(
          Locale.ROOT,
          "clustering  %,d of %,d sources  %.1f sources/s  %.0f s left%n",
          done,
          sources,
          done / seconds,
          (sources - done) * seconds / done);
    }
  }
}
