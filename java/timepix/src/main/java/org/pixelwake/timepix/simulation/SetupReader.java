package org.pixelwake.timepix.simulation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.timepix.calibration.EnergyCalibration;
import org.pixelwake.timepix.calibration.PixelMask;
import org.pixelwake.timepix.sensor.PixelFaults;
import org.pixelwake.timepix.sensor.Sensor;

/// Makes a [Setup] of YAML.
final class SetupReader {
  private static final String[] SENSOR = {
    "chip", "calibration", "energy", "mask",
    "thickness_um", "pitch_um", "bias_v", "depletion_v",
    "mobility_um2_per_v_ns", "temperature_k", "repulsion", "resolution",
    "threshold_kev", "threshold_spread_kev", "noise_kev", "saturation_kev",
    "dead_share", "noisy_share", "noise_probability"
  };

  private static final String[] SPECTRA = {
    "beta", "integral", "lines", "mono_mev", "power_law", "table"
  };

  private SetupReader() {}

  /// @param file name in messages
  /// @param folder that paths in it are relative to; null for the working directory
  static Setup read(String file, String content, @Nullable Path folder) {
    YamlNode root = YamlNode.read(file, folder, content);
    root.only("name", "sensor", "layers", "sources");
    Sensor sensor = sensor(root.need("sensor"));
    YamlNode stack = root.get("layers");
    List<MaterialLayer> layers =
        stack == null ? List.of() : stack.elements().stream().map(SetupReader::layer).toList();
    YamlNode all = root.need("sources");
    List<Source> sources = all.elements().stream().map(node -> source(node, sensor)).toList();
    if (sources.isEmpty()) {
      throw all.wrong("there is no source", "Add one; a preset shows how it is written");
    }
    return new Setup(root.need("name").text(), sensor, layers, sources);
  }

  private static Sensor sensor(YamlNode node) {
    node.only(SENSOR);
    Sensor base =
        choice(
            node.need("chip"), Map.of("timepix", Sensor.timepix(), "timepix3", Sensor.timepix3()));
    YamlNode energy = node.get("energy");
    boolean calibrated = energy == null || choice(energy, Map.of("kev", true, "tot", false));
    YamlNode coefficients = node.get("calibration");
    EnergyCalibration calibration =
        coefficients == null
            ? base.calibration()
            : EnergyCalibration.read(coefficients.path(), false);
    YamlNode masked = node.get("mask");
    PixelMask mask = masked == null ? base.dead() : PixelMask.read(masked.path());
    return node.make(() ->
        new Sensor(
            base.chip(),
            base.pixels(),
            node.number("pitch_um", base.pitchUm()),
            node.number("thickness_um", base.thicknessUm()),
            node.number("bias_v", base.biasV()),
            node.number("depletion_v", base.depletionV()),
            node.number("mobility_um2_per_v_ns", base.mobilityUm2PerVNs()),
            node.number("temperature_k", base.temperatureK()),
            node.number("repulsion", base.repulsion()),
            node.number("threshold_kev", base.thresholdKeV()),
            node.number("threshold_spread_kev", base.thresholdSpreadKeV()),
            node.number("noise_kev", base.noiseKeV()),
            node.number("saturation_kev", base.saturationKeV()),
            node.number("resolution", base.resolution()),
            calibration,
            calibrated,
            mask,
            new PixelFaults(
                node.number("dead_share", 0),
                node.number("noisy_share", 0),
                node.number("noise_probability", 0))));
  }

  private static <T> T choice(YamlNode node, Map<String, T> choices) {
    T chosen = choices.get(node.text().toLowerCase(Locale.ROOT));
    if (chosen == null) {
      throw node.wrong(
          "'" + node.text() + "' is not known here",
          "Use one of " + String.join(", ", choices.keySet().stream().sorted().toList()));
    }
    return chosen;
  }

  private static MaterialLayer layer(YamlNode node) {
    node.only("material", "thickness_um");
    Material material =
        choice(
            node.need("material"),
            Material.KNOWN.stream().collect(Collectors.toMap(Material::name, m -> m)));
    YamlNode thickness = node.need("thickness_um");
    return thickness.make(() -> new MaterialLayer(material, thickness.number(), false));
  }

