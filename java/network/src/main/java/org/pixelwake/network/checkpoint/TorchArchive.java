package org.pixelwake.network.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.pixelwake.base.InputException;

/// The zip archive that `torch.save` writes: `NAME/data.pkl`, `NAME/data/0`, `NAME/version`, all
/// stored without compression. Nothing of it is ever written to a file.
final class TorchArchive implements AutoCloseable {
  private static final String DAMAGED = "The file is damaged or incomplete; copy or save it again";
  private static final Pattern STORAGE_KEY = Pattern.compile("[0-9]{1,9}");
  private static final Pattern DRIVE = Pattern.compile("[A-Za-z]:/");
  private static final Pattern ROOT = Pattern.compile("([^/]+)/data\\.pkl");
  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  private static final long ALIGNMENT = 64;
  private static final int COPY_BYTES = 1 << 20;

  private final Path file;
  private final ZipFile zip;
  private final Map<String, ZipEntry> entries = new HashMap<>();
  private final Map<String, MemorySegment> storages = new HashMap<>();
  private final Arena arena;
  private String prefix = "";
  private long bytesLeft;

  private TorchArchive(Path file, ZipFile zip, Arena arena) throws IOException {
    this.file = file;
    this.zip = zip;
    this.arena = arena;
    this.bytesLeft = Files.size(file);
  }

  /// Opens `file` and checks names, method and sizes of all entries.
  static TorchArchive open(Path file, Arena arena) {
    try {
      TorchArchive archive = new TorchArchive(file, new ZipFile(file.toFile()), arena);
      try {
        archive.index();
      } catch (RuntimeException | Error e) {
        archive.close();
        throw e;
      }
      return archive;
    } catch (IOException | IllegalArgumentException e) {
      throw new InputException(file, "is a damaged zip archive" + InputFiles.reason(e), DAMAGED, e);
    }
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }

  /// The number under which `torch.save` files a storage; nothing that could be a path.
  static boolean isStorageKey(String key) {
    return STORAGE_KEY.matcher(key).matches();
  }

  private void index() {
    List<? extends ZipEntry> all = Collections.list(zip.entries());
    for (ZipEntry entry : all) {
      checkName(entry.getName());
      if (entries.put(entry.getName(), entry) != null) {
        throw refuse(entry.getName(), "is there twice", DAMAGED);
      }
    }
    List<String> roots =
        entries.keySet().stream()
            .filter(ROOT.asMatchPredicate())
            .map(name -> name.substring(0, name.indexOf('/') + 1))
            .toList();
    if (roots.size() != 1) {
      throw new InputException(
          file,
          "has %d entries called NAME/data.pkl, so it is not a torch.save file"
              .formatted(roots.size()),
          "Give the .pth file itself, not an archive around it");
    }
    prefix = roots.getFirst();
    for (ZipEntry entry : all) {
      checkEntry(entry);
    }
  }

  private void checkName(String name) {
    boolean outside =
        name.startsWith("/")
            || name.contains("\\")
            || DRIVE.matcher(name).lookingAt()
            || List.of(name.split("/", -1)).contains("..");
    if (outside) {
      throw refuse(
          name,
          "has a name that points outside of the archive, and was refused",
          TorchCheckpoint.SAVE_STATE_DICT);
    }
  }

  private void checkEntry(ZipEntry entry) {
    String name = entry.getName();
    if (!name.startsWith(prefix)) {
      throw refuse(name, "lies outside of " + Printable.quoted(prefix), DAMAGED);
    }
    String inner = name.substring(prefix.length());
    if (inner.equals("constants.pkl") || inner.startsWith("code/")) {
      throw refuse(
          name,
          "makes the file a TorchScript program, which is not executed",
          "In Python: torch.save(torch.jit.load(FILE).state_dict(), NEW_FILE)");
    }
    if (entry.getMethod() != ZipEntry.STORED) {
      throw refuse(
          name,
          "is compressed, as torch.save never does",
          "Save it again with torch.save, or pack it with zip -0");
    }
    if (entry.getSize() < 0 || entry.getSize() != entry.getCompressedSize()) {
      throw refuse(name, "has no definite size", DAMAGED);
    }
  }

