package org.pixelwake.training;

import java.nio.file.Path;
import org.pixelwake.base.Progress;
import org.pixelwake.engine.op.Loss;

/// Everything that decides the outcome of a pretraining run; saved beside its checkpoints.
public final class PretrainConfig extends RunConfig {
  // Of the logarithm of an energy.
  private static final float HUBER_DELTA = 1;

  private static final double FIXED_STATISTICS = 0.25;

  /// The defaults.
  public PretrainConfig() {
    fixedStatistics = FIXED_STATISTICS;
  }

  @Setting(group = "images", value = "part of the hits hidden from the input: 0, 0.25, 0.5")
  public float maskFraction = 0.25f;

  @Setting(group = "data", value = "balance the hit counts over exponential bins")
  public boolean balance = true;

  @Setting("clusters that a bin of hit counts needs, or it is left out")
  public int minBin = 50;

  @Setting(group = "loss", value = "weight of the image's squared error")
  public float imageWeight = 1;

  @Setting("weight of the cluster mask's loss")
  public float clusterWeight = 1;

  @Setting("weight of the threshold mask's loss")
  public float thresholdWeight = 1;

  @Setting(
      "weight of the loss of the cluster's own quantities (size, energy, length ...), told from its features; -1: 1 for networks over hits, else 0")
  public float featureWeight = AUTO;

  @Setting("weight of a hit pixel in the squared error")
  public float hitWeight = 1;

  @Setting("weight of an empty pixel in the squared error")
  public float emptyWeight = 0.1f;

  @Setting("weight of a positive pixel in the masks' cross-entropy")
  public float maskHitWeight = 1;

  @Setting("weight of a negative pixel in it")
  public float maskEmptyWeight = 0.25f;

  @Setting("weight of the cross-entropy in a mask's loss")
  public float bceWeight = 1;

  @Setting("weight of soft Dice in a mask's loss")
  public float diceWeight = 1;

  @Setting(group = "run", value = "held-out clusters pictured in the report")
  public int pictures = 8;

  @Override
  public Pretraining task(Path dataset, Progress progress) {
    return Pretraining.load(dataset, this, progress);
  }

  @Override
  public void validate() {
    validateShared(false);
    check("held-out", heldOut > 0, "between 0 and 1");
    check("mask-fraction", maskFraction >= 0 && maskFraction < 1, "at least 0 and less than 1");
    check("min-bin", minBin >= 1, "at least 1");
    check("pictures", pictures >= 0 && pictures <= 64, "0 to 64");
    for (Described setting : settings()) {
      boolean weight =
          setting.group().equals("loss")
              && !(setting.name().equals("feature-weight") && featureWeight == AUTO);
      check(setting.name(), !weight || ((Number) setting.in(this)).floatValue() >= 0, "at least 0");
    }
  }

  @Override
  float hidden() {
    return maskFraction;
  }

  /// Returns whether the network is to tell the clusters' own quantities.
  public final boolean tellsQuantities() {
    return featureWeight > 0;
  }

  /// Replaces an open weight of the clusters' quantities by its number.
  final void resolveWeights() {
    if (featureWeight == AUTO) {
      featureWeight = overHits() ? 1 : 0;
    }
  }

  /// Weights of the loss of an autoencoder over hits.
  public Loss.HitWeights hitWeights() {
    return new Loss.HitWeights(imageWeight, clusterWeight, thresholdWeight, HUBER_DELTA);
  }

  /// Weights of the loss of an autoencoder of images.
  public Loss.Weights lossWeights() {
    return new Loss.Weights(
        imageWeight,
        clusterWeight,
        thresholdWeight,
        hitWeight,
        emptyWeight,
        maskHitWeight,
        maskEmptyWeight,
        bceWeight,
        diceWeight);
  }
}
