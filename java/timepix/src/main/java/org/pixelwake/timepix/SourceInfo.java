package org.pixelwake.timepix;

import java.util.Map;

/// What is known of the file (or folder, or archive) that hits come from.
///
/// @param file path as the user gave it; an entry of an archive as `archive.zip!entry`
/// @param format short name of the format, such as `t3pa`, `tpx3`, `xyc`, `matrix`, `clog`, `mm`
/// @param detector kind of chip as far as the file tells: `Timepix`, `Timepix3` or `unknown`
/// @param chipId chip or board identifier, empty where the file does not say
/// @param width sensor width in pixels
/// @param height sensor height in pixels
/// @param hasToa whether the hits carry a time of arrival each (Timepix frames do not)
/// @param unit unit of the energy values
/// @param metadata further facts of the file by their names there, in the file's order (bias,
///   threshold, acquisition time...)
public record SourceInfo(
    String file,
    String format,
    String detector,
    String chipId,
    int width,
    int height,
    boolean hasToa,
    EnergyUnit unit,
    Map<String, String> metadata) {}
