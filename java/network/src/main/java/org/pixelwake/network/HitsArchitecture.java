package org.pixelwake.network;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pixelwake.base.InputException;

/// The shape of a network over hits: residual blocks of submanifold sparse convolutions (Graham &
/// van der Maaten 2017) at the detector's resolution, which see the hits of a cluster alone and no
/// empty pixels.
///
/// @param name such as `hits_s`
/// @param width channels of a hit
/// @param blocks residual blocks
/// @param eps of the layer norms
/// @param dropout before the classifier
public record HitsArchitecture(String name, int width, int blocks, float eps, float dropout)
    implements EncoderShape {
  private static final float EPS = 1e-5f;
  private static final float DROPOUT = 0.1f;

  private static final int MOST_WIDTH = 1024;
  private static final int MOST_BLOCKS = 64;

  private static final List<HitsArchitecture> NAMED =
      List.of(
          new HitsArchitecture("hits_s", 32, 3, EPS, DROPOUT),
          new HitsArchitecture("hits_m", 64, 4, EPS, DROPOUT),
          new HitsArchitecture("hits_l", 96, 6, EPS, DROPOUT));
  private static final Pattern FREE = Pattern.compile("hits_w(\\d{1,4})_d(\\d{1,2})");

  /// Returns the architecture of a name: `hits_s`, `hits_m`, `hits_l`, or
  /// `hits_w<width>_d<blocks>`.
  ///
  /// @throws InputException when there is none of that name
  public static HitsArchitecture named(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    for (HitsArchitecture one : NAMED) {
      if (one.name.equals(lower)) {
        return one;
      }
    }
    Matcher free = FREE.matcher(lower);
    if (free.matches()) {
      int width = Integer.parseInt(free.group(1));
      int blocks = Integer.parseInt(free.group(2));
      if (width >= 1 && width <= MOST_WIDTH && blocks >= 1 && blocks <= MOST_BLOCKS) {
        return of(width, blocks);
      }
    }
    throw new InputException(
        "--arch " + name,
        "no such network over hits",
        "Use hits_s, hits_m, hits_l, or hits_w48_d5 for a width and a number of blocks");
  }

  /// Returns the architecture of a width and a number of blocks, under its name where it has one.
  static HitsArchitecture of(int width, int blocks) {
    for (HitsArchitecture one : NAMED) {
      if (one.width == width && one.blocks == blocks) {
        return one;
      }
    }
    return new HitsArchitecture("hits_w" + width + "_d" + blocks, width, blocks, EPS, DROPOUT);
  }

  /// Channels of a hit before they are pooled.
  int last() {
    return 2 * width;
  }

  /// Mean, sum and maximum of the last channels.
  @Override
  public int top() {
    return 3 * last();
  }

  /// Returns this architecture with another dropout before the classifier.
  ///
  /// @param probability of dropping a feature, in [0, 1)
  public HitsArchitecture withDropout(double probability) {
    return new HitsArchitecture(name, width, blocks, eps, (float) probability);
  }
}
