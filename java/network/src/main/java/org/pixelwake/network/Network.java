package org.pixelwake.network;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.ParameterLayout;
import org.pixelwake.engine.ParameterLayout.Entry;
import org.pixelwake.engine.ParameterLayout.Group;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.ParameterStore.Slab;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.View;
import org.pixelwake.engine.op.Hits;
import org.pixelwake.engine.op.Rasterize;

/// A network: an architecture with a decoder (the autoencoder), with a classifier, or with neither
/// (the encoder alone).
public final class Network {
  /// What stands behind the encoder.
  public enum Kind {
    /// Decoder and heads for image, cluster mask and threshold mask, or for hidden hits.
    AUTOENCODER,
    /// Global pooling, dropout and a linear layer.
    CLASSIFIER
  }

  /// The hits of a batch, as an encoder over hits has seen them.
  ///
  /// @param rows of the hits
  /// @param known what it knows of each hit (capacity, width)
  public record Seen(Hits.Rows rows, Tensor known) {}

  private static final String QUANTITIES = "quantities";

  private final EncoderShape shape;
  private final Kind kind;
  private final int outputs;
  private final List<Layer.Spec> specs = new ArrayList<>();
  private final ParameterLayout layout;

  private Network(EncoderShape shape, Kind kind, int outputs, boolean decayAll) {
    this.shape = shape;
    this.kind = kind;
    this.outputs = outputs;
    switch (shape) {
      case Architecture images -> EfficientNet.specs(images, specs::add);
      case HitsArchitecture hits -> HitsEncoder.specs(hits, specs::add);
    }
    if (kind == Kind.CLASSIFIER) {
      EfficientNet.classifierSpecs(shape.top(), outputs, specs::add);
    } else {
      switch (shape) {
        case Architecture images -> Decoder.specs(images, specs::add);
        case HitsArchitecture hits -> HitsDecoder.specs(hits, specs::add);
      }
      if (outputs > 0) {
        HitsEncoder.linear(QUANTITIES, outputs, shape.top(), specs::add);
      }
    }
    layout =
        new ParameterLayout(
            specs.stream().map(s -> decayAll ? decayed(s.entry()) : s.entry()).toList());
  }

  /// The autoencoder of the reference, or one over hits. Weight decay acts on the weights of
  /// convolutions only, as is usual; see [#decayingAll()].
  ///
  /// @throws InputException for the small CNN, which has no decoder
  public static Network autoencoder(EncoderShape shape) {
    return autoencoder(shape, 0);
  }

  /// An autoencoder that also learns to tell quantities of the cluster from its features.
  ///
  /// @param quantities their number; 0: none
  /// @throws InputException for the small CNN, which has no decoder
  public static Network autoencoder(EncoderShape shape, int quantities) {
    if (shape instanceof Architecture images && images.separable()) {
      throw new InputException(
          "--arch " + shape.name(),
          "has no decoder, so there is no autoencoder of it",
          "Use efficientnet_b0 to efficientnet_b7 or hits_s to hits_l, or train it as a"
              + " classifier");
    }
    return new Network(shape, Kind.AUTOENCODER, quantities, false);
  }

  /// torchvision's classifier, of which some outputs may be values instead of logits of classes
  /// (`Loss.Supervised`).
  ///
  /// @param outputs classes and values together
  public static Network classifier(EncoderShape shape, int outputs) {
    return new Network(shape, Kind.CLASSIFIER, outputs, false);
  }

  /// The same network with weight decay on every parameter, as `AdamW(model.parameters())` of
  /// PyTorch has it.
  public Network decayingAll() {
    return new Network(shape, kind, outputs, true);
  }

  private static Entry decayed(Entry entry) {
    return entry.group() == Group.STATE
        ? entry
        : new Entry(entry.name(), Group.DECAYED, entry.shape());
  }

  /// Its encoder's shape.
  public EncoderShape shape() {
    return shape;
  }

  /// The shape of its encoder of images.
  ///
  /// @throws IllegalStateException where it is a network over hits
  public Architecture architecture() {
    if (shape instanceof Architecture architecture) {
      return architecture;
    }
    throw new IllegalStateException(shape.name() + " sees hits, not images");
  }

  /// What stands behind the encoder.
  public Kind kind() {
    return kind;
  }

  /// Outputs of a classifier, classes and values together; of an autoencoder the quantities of a
  /// cluster that it tells.
  public int outputs() {
    return outputs;
  }

  /// Its parameters and running statistics.
  public ParameterLayout layout() {
    return layout;
  }

