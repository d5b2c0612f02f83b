package org.pixelwake.network.checkpoint;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.razorvine.pickle.IObjectConstructor;
import net.razorvine.pickle.Opcodes;
import net.razorvine.pickle.PickleException;
import net.razorvine.pickle.PickleUtils;
import net.razorvine.pickle.Unpickler;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.network.checkpoint.TorchObjects.Dict;
import org.pixelwake.network.checkpoint.TorchObjects.Storage;
import org.pixelwake.network.checkpoint.TorchObjects.StorageType;

/// Reads a pickle that may hold tensors, containers and plain values, and nothing else.
///
/// Razorvine's [Unpickler] keeps stack, memo and the plain opcodes. Everything by which it would
/// look something up (`GLOBAL`, `STACK_GLOBAL`, `INST`, `BUILD`: it has constructors of its own,
/// makes dictionaries out of unknown classes and calls `__setstate__` by reflection) is decided
/// here, from [TorchGlobals] alone. Opcodes that `torch.save` does not write are refused. Lengths
/// are compared with the bytes that are left before anything is allocated; as every opcode then
/// makes at most one object of bounded size, the memory is bounded by the size of the pickle and
/// the opcode limit.
final class TensorUnpickler extends Unpickler {
  /// Bytes; a state dictionary needs about 155 for a tensor.
  static final int LARGEST_PICKLE = 1 << 25;

  private static final int MOST_OPCODES = 2_000_000;
  private static final int LONGEST_STRING = 1 << 16;

  /// Plain opcodes that are left to Razorvine.
  private static final int[] PLAIN = {
    Opcodes.PROTO, Opcodes.FRAME, Opcodes.STOP, Opcodes.MARK,
    Opcodes.NONE, Opcodes.NEWTRUE, Opcodes.NEWFALSE, Opcodes.BININT,
    Opcodes.BININT1, Opcodes.BININT2, Opcodes.LONG1, Opcodes.BINFLOAT,
    Opcodes.STRING, Opcodes.UNICODE, Opcodes.BINSTRING, Opcodes.SHORT_BINSTRING,
    Opcodes.BINUNICODE, Opcodes.SHORT_BINUNICODE, Opcodes.BINUNICODE8, Opcodes.EMPTY_TUPLE,
    Opcodes.TUPLE, Opcodes.TUPLE1, Opcodes.TUPLE2, Opcodes.TUPLE3,
    Opcodes.EMPTY_LIST, Opcodes.APPEND, Opcodes.APPENDS, Opcodes.PUT,
    Opcodes.BINPUT, Opcodes.LONG_BINPUT, Opcodes.MEMOIZE, Opcodes.GET,
    Opcodes.BINGET, Opcodes.LONG_BINGET, Opcodes.BINPERSID
  };

  private final String file;
  private final String place;
  private final Source source;
  private int opcodes;

  /// A byte array stream that knows how far it was read.
  private static final class Source extends ByteArrayInputStream {
    Source(byte[] bytes) {
      super(bytes);
    }

    int position() {
      return pos;
    }

    /// The next bytes as a little-endian number, without reading them; -1 where they are missing.
    long peek(int size) {
      if (available() < size) {
        return -1;
      }
      byte[] number = new byte[Long.BYTES];
      System.arraycopy(buf, pos, number, 0, size);
      return ByteBuffer.wrap(number).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }
  }

  private TensorUnpickler(String file, String place, byte[] pickle) {
    this.file = file;
    this.place = place;
    this.source = new Source(pickle);
  }

  /// The object that `pickle` describes: a [Dict], `ArrayList`, `Object[]`, [TorchObjects] or a
  /// plain value. An [InputException] for anything outside of that.
  ///
  /// @param place entry of the archive, for messages
  static @Nullable Object read(String file, String place, byte[] pickle) {
    TensorUnpickler unpickler = new TensorUnpickler(file, place, pickle);
    try {
      return unpickler.load(unpickler.source);
    } catch (InputException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // Razorvine answers a malformed pickle with whatever its casts and indices throw.
      throw unpickler.refuse(
          "is malformed" + InputFiles.reason(e), "The file is damaged; copy or save it again", e);
    }
  }

