package org.pixelwake.report.page;

/// A figure drawn as SVG: the same text stands in the page and in a file of its own.
///
/// @param id anchor in the page and name of the file
/// @param svg the drawing
public record Drawing(String id, String svg) {}
