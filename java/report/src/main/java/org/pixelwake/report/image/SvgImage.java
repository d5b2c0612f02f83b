package org.pixelwake.report.image;

import com.github.weisj.jsvg.SVGDocument;
import com.github.weisj.jsvg.parser.LoaderContext;
import com.github.weisj.jsvg.parser.SVGLoader;
import com.github.weisj.jsvg.view.ViewBox;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Dimension2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;

/// Turns drawings into images of pixels.
public final class SvgImage {
  /// Pixels for each unit of a drawing: 600 units are 8 cm, a column of a journal, at 600 dots an
  /// inch.
  private static final int SCALE = 3;

  private SvgImage() {}

  /// @param svg one of our own drawings
  /// @return the bytes of a PNG file
  public static byte[] png(String svg) {
    ByteArrayInputStream text = new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8));
    SVGDocument document = new SVGLoader().load(text, null, LoaderContext.createDefault());
    if (document == null) {
      throw new IllegalStateException("a drawing of this report is no SVG");
    }
    Dimension2D size = document.size();
    int width = (int) Math.ceil(size.getWidth() * SCALE);
    int height = (int) Math.ceil(size.getHeight() * SCALE);
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    document.render(null, graphics, new ViewBox(width, height));
    graphics.dispose();
    return PngWriter.encode(image);
  }
}
