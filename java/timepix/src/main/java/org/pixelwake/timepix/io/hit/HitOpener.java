package org.pixelwake.timepix.io.hit;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pixelwake.timepix.EnergyUnit;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.io.ChipLayout;
import org.pixelwake.timepix.io.Format;
import org.pixelwake.timepix.io.HitSource;
import org.pixelwake.timepix.io.OpenOptions;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.SourceOpener;
import org.pixelwake.timepix.io.file.Tally;

/// Opens hits with times of arrival.
public final class HitOpener extends SourceOpener {
  private static final int PROBED_FILES = 4;

  public HitOpener(String shown, FileTree tree, OpenOptions options, Tally tally) {
    super(shown, tree, options, tally);
  }

  @Override
  public HitSource open(Format format, List<FileTree.Entry> files) {
    boolean quad = options.layout() == ChipLayout.QUAD;
    Map<FileTree.Entry, T3paReader.Shape> shapes = new LinkedHashMap<>();
    for (FileTree.Entry file : files.subList(0, Math.min(PROBED_FILES, files.size()))) {
      boolean second;
      if (format == Format.TPX3) {
        second = Tpx3Reader.probeQuad(file);
      } else {
        T3paReader.Shape shape = T3paReader.shape(file, format);
        shapes.put(file, shape);
        second = shape.quad();
        if (second) {
          tally.notice("pixels are numbered beyond 256 x 256: read as a quad of 512 x 512");
        }
      }
      quad |= second && options.layout() == ChipLayout.AUTO;
    }
    int side = side(quad);
    SourceInfo info = info(format, "Timepix3", "", side, side, true, EnergyUnit.TOT, Map.of());
    boolean four = quad;
    return new EventFiles(
        this,
        files,
        info,
        file ->
            format == Format.TPX3
                ? new Tpx3Reader(file, four, options.columnPhase(), options.tdc(), filter(), tally)
                : new T3paReader(
                    file,
                    shapes.computeIfAbsent(file, f -> T3paReader.shape(f, format)),
                    four,
                    filter(),
                    tally));
  }
}
