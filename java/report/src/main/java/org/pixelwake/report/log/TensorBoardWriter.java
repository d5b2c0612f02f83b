package org.pixelwake.report.log;

import com.google.protobuf.CodedOutputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.util.zip.CRC32C;
import org.pixelwake.report.image.ColorMap;
import org.pixelwake.report.image.FloatImage;
import org.pixelwake.report.image.PngWriter;

/// Writes event files that TensorBoard reads: scalars and images.
///
/// Every writer makes a file of its own, `events.out.tfevents.SECONDS.HOST.NUMBER`; an earlier file
/// is never touched. The messages are `tensorflow.Event` of event.proto and summary.proto (file
/// version `brain.Event:2`), framed as TFRecord: length, masked CRC-32C of the length, message,
/// masked CRC-32C of the message. Methods may be called from several threads.
public final class TensorBoardWriter implements AutoCloseable {
  // Field numbers of event.proto and summary.proto.
  private static final int EVENT_WALL_TIME = 1;
  private static final int EVENT_STEP = 2;
  private static final int EVENT_FILE_VERSION = 3;
  private static final int EVENT_SUMMARY = 5;
  private static final int EVENT_SESSION_LOG = 7;
  private static final int SESSION_STATUS = 1;
  private static final int SESSION_START = 1;
  private static final int SUMMARY_VALUE = 1;
  private static final int VALUE_TAG = 1;
  private static final int VALUE_SIMPLE = 2;
  private static final int VALUE_IMAGE = 4;
  private static final int IMAGE_HEIGHT = 1;
  private static final int IMAGE_WIDTH = 2;
  private static final int IMAGE_COLORSPACE = 3;
  private static final int IMAGE_ENCODED = 4;
  private static final int RGB = 3;

  private static final int CRC_MASK = 0xa282ead8;

  private final Path file;
  private final Clock clock;
  private final OutputStream out;

  private TensorBoardWriter(Path directory, Clock clock, String host) throws IOException {
    this.clock = clock;
    Files.createDirectories(directory);
    String stem = "events.out.tfevents.%010d.%s.".formatted(clock.instant().getEpochSecond(), host);
    Path candidate = directory.resolve(stem + 0);
    OutputStream opened = null;
    for (int number = 1; opened == null; number++) {
      try {
        opened = Files.newOutputStream(candidate, StandardOpenOption.CREATE_NEW);
      } catch (FileAlreadyExistsException taken) {
        candidate = directory.resolve(stem + number); // of another writer in the same second
      }
    }
    file = candidate;
    out = new BufferedOutputStream(opened, 1 << 16);
    event(0, message -> message.writeString(EVENT_FILE_VERSION, "brain.Event:2"));
    flush();
  }

  /// Starts the event file of a new run.
  ///
  /// @param directory folder of the run; made where it is missing
  public static TensorBoardWriter open(Path directory) throws IOException {
    return open(directory, Clock.systemUTC(), hostName());
  }

  /// Starts a further event file for a run that continues; TensorBoard then drops what earlier
  /// files hold beyond `lastStep`.
  ///
  /// @param lastStep last step kept, the one of the checkpoint
  public static TensorBoardWriter resume(Path directory, long lastStep) throws IOException {
    return resume(directory, lastStep, Clock.systemUTC(), hostName());
  }

  static TensorBoardWriter open(Path directory, Clock clock, String host) throws IOException {
    return new TensorBoardWriter(directory, clock, host);
  }

  static TensorBoardWriter resume(Path directory, long lastStep, Clock clock, String host)
      throws IOException {
    TensorBoardWriter writer = open(directory, clock, host);
    byte[] start = bytes(log -> log.writeEnum(SESSION_STATUS, SESSION_START));
    // TensorBoard keeps the steps below that of a START event.
    writer.event(lastStep + 1, message -> message.writeByteArray(EVENT_SESSION_LOG, start));
    writer.flush();
    return writer;
  }

  /// The file being written.
  public Path file() {
    return file;
  }

  /// Adds a point to a curve.
  ///
  /// @param tag name of the curve; a part before `/` groups it, such as `loss/train`
  /// @param step iteration, not negative
  public void scalar(String tag, double scalar, long step) throws IOException {
    summary(tag, step, value -> value.writeFloat(VALUE_SIMPLE, (float) scalar));
  }

  /// Adds an image, coloured by a map.
  ///
  /// @param low value of the map's first colour
  /// @param high value of its last colour
  public void image(String tag, FloatImage image, ColorMap map, float low, float high, long step)
      throws IOException {
    byte[] png = PngWriter.encode(image, map, low, high);
    byte[] encoded =
        bytes(i -> {
          i.writeInt32(IMAGE_HEIGHT, image.height());
          i.writeInt32(IMAGE_WIDTH, image.width());
          i.writeInt32(IMAGE_COLORSPACE, RGB);
          i.writeByteArray(IMAGE_ENCODED, png);
        });
    summary(tag, step, value -> value.writeByteArray(VALUE_IMAGE, encoded));
  }

  /// Hands everything written so far to the operating system, where TensorBoard sees it.
  public synchronized void flush() throws IOException {
    out.flush();
  }

  @Override
  public synchronized void close() throws IOException {
    out.close();
  }

  private void summary(String tag, long step, Fields content) throws IOException {
    byte[] value =
        bytes(v -> {
          v.writeString(VALUE_TAG, tag);
          content.write(v);
        });
    byte[] summary = bytes(s -> s.writeByteArray(SUMMARY_VALUE, value));
    event(step, message -> message.writeByteArray(EVENT_SUMMARY, summary));
  }

  private void event(long step, Fields content) throws IOException {
    Instant now = clock.instant();
    byte[] data =
        bytes(message -> {
          message.writeDouble(EVENT_WALL_TIME, now.getEpochSecond() + now.getNano() * 1e-9);
          message.writeInt64(EVENT_STEP, step);
          content.write(message);
        });
    byte[] length =
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(data.length).array();
    byte[] record =
        ByteBuffer.allocate(length.length + data.length + 2 * Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(length)
            .putInt(maskedCrc(length))
            .put(data)
            .putInt(maskedCrc(data))
            .array();
    synchronized (this) {
      out.write(record);
    }
  }

  private static int maskedCrc(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return Integer.rotateRight((int) crc.getValue(), 15) + CRC_MASK;
  }

  private static byte[] bytes(Fields content) throws IOException {
    ByteArrayOutputStream buffer = new ByteArrayOutputStream();
    CodedOutputStream message = CodedOutputStream.newInstance(buffer);
    content.write(message);
    message.flush();
    return buffer.toByteArray();
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9-]", "_");
    } catch (UnknownHostException e) {
      return "localhost"; // only a label in the file name
    }
  }

  private interface Fields {
    void write(CodedOutputStream message) throws IOException;
  }
}