  /// Refuses what the current reader cannot understand: byte order and format version.
  void checkFormat() {
    if (entries.containsKey(prefix + "byteorder")) {
      String order = text("byteorder");
      if (!order.equals("little")) {
        throw refuse(
            prefix + "byteorder",
            "says " + Printable.quoted(order) + "; only little-endian files are read",
            "Save the file again on a little-endian machine");
      }
    }
    if (entries.containsKey(prefix + "version")) {
      // 3 since torch 1.6; torch itself reads 1 to 10 (caffe2/serialize/versions.h).
      String version = text("version").strip();
      if (!version.matches("[1-9]|10")) {
        throw refuse(
            prefix + "version",
            "is " + Printable.quoted(version) + "; versions 1 to 10 are known",
            TorchCheckpoint.SAVE_STATE_DICT);
      }
    }
  }

  private String text(String name) {
    return new String(bytes(name, 64), StandardCharsets.US_ASCII);
  }

  String pickleName() {
    return prefix + "data.pkl";
  }

  byte[] pickle() {
    return bytes("data.pkl", TensorUnpickler.LARGEST_PICKLE);
  }

  private byte[] bytes(String inner, int largest) {
    ZipEntry entry = entry(inner);
    if (entry.getSize() > largest) {
      throw refuse(
          entry.getName(),
          "has " + entry.getSize() + " bytes; at most " + largest + " are read",
          TorchCheckpoint.SAVE_STATE_DICT);
    }
    MemorySegment bytes = MemorySegment.ofArray(new byte[(int) entry.getSize()]);
    load(entry, bytes);
    return (byte[]) bytes.heapBase().orElseThrow();
  }

  private ZipEntry entry(String inner) {
    ZipEntry entry = entries.get(prefix + inner);
    if (entry == null) {
      throw refuse(prefix + inner, "is missing", DAMAGED);
    }
    return entry;
  }

  /// The bytes of a storage, read once and shared by all tensors in it; read-only, aligned to 64.
  ///
  /// @param key see [#isStorageKey]
  /// @param bytes size that the pickle expects
  MemorySegment storage(String key, long bytes) {
    ZipEntry entry = entry("data/" + key);
    if (entry.getSize() != bytes) {
      throw refuse(
          entry.getName(),
          "has " + entry.getSize() + " bytes where the tensors need " + bytes,
          DAMAGED);
    }
    return storages.computeIfAbsent(key, k -> loadStorage(entry));
  }

  private MemorySegment loadStorage(ZipEntry entry) {
    // Entries that overlap each other could together be far larger than the file.
    bytesLeft -= entry.getSize();
    if (bytesLeft < 0) {
      throw refuse(entry.getName(), "reaches beyond the file or into another entry", DAMAGED);
    }
    MemorySegment bytes = arena.allocate(entry.getSize(), ALIGNMENT);
    load(entry, bytes);
    return bytes.asReadOnly();
  }

  private void load(ZipEntry entry, MemorySegment target) {
    if (entry.getSize() > file.toFile().length()) {
      throw refuse(entry.getName(), "is larger than the file", DAMAGED);
    }
    CRC32 crc = new CRC32();
    try (InputStream in = zip.getInputStream(entry)) {
      byte[] buffer = new byte[(int) Math.min(COPY_BYTES, Math.max(1, target.byteSize()))];
      for (long done = 0; done < target.byteSize(); ) {
        int count = in.read(buffer, 0, (int) Math.min(buffer.length, target.byteSize() - done));
        if (count < 0) {
          throw refuse(entry.getName(), "ends early", DAMAGED);
        }
        crc.update(buffer, 0, count);
        MemorySegment.copy(buffer, 0, target, BYTE, done, count);
        done += count;
      }
    } catch (IOException e) {
      throw new InputException(
          file.toString(), entry.getName(), "cannot be read" + InputFiles.reason(e), DAMAGED, e);
    }
    if (crc.getValue() != entry.getCrc()) {
      throw refuse(entry.getName(), "has another CRC-32 than the archive says", DAMAGED);
    }
  }

  private InputException refuse(String entry, String problem, String remedy) {
    return new InputException(file.toString(), Printable.plain(entry), problem, remedy);
  }
}
