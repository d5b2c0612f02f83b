package org.pixelwake.base;

/// Philox4x32-10, a counter-based random generator: a pure function of a key and a counter.
///
/// There is no state, so a draw depends only on what it is for (seed, step, element), never on the
/// order or on the number of threads. The native backends compute the same function, so the same
/// key and counter give the same bits there.
///
/// Source: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as
/// 1, 2, 3", SC11 (Random123).
public final class Philox {
  private static final int ROUNDS = 10;
  private static final long MULTIPLIER_0 = 0xD2511F53L;
  private static final long MULTIPLIER_1 = 0xCD9E8D57L;
  // Weyl sequence of the key: golden ratio and sqrt(3) - 1, in 32 bits.
  private static final int WEYL_0 = 0x9E3779B9;
  private static final int WEYL_1 = 0xBB67AE85;
  private static final long LOW_32 = 0xFFFFFFFFL;

  private Philox() {}

  /// Writes the 4 words that belong to a counter and a key.
  ///
  /// @param counter0 word 0 (lowest) of the counter
  /// @param counter1 word 1 of the counter
  /// @param counter2 word 2 of the counter
  /// @param counter3 word 3 (highest) of the counter
  /// @param key0 word 0 of the key
  /// @param key1 word 1 of the key
  /// @param out receives 4 words, each uniform over all 32-bit values
  /// @param at index of the first word in `out`
  public static void block(
      int counter0,
      int counter1,
      int counter2,
      int counter3,
      int key0,
      int key1,
      int[] out,
      int at) {
    int c0 = counter0;
    int c1 = counter1;
    int c2 = counter2;
    int c3 = counter3;
    int k0 = key0;
    int k1 = key1;
    for (int round = 0; round < ROUNDS; round++) {
      long product0 = MULTIPLIER_0 * (c0 & LOW_32);
      long product1 = MULTIPLIER_1 * (c2 & LOW_32);
      c0 = (int) (product1 >>> 32) ^ c1 ^ k0;
      c1 = (int) product1;
      c2 = (int) (product0 >>> 32) ^ c3 ^ k1;
      c3 = (int) product0;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    out[at] = c0;
    out[at + 1] = c1;
    out[at + 2] = c2;
    out[at + 3] = c3;
  }

  /// 64 random bits for one element: words 0 (low half) and 1 (high half) of the block whose key is
  /// the seed and whose counter is (index, stream), low words first.
  ///
  /// @param seed of the run
  /// @param stream what the draw is for, so that two uses of one index are independent
  /// @param index of the element, such as the row of a cluster
  public static long bits(long seed, long stream, long index) {
    int[] words = new int[4];
    block(
        (int) index,
        (int) (index >>> 32),
        (int) stream,
        (int) (stream >>> 32),
        (int) seed,
        (int) (seed >>> 32),
        words,
        0);
    return (words[0] & LOW_32) | ((long) words[1] << 32);
  }

  /// Uniform in [0, 1) from 64 random bits: the upper 53, so that every value is exact.
  public static double uniform(long bits) {
    return (bits >>> 11) * 0x1.0p-53;
  }

  /// Uniform in [0, 1) from one random word: the upper 24 bits, so that every value is exact.
  public static float uniform(int word) {
    return (word >>> 8) * 0x1.0p-24f;
  }
}
