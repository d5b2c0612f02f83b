/// Readers, calibration, clustering and data sets of Timepix detectors.
module org.pixelwake.timepix {
  requires com.fasterxml.jackson.databind;
  requires com.fasterxml.jackson.dataformat.yaml;
  requires transitive org.pixelwake.base;
  requires org.yaml.snakeyaml;
  requires static org.jspecify;

  exports org.pixelwake.timepix;
  exports org.pixelwake.timepix.calibration;
  exports org.pixelwake.timepix.clustering;
  exports org.pixelwake.timepix.dataset;
  exports org.pixelwake.timepix.features;
  exports org.pixelwake.timepix.io;
  exports org.pixelwake.timepix.pileup;
  exports org.pixelwake.timepix.sensor;
  exports org.pixelwake.timepix.simulation;
}
