package org.pixelwake.network.checkpoint;

import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedCollection;
import java.util.SequencedSet;
import org.pixelwake.base.InputException;

/// The tensors of one file by name, in the order of the file. Unmodifiable.
///
/// A lookup that fails throws an [InputException] that names the file and the tensor, says what was
/// expected and what is there.
public final class TensorMap {
  private static final String OTHER_ARCHITECTURE =
      "Use a file of the architecture asked for, or ask for the architecture of the file";

  private final String source;
  private final LinkedHashMap<String, NamedTensor> tensors = new LinkedHashMap<>();
  private final Map<String, String> metadata;

  /// @param source the file, as messages shall name it
  /// @param tensors in order; two of one name are an [IllegalArgumentException]
  /// @param metadata what the file says besides tensors
  public TensorMap(String source, Collection<NamedTensor> tensors, Map<String, String> metadata) {
    this.source = source;
    for (NamedTensor tensor : tensors) {
      if (this.tensors.putIfAbsent(tensor.name(), tensor) != null) {
        throw new IllegalArgumentException(source + ": two tensors called " + tensor.name());
      }
    }
    this.metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }

  /// The file that the tensors come from, as messages name it.
  public String source() {
    return source;
  }

  /// `__metadata__` of a safetensors file; of a `torch.save` file the entries of the state
  /// dictionary that are no tensors, as text.
  public Map<String, String> metadata() {
    return metadata;
  }

  /// Names in file order.
  public SequencedSet<String> names() {
    return Collections.unmodifiableSequencedSet(tensors.sequencedKeySet());
  }

  /// Tensors in file order.
  public SequencedCollection<NamedTensor> tensors() {
    return Collections.unmodifiableSequencedCollection(tensors.sequencedValues());
  }

  /// Number of tensors.
  public int size() {
    return tensors.size();
  }

  /// Whether there is a tensor of that name.
  public boolean contains(String name) {
    return tensors.containsKey(name);
  }

  /// The tensor of that name, if any.
  public Optional<NamedTensor> find(String name) {
    return Optional.ofNullable(tensors.get(name));
  }

  /// The tensor of that name; an [InputException] where it is missing.
  public NamedTensor get(String name) {
    NamedTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw refuse(
          name,
          "is missing among the " + tensors.size() + " tensors of the file" + nearest(name),
          OTHER_ARCHITECTURE);
    }
    return tensor;
  }

  private NamedTensor shaped(String name, long... shape) {
    NamedTensor tensor = get(name);
    if (!Arrays.equals(tensor.shape(), shape)) {
      String found = "has shape " + Arrays.toString(tensor.shape());
      throw refuse(
          name, found + " where " + Arrays.toString(shape) + " is expected", OTHER_ARCHITECTURE);
    }
    return tensor;
  }

  private InputException refuse(String name, String problem, String remedy) {
    return new InputException(source, "tensor " + Printable.quoted(name), problem, remedy);
  }

  /// The elements of a floating-point tensor, see [NamedTensor#toFloats]; an [InputException] where
  /// it is missing, shaped otherwise or of another type.
  ///
  /// @param shape extents, outermost first; none for a scalar
  public float[] floats(String name, long... shape) {
    NamedTensor tensor = shaped(name, shape);
    if (!tensor.dtype().isFloating()) {
      throw wrongType(tensor, "a floating-point type");
    }
    return tensor.toFloats();
  }

  /// The elements of an integer tensor, see [NamedTensor#toLongs]; an [InputException] where it is
  /// missing, shaped otherwise or of another type.
  ///
  /// @param shape extents, outermost first; none for a scalar
  public long[] longs(String name, long... shape) {
    NamedTensor tensor = shaped(name, shape);
    if (!tensor.dtype().isInteger()) {
      throw wrongType(tensor, "an integer type");
    }
    return tensor.toLongs();
  }

  private InputException wrongType(NamedTensor tensor, String expected) {
    return refuse(
        tensor.name(),
        "has type " + tensor.dtype() + " where " + expected + " is expected",
        "Save it again with " + expected);
  }

  /// A hint at the name that shares most of its beginning and end with the one asked for.
  private String nearest(String name) {
    return tensors.keySet().stream()
        .max(Comparator.comparingInt(other -> common(name, other)))
        .map(other -> " (the nearest is " + Printable.quoted(other) + ")")
        .orElse("");
  }

  private static int common(String a, String b) {
    int shorter = Math.min(a.length(), b.length());
    int head = 0;
    while (head < shorter && a.charAt(head) == b.charAt(head)) {
      head++;
    }
    int tail = 0;
    while (tail < shorter - head
        && a.charAt(a.length() - 1 - tail) == b.charAt(b.length() - 1 - tail)) {
      tail++;
    }
    return head + tail;
  }
}
