package org.pixelwake.timepix.io.cluster;

import java.nio.file.Path;
import org.pixelwake.base.Progress;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.Truth;
import org.pixelwake.timepix.clustering.ClusterStream;
import org.pixelwake.timepix.io.Writers;
import org.pixelwake.timepix.io.file.TextOutput;

/// Writes a `_sim.txt` of labelled clusters: a header `ParticleType=11,Size=3,Energy=1.5,Theta=0.2,
/// Phi=1.1` (MeV and radians, -1 for what is not known), then `x y ToA[ns] energy[keV]` a hit.
public final class SimWriter {
  private static final int PROGRESS_EVERY = 1 << 12;
  private static final int DECIMALS = 6;

  private SimWriter() {}

  public static Writers.Written write(ClusterStream clusters, Path output, Progress progress) {
    long count = 0;
    long hits = 0;
    try (TextOutput out = new TextOutput(output)) {
      while (clusters.hasNext()) {
        Cluster cluster = clusters.next();
        header(out, cluster);
        for (int i = 0; i < cluster.size(); i++) {
          out.number(cluster.x()[i]).text(" ").number(cluster.y()[i]).text(" ");
          out.number(cluster.time() + cluster.toa()[i], DECIMALS).text(" ");
          out.number(cluster.energy()[i], DECIMALS).text("\n");
        }
        hits += cluster.size();
        if (++count % PROGRESS_EVERY == 0) {
          progress.update(
              clusters.bytesRead(), clusters.bytesTotal(), "bytes", count + " clusters");
        }
      }
      out.commit();
    }
    return new Writers.Written(hits, count, 0, clusters.report());
  }

  private static void header(TextOutput out, Cluster cluster) {
    Truth truth =
        cluster.truth() == null ? Truth.ofParticle(Truth.UNKNOWN_PARTICLE) : cluster.truth();
    boolean known = truth.particle() != Truth.UNKNOWN_PARTICLE;
    boolean angles = !Float.isNaN(truth.thetaDegrees()) && !Float.isNaN(truth.phiDegrees());
    out.text("ParticleType=").number(known ? truth.particle() : -1);
    out.text(",Size=").number(cluster.size());
    out.text(",Energy=").number(Float.isNaN(truth.energyMeV()) ? -1 : truth.energyMeV(), DECIMALS);
    out.text(",Theta=").number(angles ? Math.toRadians(truth.thetaDegrees()) : -1, DECIMALS);
    out.text(",Phi=").number(angles ? Math.toRadians(truth.phiDegrees()) : -1, DECIMALS);
    out.text("\n");
  }
}
