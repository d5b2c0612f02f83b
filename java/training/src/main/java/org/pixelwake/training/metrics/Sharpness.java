package org.pixelwake.training.metrics;

import org.pixelwake.training.Evaluation;

/// How sharp a reconstructed image is at the edge of the true cluster.
///
/// Over all pairs of neighbouring pixels of which one is in the true cluster and the other is not,
/// the step from the outer to the inner one is added up, over the sum of the image in the cluster;
/// the sharpness is this figure of the reconstruction over that of the target:
///
///     S(image) = sum of (image[inner] - image[outer]) / sum of image[cluster]
///     sharpness = S(reconstruction) / S(target)
///
/// It is the inverse of the width of the edge, in widths of the target's. So the target itself has
/// 1, at any brightness; an image blurred by a Gaussian less, the less the wider the Gaussian;
/// an even haze, or nothing in the cluster, 0. Above 1 is an image that is brighter along its edge
/// than the target. Wrong energies inside the cluster are for the squared error to tell.
public final class Sharpness {
  private static final int CHANNELS = 3;

  private Sharpness() {}

  /// Sharpness of one image.
  ///
  /// @param image reconstruction, row by row
  /// @param target true image: the cluster is where it is above 0
  /// @param width pixels of a row
  /// @return NaN where the target has no cluster, or no pixel outside of it
  public static double of(float[] image, float[] target, int width) {
    if (image.length != target.length || width < 1 || target.length % width != 0) {
      throw new IllegalArgumentException(
          image.length + " and " + target.length + " pixels in rows of " + width);
    }
    return edge(image, target, width) / edge(target, target, width);
  }

  /// Sharpness of the energies of a picture.
  ///
  /// @param shown whether the reconstruction is looked at inside the mask that the network predicts
  ///   for it, as it is shown ([Evaluation#show]), or as it is
  public static double of(Evaluation.Picture picture, boolean shown) {
    int pixels = picture.side() * picture.side();
    float[] image = new float[pixels];
    float[] target = new float[pixels];
    int channels = picture.output().length / pixels;
    for (int p = 0; p < pixels; p++) {
      target[p] = picture.target()[CHANNELS * p];
      image[p] = shown ? Evaluation.show(picture.output(), p, 0) : picture.output()[channels * p];
    }
    return of(image, target, picture.side());
  }

  // NaN of an image whose cluster has no edge.
  private static double edge(float[] image, float[] target, int width) {
    double steps = 0;
    double inside = 0;
    int edges = 0;
    for (int p = 0; p < target.length; p++) {
      boolean right = (p + 1) % width != 0;
      boolean below = p + width < target.length;
      boolean in = target[p] > 0;
      inside += in ? image[p] : 0;
      if (right && in != target[p + 1] > 0) {
        steps += in ? image[p] - image[p + 1] : image[p + 1] - image[p];
        edges++;
      }
      if (below && in != target[p + width] > 0) {
        steps += in ? image[p] - image[p + width] : image[p + width] - image[p];
        edges++;
      }
    }
    return edges == 0 ? Double.NaN : inside > 0 ? steps / inside : 0;
  }
}
