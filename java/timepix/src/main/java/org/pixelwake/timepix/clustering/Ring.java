package org.pixelwake.timepix.clustering;

/// Which of the nine pixels around and under a hit need to be looked at.
///
/// The latest hits of two of them that touch, both in the window before the hit, are in the window
/// of each other, so they are in one cluster already. One of each group of pixels that touch will
/// do: mostly one of all.
final class Ring {
  private static final int SIDE = 3;
  private static final int PIXELS = SIDE * SIDE;

  /// Most groups that do not touch: one in each corner.
  static final int MOST_GROUPS = 4;

  private static final short[] GROUPS = new short[1 << PIXELS];

  static {
    for (int pixels = 0; pixels < GROUPS.length; pixels++) {
      int left = pixels;
      while (left != 0) {
        int first = Integer.lowestOneBit(left);
        GROUPS[pixels] |= (short) first;
        left &= ~grown(first, pixels);
      }
    }
  }

  private Ring() {}

  /// One pixel of each group of pixels that touch.
  ///
  /// @param pixels a bit for each of the nine, line by line
  static int groups(int pixels) {
    return GROUPS[pixels];
  }

  /// All pixels that are joined to those of a group by others.
  private static int grown(int group, int pixels) {
    int all = group;
    for (int before = 0; before != all; ) {
      before = all;
      int wider = all | (all & 0b011_011_011) << 1 | (all & 0b110_110_110) >> 1;
      all = (wider | wider << SIDE | wider >> SIDE) & pixels;
    }
    return all;
  }
}
