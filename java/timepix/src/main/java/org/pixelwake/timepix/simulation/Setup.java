package org.pixelwake.timepix.simulation;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.sensor.Sensor;

/// What is simulated: a sensor, the layers before it, and the sources. Read from a YAML file, of
/// which the presets are examples.
///
/// @param name its name
/// @param sensor the detector
/// @param layers layers that particles pass before the sensor, from the outside
/// @param sources the sources
public record Setup(String name, Sensor sensor, List<MaterialLayer> layers, List<Source> sources) {
  private static final String[] PRESETS = {
    "satram-real", "satram-reference", "sr90", "am241-gamma", "am241-alpha",
    "cs137", "radon", "muons", "atlas", "lead"
  };

  public Setup {
    layers = List.copyOf(layers);
    sources = List.copyOf(sources);
  }

  /// Reads a file.
  ///
  /// @throws InputException naming the line, where it is not a setup
  public static Setup read(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new InputException(
          file, "cannot be read", "Give a YAML file; a preset shows how it is written", e);
    }
    Path folder = file.toAbsolutePath().getParent();
    return SetupReader.read(file.toString(), text, folder);
  }

  /// Reads a text of YAML that refers to no other file.
  ///
  /// @param source where it is from, for messages
  /// @throws InputException naming the line, where it is not a setup
  public static Setup parse(String source, String text) {
    return SetupReader.read(source, text, null);
  }

  /// Names of the presets.
  public static List<String> presets() {
    return List.of(PRESETS);
  }

  /// A preset.
  ///
  /// @throws InputException where there is none of that name
  public static Setup preset(String name) {
    return parse("preset " + name, presetText(name));
  }

  /// The file of a preset.
  ///
  /// @throws InputException where there is none of that name
  public static String presetText(String name) {
    if (!presets().contains(name)) {
      throw new InputException(
          "preset " + name, "there is none", "Use one of " + String.join(", ", PRESETS));
    }
    try (InputStream in = Setup.class.getResourceAsStream("preset-" + name + ".yaml")) {
      if (in == null) {
        throw new IllegalStateException("the file of preset " + name + " is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The simulator of the sensor behind the layers.
  public Simulator simulator() {
    return new Simulator(sensor, layers);
  }

  /// The same with hits in keV or in ToT.
  public Setup withCalibrated(boolean inKeV) {
    return new Setup(name, sensor.withCalibrated(inKeV), layers, sources);
  }

  /// Returns the same with another sensor.
  public Setup withSensor(Sensor other) {
    return new Setup(name, other, layers, sources);
  }

  /// The same with further layers, after those there are.
  public Setup withLayers(List<MaterialLayer> further) {
    return new Setup(
        name, sensor, Stream.concat(layers.stream(), further.stream()).toList(), sources);
  }
}
