package org.pixelwake.report.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ImagesTest {
  @Test
  void mapsHaveThePublishedColours() {
    assertEquals(0x440154, ColorMap.VIRIDIS.rgb(0));
    assertEquals(0xfde725, ColorMap.VIRIDIS.rgb(1));
    assertEquals(0x21918c, ColorMap.VIRIDIS.rgb(0.5f));
    assertEquals(0x000004, ColorMap.INFERNO.rgb(0));
    assertEquals(0xfcffa4, ColorMap.INFERNO.rgb(1));
    assertEquals(0x808080, ColorMap.GRAY.rgb(0.5f));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CYCLIC")
  void mapsRiseInLightness(ColorMap map) {
    double before = -1;
    for (int i = 0; i < ColorMap.SIZE; i++) {
      int rgb = map.rgb(i / 255f);
      double light =
          0.2126 * linear(rgb >> 16 & 255)
              + 0.7152 * linear(rgb >> 8 & 255)
              + 0.0722 * linear(rgb & 255);
      // Rounding to 8 bits can undo a tiny step.
      assertTrue(light > before - 1e-3, map + " at " + i);
      before = Math.max(before, light);
    }
  }

  private static double linear(int channel) {
    return Math.pow(channel / 255.0, 2.2);
  }

  @Test
  void valuesOutsideAreClamped() {
    assertEquals(0, ColorMap.index(-3));
    assertEquals(255, ColorMap.index(7));
    assertEquals(255, ColorMap.index(Float.POSITIVE_INFINITY));
    assertEquals(0, ColorMap.index(Float.NaN));
  }

  @Test
  void pngHoldsTheColours(@TempDir Path directory) throws IOException {
    FloatImage image = FloatImage.of(3, 2, new float[] {0, 1, 2, 3, 4, 5});
    Path file = directory.resolve("image.png");
    PngWriter.write(file, image, ColorMap.INFERNO, 1, 4);
    BufferedImage read = ImageIO.read(file.toFile());
    assertEquals(3, read.getWidth());
    assertEquals(2, read.getHeight());
    for (int y = 0; y < 2; y++) {
      for (int x = 0; x < 3; x++) {
        int expected = ColorMap.INFERNO.rgb((image.at(x, y) - 1) / 3);
        assertEquals(expected, read.getRGB(x, y) & 0xffffff, x + "," + y);
      }
    }
  }

  @Test
  void flatRangeGivesTheFirstColour() throws IOException {
    byte[] png = PngWriter.encode(FloatImage.of(1, 1, new float[] {5}), ColorMap.GRAY, 0, 0);
    assertEquals(0, ImageIO.read(new ByteArrayInputStream(png)).getRGB(0, 0) & 0xffffff);
  }

  @Test
  void takesChannelsOutOfInterleavedStorage() {
    float[] nhwc = {1, 10, 2, 20, 3, 30, 4, 40};
    FloatImage second = FloatImage.ofChannel(2, 2, nhwc, 1, 2);
    assertEquals(10, second.at(0, 0));
    assertEquals(40, second.at(1, 1));
    assertThrows(IllegalArgumentException.class, () -> FloatImage.ofChannel(2, 2, nhwc, 2, 2));
    assertThrows(IllegalArgumentException.class, () -> FloatImage.of(3, 3, nhwc));
    assertThrows(IndexOutOfBoundsException.class, () -> second.at(2, 0));
  }

  @Test
  void cropHoldsTheTrackAndStaysInside() {
    float[] values = new float[96 * 96];
    values[10 * 96 + 90] = 1;
    values[39 * 96 + 94] = 1;
    Crop crop = Crop.around(FloatImage.of(96, 96, values));
    assertEquals(crop.width(), crop.height());
    assertEquals(36, crop.width());
    assertEquals(96 - 36, crop.left());
    FloatImage part = crop.of(FloatImage.of(96, 96, values));
    assertEquals(1, part.at(90 - crop.left(), 10 - crop.top()));
    assertEquals(1, part.at(94 - crop.left(), 39 - crop.top()));
    assertEquals(new Crop(0, 0, 8, 8), Crop.around(FloatImage.of(8, 8, new float[64])));
    float[] one = new float[64];
    one[0] = 1;
    assertEquals(new Crop(0, 0, 8, 8), Crop.around(FloatImage.of(8, 8, one)));
  }

  @Test
  void largeCropsAreAveragedInBlocks() {
    float[] values = new float[321 * 321];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 321;
    }
    FloatImage image = FloatImage.of(321, 321, values);
    FloatImage drawn = new Crop(0, 0, 321, 321).of(image);
    assertEquals(107, drawn.width());
    assertEquals(107, drawn.height());
    assertEquals(1, drawn.at(0, 0));
    assertEquals(319, drawn.at(106, 106));
    FloatImage ragged = new Crop(0, 0, 161, 161).of(image);
    assertEquals(81, ragged.width());
    assertEquals(160, ragged.at(80, 0), "the last block is one column wide");
  }

  @Test
  void scores() {
    FloatImage target = FloatImage.of(2, 2, new float[] {1, 1, 0, 0});
    FloatImage mask = FloatImage.of(2, 2, new float[] {0.9f, 0.1f, 0.5f, 0.4f});
    assertEquals(1.0 / 3, mask.intersectionOverUnion(target), 1e-12);
    assertEquals((0.01 + 0.81 + 0.25 + 0.16) / 4, mask.meanSquaredError(target), 1e-7);
    FloatImage empty = FloatImage.of(2, 2, new float[4]);
    assertEquals(1, empty.intersectionOverUnion(empty));
  }
}