  private static Source source(YamlNode node, Sensor sensor) {
    node.only("particle", "weight", "spectrum", "angles", "side_um");
    YamlNode kind = node.need("particle");
    Particle particle = kind.make(() -> Particle.named(kind.text()));
    Spectrum spectrum = spectrum(node.need("spectrum"));
    Angles angles = angles(node.need("angles"));
    double side = node.number("side_um", 10_000);
    double most = sensor.pixels() * sensor.pitchUm();
    if (side > most) {
      throw node.need("side_um")
          .wrong("a source is wider than the sensor's " + most + " um", "Make it smaller");
    }
    return node.make(() -> new Source(particle, spectrum, angles, node.number("weight", 1), side));
  }

  private static Spectrum spectrum(YamlNode node) {
    node.only(SPECTRA);
    if (node.members().size() != 1) {
      throw node.wrong("a spectrum is of one kind", "Give one of " + String.join(", ", SPECTRA));
    }
    Map.Entry<String, YamlNode> only = node.members().entrySet().iterator().next();
    YamlNode value = only.getValue();
    return switch (only.getKey()) {
      case "mono_mev" -> value.make(() -> new Spectrum.Mono(value.number()));
      case "power_law" -> {
        value.only("index", "least_mev", "greatest_mev");
        yield value.make(() ->
            new Spectrum.PowerLaw(
                value.need("index").number(),
                value.need("least_mev").number(),
                value.need("greatest_mev").number()));
      }
      case "beta" -> beta(value);
      default -> {
        double[][] columns = value.isValue() ? csv(value) : value.columns();
        yield value.make(() ->
            switch (only.getKey()) {
              case "table" -> new Spectrum.Table(columns[0], columns[1]);
              case "integral" -> new Spectrum.Integral(columns[0], columns[1]);
              default -> new Spectrum.Lines(columns[0], columns[1]);
            });
      }
    };
  }

  private static Spectrum beta(YamlNode node) {
    node.only("daughter_z", "mass_number", "endpoint_mev", "shape");
    BetaSpectrum.Shape shape =
        choice(
            node.need("shape"),
            Map.of(
                "allowed", BetaSpectrum.Shape.ALLOWED,
                "unique-first-forbidden", BetaSpectrum.Shape.UNIQUE_FIRST_FORBIDDEN));
    return node.make(() ->
        BetaSpectrum.of(
            (int) node.need("daughter_z").number(),
            (int) node.need("mass_number").number(),
            node.need("endpoint_mev").number(),
            shape));
  }

  private static Angles angles(YamlNode node) {
    if (node.isValue()) {
      return choice(node, Map.of("isotropic", Angles.Cosine.isotropic()));
    }
    node.only("cosine_power", "beam");
    YamlNode power = node.get("cosine_power");
    if (power != null) {
      return power.make(() -> new Angles.Cosine(power.number()));
    }
    YamlNode beam = node.need("beam");
    beam.only("theta_deg", "phi_deg");
    return beam.make(
        () -> new Angles.Beam(beam.need("theta_deg").number(), beam.number("phi_deg", 0)));
  }

  /// The two columns of a file, with commas or blanks between; `#` before a comment, and one line
  /// of names.
  private static double[][] csv(YamlNode node) {
    Path file = node.path();
    List<double[]> rows = new ArrayList<>();
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      throw node.wrong("the file " + file + " cannot be read", "Check the path");
    }
    boolean names = true;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).replaceFirst("#.*", "").strip();
      if (line.isEmpty()) {
        continue;
      }
      String[] parts = line.split("[\\s,;]+", -1);
      try {
        if (parts.length == 2) {
          rows.add(new double[] {Double.parseDouble(parts[0]), Double.parseDouble(parts[1])});
          names = false;
          continue;
        }
      } catch (NumberFormatException e) {
        // The first line may name the columns.
      }
      if (!names) {
        throw new InputException(
            file.toString(),
            "line " + (i + 1),
            "is no pair of numbers",
            "Write an energy in MeV and a value a line");
      }
      names = false;
    }
    return new double[][] {
      rows.stream().mapToDouble(row -> row[0]).toArray(),
      rows.stream().mapToDouble(row -> row[1]).toArray()
    };
  }
}
