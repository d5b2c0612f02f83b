package org.pixelwake.timepix.io.cluster;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.io.Format;
import org.pixelwake.timepix.io.HitSource;
import org.pixelwake.timepix.io.OpenOptions;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.SourceOpener;
import org.pixelwake.timepix.io.file.Tally;

/// Opens clusters that somebody else has found.
public final class ClusterOpener extends SourceOpener {
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
      default -> mm(files);
    };
  }

  private HitSource clog(List<FileTree.Entry> files) {
    ClogReader.Probe probe = ClogReader.probe(files.get(0));
    if (probe.counted()) {
      tally.notice("the fourth value of the hits is a number of counts, not a time: not used");
    }
    int side = side(probe.quad());
    SourceInfo info = byTimes(Format.CLOG, side, probe.timed(), unit(probe.whole()), Map.of());
    return new ClusterFiles(
        this, files, info, file -> new ClogReader(file, side, probe.timed(), filter(), tally));
  }

  /// Unit of energies that are whole numbers or not.
  private static EnergyUnit unit(boolean whole) {
    return whole ? EnergyUnit.TOT : EnergyUnit.KEV;
  }

  private HitSource mpixdaq(List<FileTree.Entry> files) {
    MpixdaqReader.Header header = MpixdaqReader.header(files.get(0));
    // The MiniPIX EDU, which mPIXdaq is made for, has a Timepix; other detectors do not tell.
    String detector = header.device().startsWith("EduMiniPIX") ? "Timepix" : "unknown";
    SourceInfo info =
        info(
            Format.MPIXDAQ,
            detector,
            header.device(),
            SIDE,
            SIDE,
            false,
            EnergyUnit.KEV,
            header.settings());
    return new ClusterFiles(
        this,
        files,
        info,
        file -> new MpixdaqReader(file, MpixdaqReader.header(file), filter(), tally));
  }

  private HitSource clist(List<FileTree.Entry> files) {
    ClistReader.Header header = ClistReader.header(files.get(0));
    int side = side(header.quad());
    SourceInfo info = byTimes(Format.CLIST, side, true, header.unit(), Map.of());
    return new ClusterFiles(
        this,
        files,
        info,
        file -> new ClistReader(file, ClistReader.header(file), side, filter(), tally));
  }

  private HitSource sim(List<FileTree.Entry> files) {
    SimReader.Probe probe = SimReader.probe(files.get(0));
    int side = side(probe.quad());
    SourceInfo info = byTimes(Format.SIM, side, probe.timed(), EnergyUnit.KEV, Map.of());
    return new ClusterFiles(this, files, info, file -> new SimReader(file, side, filter(), tally));
  }

  private HitSource mm(List<FileTree.Entry> files) {
    Map<FileTree.Entry, MmFiles> triplets = new LinkedHashMap<>();
    for (FileTree.Entry file : files) {
      MmFiles triplet = MmFiles.of(tree, file);
      triplets.merge(
          triplet.px(), triplet, (known, more) -> known.settings().isEmpty() ? more : known);
    }
    MmFiles first = triplets.values().iterator().next();
    MmReader.Probe probe = MmReader.probe(first);
    int side = side(probe.quad());
    SourceInfo info =
        byTimes(Format.MM, side, probe.timed(), unit(probe.whole()), first.settings());
    return new ClusterFiles(
        this,
        List.copyOf(triplets.keySet()),
        info,
        file -> {
          MmFiles triplet = Objects.requireNonNull(triplets.get(file));
          return new MmReader(triplet, side, MmReader.probe(triplet), filter(), tally);
        });
  }
}
