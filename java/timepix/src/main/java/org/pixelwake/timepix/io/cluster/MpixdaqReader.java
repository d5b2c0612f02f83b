package org.pixelwake.timepix.io.cluster;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamReadException;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.Cluster;
import org.pixelwake.timepix.ClusterBuilder;
import org.pixelwake.timepix.io.file.ByteScanner;
import org.pixelwake.timepix.io.file.FileTree;
import org.pixelwake.timepix.io.file.PixelFilter;
import org.pixelwake.timepix.io.file.SourceOpener;
import org.pixelwake.timepix.io.file.Tally;
import org.yaml.snakeyaml.LoaderOptions;

/// Clusters as mPIXdaq writes them, in YAML: `keys`, `meta_data` and `deviceInfo`, then
/// `cluster_data`, a list of `[[time, ...], [[pixel, keV], ...]]` with the time of the frame in s
/// of live time and pixels numbered 256 y + x, at last `eor_data`. The list is read event by event,
/// so that the length of the file does not matter. An entry without pixels is an empty frame.
final class MpixdaqReader implements ClusterOpener.ClusterReader {
  /// What comes before the clusters.
  ///
  /// @param device name and number of the detector, empty where not told
  /// @param exposure length of a frame in ns, 0 where not told
  /// @param timeKey place of the time among the properties of a cluster
  /// @param settings what the file says of the measurement and the detector
  record Header(String device, double exposure, int timeKey, Map<String, String> settings) {}

  private static final int SIDE = 256;
  private static final int MAX_SETTINGS = 256;
  private static final String CLUSTERS = "cluster_data";
  private static final String END = "eor_data";
  private static final String NO_ENTRY = "entry that is not [[time, ...], [[pixel, keV], ...]]";

  private final JsonParser parser;
  private final String file;
  private final Header header;
  private final PixelFilter filter;
  private final Tally tally;
  private final ClusterBuilder builder = new ClusterBuilder();
  private boolean inClusters;
  private boolean ended;
  private long frame = -1;
  private boolean frameEmpty;
  private long framesSeen;

  /// Hits of the entry that is being read whose pixels are masked.
  private int masked;

  MpixdaqReader(FileTree.Entry entry, Header header, SourceOpener from) {
    this.file = entry.display();
    this.header = header;
    this.filter = from.filter();
    this.tally = from.tally;
    this.parser = parser(entry, tally);
  }

