package org.pixelwake.timepix.io.cluster;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.io.Format;
import org.pixelwake.timepix.io.HitSource;
import org.pixelwake.timepix.io.OpenOptions;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.SourceOpener;
import org.pixelwake.timepix.io.file.Tally;
import org.pixelwake.timepix.sensor.Sensor;

/// Opens what other simulation programs write, as clusters with what is known of their particles.
public final class ImportOpener extends SourceOpener {
  public ImportOpener(String shown, FileTree tree, OpenOptions options, Tally tally) {
    super(shown, tree, options, tally);
  }

  @Override
  public HitSource open(Format format, List<FileTree.Entry> files) {
    return format == Format.ALLPIX ? allpix(files) : geant4(files);
  }

  private HitSource allpix(List<FileTree.Entry> files) {
    AllpixReader.Probe probe = AllpixReader.probe(files.get(0));
    AllpixReader.Kind object = probe.object();
    if (object == null) {
      throw new InputException(
          files.get(0).display(),
          "holds no objects PixelHit, PixelCharge or DepositedCharge",
          "Have [TextWriter] include PixelHit, and MCParticle and MCTrack for the truth");
    }
    boolean deposits = object == AllpixReader.Kind.DEPOSITED_CHARGE;
    boolean inTot = object == AllpixReader.Kind.PIXEL_HIT && options.calibration() != null;
    Sensor sensor = deposits ? sensor() : null;
    int side = side(probe.quad());
    SourceInfo info =
        sensor != null
            ? info(Format.ALLPIX, sensor, probe.detector())
            : info(
                Format.ALLPIX,
                byTime(probe.timed()),
                probe.detector(),
                side,
                side,
                probe.timed(),
                inTot ? EnergyUnit.TOT : EnergyUnit.KEV,
                Map.of("Objects", object.title));
    if (object == AllpixReader.Kind.PIXEL_HIT && !inTot) {
      tally.notice(
          "signals of PixelHit are taken for electrons; with a calibration they are taken for ToT");
    }
    Sensor known = options.sensor();
    double pitch = known == null ? Sensor.timepix3().pitchUm() : known.pitchUm();
    return new ClusterFiles(
        this,
        files,
        info,
        file -> new AllpixReader(file, probe, side, pitch, sensor, inTot, filter(), tally));
  }

  private HitSource geant4(List<FileTree.Entry> files) {
    Geant4Reader.Probe probe = Geant4Reader.probe(files.get(0));
    Sensor sensor = probe.pixels() ? null : sensor();
    int side = side(probe.quad());
    SourceInfo info =
        sensor != null
            ? info(Format.G4CSV, sensor, "")
            : byTimes(Format.G4CSV, side, probe.timed(), EnergyUnit.KEV, Map.of());
    return new ClusterFiles(
        this, files, info, file -> new Geant4Reader(file, probe, side, sensor, filter(), tally));
  }

  private SourceInfo info(Format format, Sensor sensor, String detector) {
    boolean timed = sensor.chip() == Sensor.Chip.TIMEPIX3;
    return info(
        format,
        timed ? "Timepix3" : "Timepix",
        detector,
        sensor.pixels(),
        sensor.pixels(),
        timed,
        sensor.calibrated() ? EnergyUnit.KEV : EnergyUnit.TOT,
        Map.of("Objects", AllpixReader.Kind.DEPOSITED_CHARGE.title));
  }

  /// The sensor that deposits go through, without the masked pixels.
  private Sensor sensor() {
    @Nullable Sensor sensor = options.sensor();
    if (sensor == null) {
      throw new InputException(
          shown,
          "holds energy deposited in a sensor, and which sensor is not told",
          "Name it with --sensor: timepix, timepix3, or a setup as for `simulate`");
    }
    if (options.timeWalk() != null || options.calibration() != null) {
      throw new InputException(
          shown,
          "its hits are made by the sensor's own calibration and time walk",
          "Leave out the calibration and the time walk");
    }
    return options.mask() == null ? sensor : sensor.withDead(sensor.dead().and(options.mask()));
  }
}
