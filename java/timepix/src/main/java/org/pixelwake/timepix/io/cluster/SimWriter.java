package org.pixelwake.timepix.io.cluster;

import java.nio.file.Path;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.Truth;

/// Writes a `_sim.txt` of labelled clusters: a header `ParticleType=11,Size=3,Energy=1.5,Theta=0.2,
/// Phi=1.1` (MeV and radians, -1 for what is not known), then `x y ToA[ns] energy[keV]` a hit.
public final class SimWriter extends ClusterWriter {
  private static final int DECIMALS = 6;

  public SimWriter(Path output) {
    super(output);
  }

  @Override
  protected void cluster(Cluster cluster) {
    header(cluster);
    for (int i = 0; i < cluster.size(); i++) {
      out.number(cluster.x()[i]).text(" ").number(cluster.y()[i]).text(" ");
      out.number(cluster.time() + cluster.toa()[i], DECIMALS).text(" ");
      out.number(cluster.energy()[i], DECIMALS).text("\n");
    }
  }

  private void header(Cluster cluster) {
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
