package org.pixelwake.timepix.features;

/// Features of a cluster, defined as in the cluster lists (`.clist`) of ADVACAM's program DPE,
/// whose names are given in brackets. Lengths are in pixels unless another unit is named, energies
/// in the unit of the source. Found from such a list's pixels, all of them are its own values
/// within rounding.
///
/// The axis of a cluster goes through its centroid, weighted by energy, in the direction in which
/// the hits scatter most, weighted by the square roots of their energies. Hits without an energy,
/// which chips give now and then, have no weight; a cluster of nothing but such hits is weighed
/// evenly.
///
/// @param size number of hits [Size]
/// @param energy sum of the energies [E]
/// @param height largest energy of a hit [Height]
/// @param x column of the centroid, weighted by energy, from the outer edge of column 0 [X]
/// @param y row of the centroid, likewise [Y]
/// @param meanX mean column of the hits, all alike, from the outer edge of column 0
/// @param meanY mean row of the hits, likewise
/// @param border hits of which one of the four neighbours is not hit [BorderPixCount]
/// @param inner the other hits
/// @param roundness radius of a disc of the same area through the largest distance of a hit from
///   the centroid; 1 for one hit, 0 for two [Roundness]. As DPE has it, a hit is here the corner of
///   its pixel at the lowest row and column, so that it depends on the direction by up to half a
///   pixel
/// @param azimuth angle of the axis from the rows, degrees, above -90 to 90 [AngleAzim]
/// @param linearity 1 - `across` / `along`, at least 0; 0 for one hit [Linearity]
/// @param length extent of the pixels' centres along the axis [LengthProj]
/// @param width extent across it [WidthProj]
/// @param across standard deviation of the hits across the axis, weighted by energy [StdAlong]
/// @param along standard deviation along it [StdPerp]
/// @param thin share of hits on the border [Thin]
/// @param thick share of the others [Thick]
/// @param curlyThin `thin` * (1 - `linearity`) [CurlyThin]
/// @param meanEnergy mean energy of a hit [EpixMean]
/// @param energyDeviation standard deviation of the energies of the hits, of the sample; 0 for one
///   hit [EpixStd]
/// @param correctedLength `length` - 2.5 `across`, at least 0: without the spread of the charge
///   [LengthCorrStd]
/// @param length3d length of the path through the sensor, um: of `correctedLength` and the sensor's
///   thickness [Length3DCorrStd]
/// @param elevation angle of the path from the normal of the sensor, degrees [AngleElev]
/// @param let energy over `length3d`, energy's unit per um [LET]
/// @param diameter diameter of a disc of the same area [Diameter]
/// @param density hits per pixel of the box around the pixels along the axis, of (`length` + 1) *
///   (`width` + 1)
/// @param edge whether a hit lies on the edge of the sensor [IsSensEdge]
/// @param duration time from the first to the last hit, ns; 0 where the source has none
/// @param shape its class
public record ClusterFeatures(
    int size,
    double energy,
    double height,
    double x,
    double y,
    double meanX,
    double meanY,
    int border,
    int inner,
    double roundness,
    double azimuth,
    double linearity,
    double length,
    double width,
    double across,
    double along,
    double thin,
    double thick,
    double curlyThin,
    double meanEnergy,
    double energyDeviation,
    double correctedLength,
    double length3d,
    double elevation,
    double let,
    double diameter,
    double density,
    boolean edge,
    double duration,
    MorphologicalClass shape) {}
