/// Where detector data and networks meet: input pipeline, schedules, pretraining, reconstruction.
module org.pixelwake.training {
  requires com.fasterxml.jackson.databind;
  requires com.fasterxml.jackson.dataformat.yaml;
  requires ejml.core;
  requires ejml.ddense;
  requires java.management;
  requires jdk.management;
  requires liblinear;
  requires transitive org.pixelwake.engine;
  requires transitive org.pixelwake.network;
  requires transitive org.pixelwake.timepix;
  // Not in the bundle: what needs it says so where it is missing.
  requires static ml.dmlc.xgboost4j;
  requires static org.jspecify;

  exports org.pixelwake.training;
  exports org.pixelwake.training.target;
  exports org.pixelwake.training.analysis;
  exports org.pixelwake.training.baseline;
  exports org.pixelwake.training.benchmark;
  exports org.pixelwake.training.metrics;

  // Jackson reads and writes the configuration records.
  opens org.pixelwake.training to
      com.fasterxml.jackson.databind;
}
