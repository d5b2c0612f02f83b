package org.pixelwake.network.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.network.checkpoint.TorchObjects.Dict;
import org.pixelwake.network.checkpoint.TorchObjects.Tensor;

/// Checkpoints as `torch.save` of PyTorch 1.6 and later writes them (`.pth`, `.pt`), such as the
/// weights that torchvision offers.
///
/// Such a file is a pickle, which in Python can run any program. Here it can name tensors,
/// containers and plain values; whatever else it names is refused by name, and nothing of it is
/// executed.
public final class TorchCheckpoint {
  static final String SAVE_STATE_DICT =
      "Where you trust the file, save the tensors alone in Python:"
          + " torch.save(model.state_dict(), NEW_FILE)";

  private static final String LEGACY_REMEDY =
      "Save it again with PyTorch 1.6 or later:"
          + " torch.save(torch.load(FILE, map_location='cpu', weights_only=True), NEW_FILE)";

  /// 0x1950a86a20f9469cfc6c as a little-endian pickle integer: begins a file of PyTorch before 1.6.
  private static final String LEGACY_MAGIC = "\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019";

  private static final String ZIP_MAGIC = "PK\u0003\u0004";

  /// A pickle without a zip around it: protocol 2 and later, or a textual one.
  private static final Pattern BARE_PICKLE =
      Pattern.compile("(?s)(\u0080[\u0000-\u0005]|\\(*[ci][\\w.]+\n[\\w.]+\n|\\(*[dlS]).*");

  /// Copies of tensors that are not contiguous may take this much beyond the size of the file: an
  /// expanded tensor of a few bytes can have any extent.
  private static final long COPY_ALLOWANCE = 64L << 20;

  private final Path file;
  private final Arena arena;
  private long copyBudget;

  private TorchCheckpoint(Path file, Arena arena) throws IOException {
    this.file = file;
    this.arena = arena;
    this.copyBudget = COPY_ALLOWANCE + 4 * Files.size(file);
  }

  /// As [#read(Path, Arena)], in memory until the garbage collector finds no tensor in use.
  public static TensorMap read(Path file) {
    return read(file, Arena.ofAuto());
  }

  /// Reads the state dictionary of a file.
  ///
  /// It is the saved object itself where that holds tensors, else what lies under `state_dict`,
  /// `model` and the like (also nested), else the only dictionary in it that holds tensors. Names
  /// are kept as they are. Tensors of one storage share memory; tensors that are not contiguous are
  /// copied. Entries that are no tensors are kept as text in [TensorMap#metadata].
  ///
  /// @param arena how long the tensors live
  /// @return tensors in the order of the dictionary; an [InputException] for a file that is damaged
  ///   (every byte is covered by a checksum), names anything beyond tensors, was written by PyTorch
  ///   before 1.6, is a TorchScript program, or holds no state dictionary
  public static TensorMap read(Path file, Arena arena) {
    InputFiles.requireRegular(file);
    try {
      String head = head(file);
      if (!head.startsWith(ZIP_MAGIC)) {
        throw notAnArchive(file, head);
      }
      TorchCheckpoint checkpoint = new TorchCheckpoint(file, arena);
      try (TorchArchive archive = TorchArchive.open(file, arena)) {
        return checkpoint.read(archive);
      }
    } catch (IOException e) {
      throw InputException.unreadable(file, e);
    }
  }

  /// The first bytes, one character each.
  private static String head(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(256), StandardCharsets.ISO_8859_1);
    }
  }

  private static InputException notAnArchive(Path file, String head) throws IOException {
    String name = file.toString();
    if (head.isEmpty()) {
      return new InputException(name, "is empty", "Copy or save it again");
    }
    if (head.contains(LEGACY_MAGIC)) {
      return new InputException(
          name, "was written in the format of PyTorch before 1.6", LEGACY_REMEDY);
    }
    if (head.length() > 8 && head.charAt(8) == '{' && head.startsWith("\0\0", 6)) {
      return new InputException(
          name, "looks like a safetensors file", "Give it the ending .safetensors if it is one");
    }
    if (BARE_PICKLE.matcher(head).matches() && Files.size(file) <= TensorUnpickler.LARGEST_PICKLE) {
      // Names what the pickle asks for beyond tensors; what it holds is dropped.
      TensorUnpickler.read(name, "", Files.readAllBytes(file));
      return new InputException(
          name, "is a bare pickle, not the archive that torch.save writes", SAVE_STATE_DICT);
    }
    return new InputException(
        name,
        "is no torch.save file: it does not begin as a zip archive",
        "Give a .pth or .pt file as torch.save of PyTorch 1.6 or later writes it");
  }

  private TensorMap read(TorchArchive archive) {
    archive.checkFormat();
    Object root = TensorUnpickler.read(file.toString(), archive.pickleName(), archive.pickle());
    Dict dict = StateDicts.find(root);
    if (dict == null) {
      throw new InputException(
          file.toString(), archive.pickleName(), "holds " + describe(root), SAVE_STATE_DICT);
    }
    List<NamedTensor> tensors = new ArrayList<>(dict.size());
    Map<String, String> others = new LinkedHashMap<>();
    for (Map.Entry<Object, @Nullable Object> entry : dict.entrySet()) {
      String name = String.valueOf(entry.getKey());
      if (!(entry.getValue() instanceof Tensor tensor)) {
        others.put(name, plain(entry.getValue()));
      } else if (entry.getKey() instanceof String && !name.isEmpty()) {
        tensors.add(load(archive, name, tensor));
      } else {
        throw refuse(name, "has a key that is not a name", SAVE_STATE_DICT);
      }
    }
    return new TensorMap(file.toString(), tensors, others);
  }

  private NamedTensor load(TorchArchive archive, String name, Tensor tensor) {
    MemorySegment storage = archive.storage(tensor.storage().key(), tensor.storage().bytes());
    String problem = Strided.problem(tensor, storage.byteSize());
    if (problem != null) {
      throw refuse(name, problem, "The file is damaged; copy or save it again");
    }
    if (!Strided.isContiguous(tensor)) {
      copyBudget -= Shapes.bytes(tensor.shape(), tensor.dtype()).orElseThrow();
      if (copyBudget < 0) {
        throw refuse(
            name,
            "is an expanded view far larger than the file",
            "Save it again after calling contiguous() and clone() on it");
      }
    }
    return new NamedTensor(
        name, tensor.dtype(), tensor.shape(), Strided.data(tensor, storage, arena));
  }

  private static String plain(@Nullable Object value) {
    return switch (value) {
      case String text -> text;
      case Number number -> number.toString();
      case Boolean truth -> truth.toString();
      case null -> "None";
      case Dict dict -> "dictionary of " + dict.size();
      case List<?> list -> "list of " + list.size();
      default -> "a " + value.getClass().getSimpleName();
    };
  }

  private static String describe(@Nullable Object root) {
    if (root instanceof Tensor) {
      return "a single tensor, no state dictionary";
    }
    if (!(root instanceof Dict dict)) {
      return "no dictionary of tensors";
    }
    String keys = String.join(", ", dict.keySet().stream().limit(8).map(String::valueOf).toList());
    return dict.isEmpty()
        ? "an empty dictionary"
        : "no single dictionary of tensors under its keys (" + Printable.plain(keys) + ")";
  }

  private InputException refuse(String tensor, String problem, String remedy) {
    return new InputException(
        file.toString(), "tensor " + Printable.quoted(tensor), problem, remedy);
  }
}
