package org.pixelwake.timepix.io.cluster;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.io.ClusterSource;
import org.pixelwake.timepix.io.Format;
import org.pixelwake.timepix.io.HitSource;
import org.pixelwake.timepix.io.OpenOptions;
import org.pixelwake.timepix.io.file.AbstractFiles;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.SourceOpener;
import org.pixelwake.timepix.io.file.Tally;
import org.pixelwake.timepix.sensor.Sensor;

/// Opens clusters that somebody else has found, and what simulation programs write, as clusters
/// with what is known of their particles.
public final class ClusterOpener extends SourceOpener {
  /// Reads the clusters of one file.
  interface ClusterReader extends AbstractFiles.Reader {
    /// The next cluster, null at the end.
    @Nullable Cluster read();
  }

  public ClusterOpener(String shown, FileTree tree, OpenOptions options, Tally tally) {
    super(shown, tree, options, tally);
  }

  @Override
  public HitSource open(Format format, List<FileTree.Entry> files) {
    return switch (format) {
      case CLOG -> clog(files);
      case MPIXDAQ -> mpixdaq(files);
      case SIM -> sim(files);
      case CLIST -> clist(files);
      case ALLPIX -> allpix(files);
      case G4CSV -> geant4(files);
      default -> mm(files);
    };
  }

  /// Ready clusters of one or several files of one format.
  private final class Clusters extends AbstractFiles<ClusterReader> implements ClusterSource {
    Clusters(
        List<FileTree.Entry> files,
        SourceInfo info,
        Function<FileTree.Entry, ClusterReader> opener) {
      super(ClusterOpener.this, files, info, opener);
    }

    @Override
    public @Nullable Cluster next() {
      for (ClusterReader reader = reader(); reader != null; reader = reader()) {
        Cluster cluster = reader.read();
        if (cluster != null) {
          tally.clusters++;
          tally.hits += cluster.size();
          return cluster;
        }
        done();
      }
      return null;
    }
  }

  private HitSource clog(List<FileTree.Entry> files) {
    ClogReader.Probe probe = ClogReader.probe(files.get(0));
    if (probe.counted()) {
      tally.notice("the fourth value of the hits is a number of counts, not a time: not used");
    }
    int side = side(probe.quad());
    SourceInfo info = byTimes(Format.CLOG, side, probe.timed(), unit(probe.whole()), Map.of());
    return new Clusters(files, info, file -> new ClogReader(file, side, probe.timed(), this));
  }

  /// Unit of energies that are whole numbers or not.
  private static EnergyUnit unit(boolean whole) {
    return whole ? EnergyUnit.TOT : EnergyUnit.KEV;
  }

  private HitSource mpixdaq(List<FileTree.Entry> files) {
    MpixdaqReader.Header header = MpixdaqReader.header(files.get(0));
    // The MiniPIX EDU, which mPIXdaq is made for, has a Timepix; other detectors do not tell.
    String chip = header.device();
    String detector = chip.startsWith("EduMiniPIX") ? "Timepix" : "unknown";
    Map<String, String> facts = header.settings();
    SourceInfo info =
        info(Format.MPIXDAQ, detector, chip, SIDE, SIDE, false, EnergyUnit.KEV, facts);
    return new Clusters(
        files, info, file -> new MpixdaqReader(file, MpixdaqReader.header(file), this));
  }

  private HitSource clist(List<FileTree.Entry> files) {
    ClistReader.Header header = ClistReader.header(files.get(0));
    int side = side(header.quad());
    SourceInfo info = byTimes(Format.CLIST, side, true, unit(!header.kev()), Map.of());
    return new Clusters(
        files, info, file -> new ClistReader(file, ClistReader.header(file), side, this));
  }

  private HitSource sim(List<FileTree.Entry> files) {
    ClusterText.Look look = SimReader.look(files.get(0));
    int side = side(look.quad);
    SourceInfo info = byTimes(Format.SIM, side, look.timed(), EnergyUnit.KEV, Map.of());
    return new Clusters(files, info, file -> new SimReader(file, side, this));
  }

  private HitSource mm(List<FileTree.Entry> files) {
    Map<FileTree.Entry, MmReader.Triplet> triplets = new LinkedHashMap<>();
    for (FileTree.Entry file : files) {
      MmReader.Triplet triplet = MmReader.Triplet.of(tree, file);
      triplets.merge(
          triplet.px(), triplet, (known, more) -> known.settings().isEmpty() ? more : known);
    }
    MmReader.Triplet first = triplets.values().iterator().next();
    ClusterText.Look look = MmReader.look(first);
    int side = side(look.quad);
    SourceInfo info = byTimes(Format.MM, side, look.timed(), unit(look.whole), first.settings());
    return new Clusters(
        List.copyOf(triplets.keySet()),
        info,
        file -> new MmReader(Objects.requireNonNull(triplets.get(file)), side, this));
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
    boolean hits = object == AllpixReader.Kind.PIXEL_HIT;
    boolean inTot = hits && options.calibration() != null;
    Sensor sensor = object == AllpixReader.Kind.DEPOSITED_CHARGE ? sensor() : null;
    int side = side(probe.quad());
    String chip = probe.detector();
    boolean timed = probe.timed();
    Map<String, String> facts = Map.of("Objects", object.title);
    SourceInfo info =
        sensor != null
            ? info(Format.ALLPIX, sensor, chip)
            : info(Format.ALLPIX, byTime(timed), chip, side, side, timed, unit(inTot), facts);
    if (hits && !inTot) {
      tally.notice(
          "signals of PixelHit are taken for electrons; with a calibration they are taken for ToT");
    }
    return new Clusters(
        files, info, file -> new AllpixReader(file, probe, side, sensor, inTot, this));
  }

  private HitSource geant4(List<FileTree.Entry> files) {
    Geant4Reader.Probe probe = Geant4Reader.probe(files.get(0));
    Sensor sensor = probe.pixels() ? null : sensor();
    int side = side(probe.quad());
    SourceInfo info =
        sensor != null
            ? info(Format.G4CSV, sensor, "")
            : byTimes(Format.G4CSV, side, probe.timed(), EnergyUnit.KEV, Map.of());
    return new Clusters(files, info, file -> new Geant4Reader(file, probe, side, sensor, this));
  }

  private SourceInfo info(Format format, Sensor sensor, String chip) {
    boolean timed = sensor.chip() == Sensor.Chip.TIMEPIX3;
    int side = sensor.pixels();
    EnergyUnit unit = unit(!sensor.calibrated());
    Map<String, String> facts = Map.of("Objects", AllpixReader.Kind.DEPOSITED_CHARGE.title);
    return info(format, timed ? "Timepix3" : "Timepix", chip, side, side, timed, unit, facts);
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