  @Override
  protected Object dispatch(short opcode) throws IOException {
    if (++opcodes > MOST_OPCODES) {
      throw refuse("has more than " + MOST_OPCODES + " opcodes");
    }
    switch (opcode) {
      case Opcodes.GLOBAL -> stack.add(global(line(), line()));
      case Opcodes.STACK_GLOBAL -> {
        Object name = stack.pop();
        Object module = stack.pop();
        stack.add(global(string(module), string(name)));
      }
      case Opcodes.INST -> throw refuseGlobal(line(), line());
      case Opcodes.REDUCE -> reduce();
      case Opcodes.BUILD -> build();
      case Opcodes.EMPTY_DICT -> stack.add(new Dict());
      case Opcodes.SETITEM -> {
        Object value = stack.pop();
        setItems(Arrays.asList(stack.pop(), value));
      }
      case Opcodes.SETITEMS -> setItems(stack.pop_all_since_marker());
      case Opcodes.EXT1 -> throw refuseExtension(1);
      case Opcodes.EXT2 -> throw refuseExtension(2);
      case Opcodes.EXT4 -> throw refuseExtension(4);
      default -> {
        if (IntStream.of(PLAIN).noneMatch(plain -> plain == opcode)) {
          throw refuse(
              String.format(
                  "holds the pickle opcode 0x%02x%s, which no tensor file needs, and was refused",
                  opcode, opcode > ' ' && opcode < 0x7f ? " ('" + (char) opcode + "')" : ""));
        }
        checkLength(opcode);
        return super.dispatch(opcode);
      }
    }
    return NO_RETURN_VALUE;
  }

  /// Razorvine allocates what a length says before it reads; an absurd one would exhaust the
  /// memory.
  private void checkLength(short opcode) {
    int prefix =
        switch (opcode) {
          case Opcodes.SHORT_BINSTRING, Opcodes.SHORT_BINUNICODE, Opcodes.LONG1 -> 1;
          case Opcodes.BINSTRING, Opcodes.BINUNICODE -> 4;
          case Opcodes.BINUNICODE8 -> 8;
          default -> 0;
        };
    if (prefix == 0) {
      return;
    }
    long length = source.peek(prefix);
    if (length < 0 || length > source.available() - prefix) {
      throw refuse(
          "announces " + Long.toUnsignedString(length) + " bytes and has fewer",
          "The file is damaged; copy or save it again",
          null);
    }
  }

  private void reduce() {
    Object arguments = stack.pop();
    Object callable = stack.pop();
    if (!(callable instanceof IObjectConstructor constructor)
        || !(arguments instanceof Object[] args)) {
      throw new PickleException("a call of something that is not a function");
    }
    stack.add(constructor.construct(args));
  }

  /// `OrderedDict` is followed by its attributes (`_metadata`, version numbers of modules). They
  /// say nothing about the tensors and are dropped; nothing else has a state.
  private void build() {
    Object state = stack.pop();
    if (!(stack.peek() instanceof Dict) || !(state instanceof Dict)) {
      throw new PickleException("a state for something that is no OrderedDict");
    }
  }

  private void setItems(List<Object> items) {
    if (!(stack.peek() instanceof Dict dict) || items.size() % 2 != 0) {
      throw new PickleException("items for something that is not a dictionary");
    }
    for (int i = 0; i < items.size(); i += 2) {
      if (!TorchGlobals.isKey(items.get(i))) {
        throw new PickleException("a dictionary key that is neither text nor number");
      }
      dict.put(items.get(i), items.get(i + 1));
    }
  }

  private Object global(String module, String name) {
    Object allowed = TorchGlobals.find(module, name);
    if (allowed == null) {
      throw refuseGlobal(module, name);
    }
    return allowed;
  }

  @Override
  protected Object persistentLoad(Object id) {
    // ('storage', storage type, key, device it was on, number of elements)
    if (!(id instanceof Object[] parts)
        || parts.length != 5
        || !"storage".equals(parts[0])
        || !(parts[1] instanceof StorageType type)
        || !(parts[2] instanceof String key)
        || !(parts[3] instanceof String)) {
      throw refuse(
          "refers to something outside that is not a storage of a tensor, and was refused");
    }
    if (!TorchArchive.isStorageKey(key)) {
      throw refuse("refers to a storage called " + Printable.quoted(key) + ", and was refused");
    }
    Storage storage = new Storage(key, type, TorchGlobals.size(parts[4]));
    if (storage.bytes() < 0) {
      throw new PickleException("a storage of negative size");
    }
    return storage;
  }

  private String line() throws IOException {
    String line = PickleUtils.readline(source);
    return new String(line.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  private static String string(@Nullable Object o) {
    if (o instanceof String text && text.length() <= LONGEST_STRING) {
      return text;
    }
    throw new PickleException("a name that is not text");
  }

  private InputException refuseGlobal(String module, String name) {
    return refuse(
        "asks for %s, which is not a part of a tensor, and was refused; nothing of it was executed"
            .formatted(Printable.quoted(module + "." + name)));
  }

  private InputException refuseExtension(int size) {
    return refuse(
        "asks for the extension EXT" + size + " number " + source.peek(size) + ", and was refused");
  }

  private InputException refuse(String problem) {
    return refuse(problem, TorchCheckpoint.SAVE_STATE_DICT, null);
  }

  private InputException refuse(String problem, String remedy, @Nullable Throwable cause) {
    String where = (place.isEmpty() ? "" : place + ", ") + "byte " + source.position();
    return new InputException(file, where, problem, remedy, cause);
  }
}
