package org.pixelwake.timepix.io.frame;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.io.Frame;
import org.pixelwake.timepix.io.file.ByteWindow;
import org.pixelwake.timepix.io.file.FileTree;

/// Binary frames of Pixelman and Pixet, little-endian, as their `.dsc` describes them: `matrix`, a
/// number a pixel from row 0; `[X,Y,C]`, column and row of 32 bits each and the number, a pixel
/// that was hit; `[X,C]`, the number of the pixel (row * width + column) instead of column and row.
///
/// Frames of the first layout follow each other without a mark. Where several of the others share a
/// file, the `.idx` beside it tells where each begins: triples of 64-bit numbers (place of the
/// frame in the `.dsc`, place in the data, 0) of every frame but the first.
final class BinaryFrameReader extends FrameReader {
  /// Types of numbers.
  enum Type {
    I16(2),
    U16(2),
    I32(4),
    U32(4),
    U64(8),
    DOUBLE(8);

    final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }

    double at(ByteBuffer data, int position) {
      return switch (this) {
        case I16 -> data.getShort(position);
        case U16 -> Short.toUnsignedInt(data.getShort(position));
        case I32 -> data.getInt(position);
        case U32 -> Integer.toUnsignedLong(data.getInt(position));
        // Counts beyond 2^63 mean a damaged file: a negative number, which is passed and counted.
        case U64 -> data.getLong(position);
        case DOUBLE -> data.getDouble(position);
      };
    }
  }

  private static final int INDEX_RECORD = 24;

  private final ByteWindow in;
  private final Type type;
  private final int address;
  private final int record;
  private final long[] ends;
  private final boolean matrix;
  private ByteBuffer data = ByteBuffer.allocate(0);
  private long at;

  BinaryFrameReader(FileTree tree, FileTree.Entry entry, Context context) {
    super(entry, context);
    this.type = type();
    this.matrix = dsc.layout.equals("matrix");
    this.address = matrix ? 0 : dsc.layout.equals("[X,C]") ? 4 : 8;
    this.record = address + type.bytes;
    this.ends = matrix || dsc.frames() == 1 ? new long[0] : ends(tree, entry);
    this.in = new ByteWindow(entry, tally);
  }

  private Type type() {
    for (Type known : Type.values()) {
      if (known.name().equalsIgnoreCase(dsc.type) && dsc.binary && !dsc.mixed) {
        return known;
      }
    }
    throw new InputException(
        file + ".dsc",
        !dsc.binary
            ? "does not describe binary frames"
            : dsc.mixed
                ? "describes frames of several types in one file"
                : "describes numbers of the unknown type '" + dsc.type + "'",
        "Binary frames need a .dsc that begins with B and says Type= i16, u16, i32, u32, u64 or"
            + " double");
  }

  /// Where in the data each frame ends but the last, in bytes.
  private long[] ends(FileTree tree, FileTree.Entry entry) {
    FileTree.Entry index = tree.beside(entry, entry.fileName() + ".idx");
    if (index == null) {
      throw index(entry.display(), "the file that tells where its frames begin is missing");
    }
    int n = dsc.frames() - 1;
    try (InputStream stream = index.open()) {
      byte[] bytes = stream.readNBytes(INDEX_RECORD * n + 1);
      if (bytes.length != INDEX_RECORD * n) {
        throw index(index.display(), "is not of " + INDEX_RECORD * n + " bytes, 24 a frame");
      }
      ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      long[] places = new long[n];
      for (int i = 0; i < n; i++) {
        places[i] = buffer.getLong(INDEX_RECORD * i + 8);
        if (places[i] < (i == 0 ? 0 : places[i - 1]) || places[i] % record != 0) {
          throw index(index.display(), "frame " + (i + 1) + " cannot begin at " + places[i]);
        }
      }
      return places;
    } catch (IOException e) {
      throw InputException.unreadable(index.display(), e);
    }
  }

  private static InputException index(String file, String problem) {
    return new InputException(
        file,
        problem,
        "Several frames of [X,Y,C] or [X,C] in one binary file need their .idx beside it; save them"
            + " as matrix, or as text");
  }

  @Override
  @Nullable Frame read() {
    int frame = given;
    if (!matrix && frame >= dsc.frames()) {
      return null;
    }
    long most = (long) width * height * record;
    long wanted = matrix ? most : frame < ends.length ? ends[frame] - in.passed() : most + record;
    if (wanted > most + record) {
      throw index(file, "frame " + frame + " has more than the " + width * height + " pixels");
    }
    int length = load((int) wanted);
    if (matrix && length == 0) {
      if (frame < dsc.frames()) {
        tally.malformed("frames of the .dsc that the data have not", file, "byte " + in.passed());
      }
      return null;
    }
    if (frame == dsc.frames()) {
      tally.notice("more frames than the .dsc describes: " + file);
    }
    int whole = length / record * record;
    boolean last = matrix || frame < ends.length;
    if (whole < length || (last && length < wanted)) {
      tally.malformed("frame cut after " + whole / record + " pixels", file, place());
    }
    for (int position = 0; position < whole; position += record) {
      at = in.passed() - length + position;
      take(position);
    }
    return finish();
  }

  private void take(int position) {
    double value = type.at(data, position + address);
    if (!matrix) {
      long first = Integer.toUnsignedLong(data.getInt(position));
      long x = address == 8 ? first : first % width;
      long y = address == 8 ? Integer.toUnsignedLong(data.getInt(position + 4)) : first / width;
      located(x, y, value);
    } else if (value != 0) { // an empty pixel is no record of its own
      int pixel = position / record;
      pixel(pixel % width, pixel / width, value);
    }
  }

  /// Reads so many bytes, or what is left of the file; gives how many.
  private int load(int wanted) {
    if (data.capacity() < wanted) {
      data = ByteBuffer.allocate(wanted).order(ByteOrder.LITTLE_ENDIAN);
    }
    Arrays.fill(data.array(), 0, wanted, (byte) 0);
    int length = 0;
    for (int n = 0; n >= 0 && length < wanted; length += Math.max(n, 0)) {
      n = in.read(data.array(), length, wanted - length);
    }
    return length;
  }

  @Override
  String place() {
    return "byte " + at;
  }

  @Override
  public void close() {
    in.close();
  }
}
