/// Comparison of the simulation with published measurements and tables.
module org.pixelwake.validation {
  requires transitive org.pixelwake.report;
  requires transitive org.pixelwake.timepix;
  requires static org.jspecify;

  exports org.pixelwake.validation;
}
