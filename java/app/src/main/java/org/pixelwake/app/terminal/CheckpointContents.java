package org.pixelwake.app.terminal;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.network.Architecture;
import org.pixelwake.network.EncoderShape;
import org.pixelwake.network.HitsArchitecture;
import org.pixelwake.network.Network;
import org.pixelwake.network.StateDict;
import org.pixelwake.network.checkpoint.NamedTensor;
import org.pixelwake.network.checkpoint.TensorMap;
import org.pixelwake.run.JsonOutput;
import org.pixelwake.run.Texts;

/// Weights in a file.
///
/// @param network what they belong to; null where that cannot be read off them
/// @param unknown why it cannot, else empty
public record CheckpointContents(TensorMap tensors, @Nullable Network network, String unknown)
    implements Contents {
  public static CheckpointContents read(Path file) {
    TensorMap tensors = StateDict.read(file);
    try {
      return new CheckpointContents(tensors, StateDict.network(tensors), "");
    } catch (InputException e) {
      return new CheckpointContents(tensors, null, String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void print(Console console) {
    PrintWriter out = console.out();
    out.println(tensors.source());
    Contents.fact(out, "tensors", Texts.count(tensors.size()) + " (" + types() + ")");
    Contents.fact(out, "parameters", Texts.count(elements(false)));
    Contents.fact(out, "statistics", Texts.count(elements(true)) + " of batch norms");
    Network known = network;
    if (known == null) {
      Contents.fact(out, "architecture", "not known: " + unknown);
    } else {
      EncoderShape shape = known.shape();
      String kind =
          known.kind() == Network.Kind.AUTOENCODER
              ? "autoencoder"
              : "classifier of " + known.outputs() + " outputs";
      Contents.fact(out, "architecture", shape.name() + ", " + kind);
      Contents.fact(out, "blocks", blocks(shape));
    }
    Contents.metadata(console, tensors.metadata());
  }

  private static String blocks(EncoderShape shape) {
    return switch (shape) {
      case Architecture images ->
          images.stages().stream()
                  .map(stage -> Integer.toString(stage.size()))
                  .collect(Collectors.joining(", "))
              + " a stage, from "
              + images.stem()
              + " to "
              + images.top()
              + " channels";
      case HitsArchitecture hits ->
          hits.blocks() + " over hits, of " + hits.width() + " channels, pooled to " + hits.top();
    };
  }

  private String types() {
    return tensors.tensors().stream()
        .collect(
            Collectors.groupingBy(
                tensor -> tensor.dtype().toString(), TreeMap::new, Collectors.counting()))
        .entrySet()
        .stream()
        .map(entry -> entry.getValue() + " " + entry.getKey())
        .collect(Collectors.joining(", "));
  }

  private static boolean statistic(NamedTensor tensor) {
    return tensor.name().endsWith(".running_mean")
        || tensor.name().endsWith(".running_var")
        || tensor.name().endsWith(".num_batches_tracked");
  }

  // The number of all statistics of batch norms, or of all other values.
  private long elements(boolean statistics) {
    return tensors.tensors().stream()
        .filter(tensor -> statistic(tensor) == statistics)
        .mapToLong(NamedTensor::elements)
        .sum();
  }

  @Override
  public ObjectNode json() {
    ObjectNode node = JsonOutput.object();
    node.put("file", tensors.source());
    node.put("kind", "checkpoint");
    node.put("tensors", tensors.size());
    node.put("parameters", elements(false));
    node.put("statistics", elements(true));
    Network known = network;
    if (known != null) {
      node.put("architecture", known.shape().name());
      node.put("network", known.kind() == Network.Kind.AUTOENCODER ? "autoencoder" : "classifier");
      node.put("outputs", known.outputs());
      node.put("embedding", known.shape().top());
    }
    return node.putPOJO("metadata", tensors.metadata());
  }
}