  /// Reads what comes before the clusters.
  ///
  /// @throws InputException where that is no YAML, or there are no clusters
  static Header header(FileTree.Entry entry) {
    Map<String, String> settings = new LinkedHashMap<>();
    int timeKey = 0;
    try (JsonParser parser = parser(entry, new Tally(entry.display(), "mpixdaq", 1))) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String section = parser.currentName();
        parser.nextToken();
        if (section.equals(CLUSTERS)) {
          return new Header(
              settings.getOrDefault("dn", "").strip(),
              1e9 * Math.max(0, number(settings.getOrDefault("acq_time", ""))),
              timeKey,
              Collections.unmodifiableMap(settings));
        }
        if (section.equals("keys")) {
          timeKey = timeKey(parser);
        } else {
          settings(parser, settings);
        }
      }
    } catch (IOException e) {
      throw new InputException(
          entry.display(), "is not YAML to its clusters", "Check that it is whole", e);
    }
    throw new InputException(
        entry.display(), "has no " + CLUSTERS, "Have mPIXdaq write the clusters to the file");
  }

  private static int timeKey(JsonParser parser) throws IOException {
    int found = 0;
    for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY && parser.hasCurrentToken(); i++) {
      found = "time".equals(parser.getText()) ? i : found;
    }
    return found;
  }

  private static void settings(JsonParser parser, Map<String, String> settings) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      if (parser.nextToken().isScalarValue() && settings.size() < MAX_SETTINGS) {
        settings.putIfAbsent(name, parser.getText());
      } else {
        parser.skipChildren();
      }
    }
  }

  private static double number(String text) {
    double value = ByteScanner.number(text);
    return Double.isNaN(value) ? 0 : value;
  }

  private static JsonParser parser(FileTree.Entry entry, Tally tally) {
    LoaderOptions options = new LoaderOptions();
    // The guard against large documents is of no use where none is held in memory.
    options.setCodePointLimit(Integer.MAX_VALUE);
    InputStream counting =
        new FilterInputStream(entry.open()) {
          @Override
          public int read(byte[] bytes, int offset, int length) throws IOException {
            int n = super.read(bytes, offset, length);
            tally.bytes += Math.max(n, 0);
            return n;
          }
        };
    try {
      return YAMLFactory.builder().loaderOptions(options).build().createParser(counting);
    } catch (IOException e) {
      throw InputException.unreadable(entry.display(), e);
    }
  }

  @Override
  public @Nullable Cluster read() {
    try {
      while (!ended) {
        Cluster cluster = inClusters ? entry() : section();
        if (cluster != null) {
          return cluster;
        }
      }
    } catch (EOFException | ZipException e) {
      broken("the compressed data end early or are damaged");
    } catch (JsonProcessingException e) {
      broken("what follows is not YAML");
    } catch (IOException e) {
      throw new InputException(
          file, place(), "cannot be read (" + e.getMessage() + ")", "Check the disk", e);
    }
    return null;
  }

  private void broken(String reason) {
    tally.malformed(reason, file, place());
    ended = true;
    endFrame();
  }

  private String place() {
    return "line " + parser.currentTokenLocation().getLineNr();
  }

  /// Goes to the next part of the file.
  private @Nullable Cluster section() throws IOException {
    JsonToken token = parser.nextToken();
    if (token == null) {
      ended = true;
      endFrame();
    } else if (token == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      token = parser.nextToken();
      if (name.equals(CLUSTERS) && token == JsonToken.START_ARRAY) {
        inClusters = true;
      } else if (name.equals(END)) {
        Map<String, String> facts = new LinkedHashMap<>();
        settings(parser, facts);
        closing((long) number(facts.getOrDefault("Nframes", "")));
      } else if (token != null) {
        parser.skipChildren();
      }
    }
    return null;
  }

  /// Takes the number of frames that the end of the file tells: those after the last cluster, and
  /// empty ones that were not noted, are among them.
  private void closing(long frames) {
    endFrame();
    long more = frames - framesSeen;
    if (more > 0) {
      tally.frames += more;
      tally.emptyFrames += more;
      tally.exposure += more * header.exposure();
      framesSeen = frames;
    }
  }

  private @Nullable Cluster entry() throws IOException {
    JsonToken token = parser.nextToken();
    if (token != JsonToken.START_ARRAY) {
      if (token == JsonToken.END_ARRAY) {
        inClusters = false;
      } else {
        tally.malformed(NO_ENTRY, file, place());
        parser.skipChildren();
      }
      return null;
    }
    String place = place();
    List<Object> entry = list();
    double time = entry.size() == 2 ? time(entry.get(0)) : Double.NaN;
    if (!(time >= 0 && time < 1e12) || !hits(entry.get(1))) {
      tally.malformed(NO_ENTRY, file, place);
      return null;
    }
    tally.valid++;
    long number = header.exposure() > 0 ? Math.round(time * 1e9 / header.exposure()) : frame + 1;
    if (number != frame) {
      endFrame();
      frame = number;
      frameEmpty = true;
      framesSeen++;
      tally.frames++;
      tally.exposure += header.exposure();
    }
    frameEmpty &= builder.size() + masked == 0;
    if (builder.size() > 0) {
      return builder.build(number, time * 1e9);
    }
    if (masked > 0) {
      tally.ignored("cluster of masked pixels only (" + masked + " hits)", file, place);
    }
    return null;
  }

  private void endFrame() {
    if (frame >= 0 && frameEmpty) {
      tally.emptyFrames++;
    }
    frameEmpty = false;
  }

  /// Reads a list to its end: of numbers, lists, and what is neither as a token.
  private List<Object> list() throws IOException {
    List<Object> list = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      JsonToken token = parser.currentToken();
      if (token == null) {
        throw new EOFException();
      }
      if (token == JsonToken.START_ARRAY) {
        list.add(list());
      } else if (token.isNumeric()) {
        list.add(number());
      } else {
        parser.skipChildren();
        list.add(token);
      }
    }
    return list;
  }

  /// The number of the token; NaN for `.nan`, which the parser calls a number but does not give.
  private double number() throws IOException {
    try {
      return parser.getDoubleValue();
    } catch (StreamReadException e) {
      return Double.NaN;
    }
  }

  /// Time in s among the properties of a cluster; NaN where they are not numbers with it.
  private double time(Object properties) {
    return properties instanceof List<?> list
            && list.stream().allMatch(Double.class::isInstance)
            && list.size() > header.timeKey()
        ? (double) list.get(header.timeKey())
        : Double.NaN;
  }

  /// Takes the pixels of an entry; false where one is malformed.
  private boolean hits(Object pixels) {
    builder.clear();
    masked = 0;
    if (!(pixels instanceof List<?> pairs) || pairs.size() > SIDE * SIDE) {
      return false;
    }
    for (Object pair : pairs) {
      if (!(pair instanceof List<?> hit
          && hit.size() == 2
          && hit.get(0) instanceof Double pixel
          && hit.get(1) instanceof Double energy
          && pixel >= 0
          && pixel < SIDE * SIDE
          && pixel == pixel.intValue()
          && energy > 0
          && energy < Float.MAX_VALUE)) {
        return false;
      }
      int x = pixel.intValue() % SIDE;
      int y = pixel.intValue() / SIDE;
      if (filter.masked(x, y)) {
        masked++;
      } else {
        builder.add(x, y, energy.floatValue(), 0);
      }
    }
    return true;
  }

  @Override
  public void close() {
    try {
      parser.close();
    } catch (IOException e) {
      throw new InputException(
          file, "cannot be closed (" + e.getMessage() + ")", "Check the disk", e);
    }
  }
}