  /// Draws all parameters: the encoder as torchvision does, the decoder as PyTorch does by default,
  /// the biases of the mask logits at the masks' rarity. Random numbers depend on the seed and the
  /// parameter's name alone.
  public void initialise(ParameterStore store, long seed) {
    for (Layer.Spec spec : specs) {
      store.set(Slab.PARAMETERS, spec.entry().name(), Initialiser.values(spec, seed));
    }
    if (kind == Kind.AUTOENCODER) {
      float[] bias = store.get(Slab.PARAMETERS, "heads.bias");
      if (shape instanceof HitsArchitecture) {
        Arrays.fill(bias, HitsDecoder.FIRST_LOGIT, bias.length - 1, HitsDecoder.PLACE_PRIOR);
      } else {
        Arrays.fill(bias, Decoder.FIRST_MASK, Decoder.HEADS, Decoder.MASK_PRIOR);
      }
      store.set(Slab.PARAMETERS, "heads.bias", bias);
    }
  }

  /// Traces the encoder. One that is frozen while the classifier learns is traced within
  /// [Graph#evaluating], so that its batch norms stay as they are, and its parameters are excluded
  /// by [Graph#trainable].
  ///
  /// @param step the step's state, for stochastic depth; may be null where there is none
  /// @return the outputs of all stages; the last is the one the others build on
  public List<View> encode(Graph graph, Tensor image, @Nullable Tensor step) {
    return EfficientNet.features(graph, architecture(), image, step);
  }

  /// Traces an encoder over hits with its pooling.
  ///
  /// @param hits of the batch: in different pixels, ordered by y and x in each cluster
  /// @param step the step's state, for random turns
  /// @param embedding receives the pooled features (n, top)
  /// @throws IllegalStateException where it is a network over images
  public void embed(
      Graph graph, Hits.Attributes attributes, Rasterize.Hits hits, Tensor step, Tensor embedding) {
    HitsEncoder.embed(graph, hitsArchitecture(), attributes, hits, null, step, embedding);
  }

  /// Traces an encoder over hits of an autoencoder, from which the energies and times of some hits
  /// are hidden.
  ///
  /// @param hits of the batch: in different pixels, ordered by y and x in each cluster; energy and
  ///   time of hidden ones are 0
  /// @param hidden (capacity, 1): 1 for hidden ones, else 0
  /// @param step the step's state, for random turns
  /// @param embedding receives the pooled features (n, top)
  /// @return what [#restore] takes
  /// @throws IllegalStateException where it is not an autoencoder over hits
  public Seen embed(
      Graph graph,
      Hits.Attributes attributes,
      Rasterize.Hits hits,
      Tensor hidden,
      Tensor step,
      Tensor embedding) {
    needDecoder();
    return HitsEncoder.embed(graph, hitsArchitecture(), attributes, hits, hidden, step, embedding);
  }

  /// Traces the decoder of an autoencoder over hits.
  ///
  /// @param output receives (capacity, 12), as [org.pixelwake.engine.op.Loss.OfHits] takes it
  public void restore(Graph graph, Seen seen, Tensor output) {
    needDecoder();
    HitsDecoder.restore(graph, hitsArchitecture(), seen, output);
  }

  /// Traces the head of an autoencoder that tells quantities of a cluster.
  ///
  /// @param embedding (n, top)
  /// @param output receives (n, outputs)
  public void tell(Graph graph, Tensor embedding, Tensor output) {
    needDecoder();
    graph.linear(embedding, QUANTITIES, output);
  }

  private HitsArchitecture hitsArchitecture() {
    if (shape instanceof HitsArchitecture architecture) {
      return architecture;
    }
    throw new IllegalStateException(shape.name() + " sees images, not hits");
  }

  private void needDecoder() {
    if (kind != Kind.AUTOENCODER) {
      throw new IllegalStateException("this network has no decoder");
    }
  }

  /// Traces decoder and heads behind the encoder's last output.
  ///
  /// @return (n, side, side, 5): reconstruction, logit of the cluster mask, logit of the threshold
  ///   mask
  public Tensor decode(Graph graph, View features) {
    needDecoder();
    return Decoder.decode(graph, architecture(), features);
  }

  /// Traces pooling, dropout (in training) and classifier behind the encoder's last output.
  ///
  /// @param embedding receives the pooled features (n, top), nothing dropped
  /// @param output receives (n, outputs)
  /// @param step the step's state, for dropout; may be null where there is none
  public void classify(
      Graph graph, View features, Tensor embedding, Tensor output, @Nullable Tensor step) {
    graph.pool(features, embedding);
    classify(graph, embedding, output, step);
  }

  /// Traces dropout (in training) and classifier behind the pooled features.
  ///
  /// @param embedding (n, top)
  /// @param output receives (n, outputs)
  /// @param step the step's state, for dropout; may be null where there is none
  public void classify(Graph graph, Tensor embedding, Tensor output, @Nullable Tensor step) {
    if (kind != Kind.CLASSIFIER) {
      throw new IllegalStateException("this network has no classifier");
    }
    Tensor dropped = graph.dropout(embedding, "classifier.0", 0, shape.dropout(), step);
    graph.linear(dropped, "classifier.1", output);
  }
}
