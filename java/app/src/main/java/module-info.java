/// The command line.
module org.pixelwake.app {
  requires de.siegmar.fastcsv;
  requires com.fasterxml.jackson.annotation;
  requires com.fasterxml.jackson.databind;
  requires com.fasterxml.jackson.dataformat.yaml;
  requires info.picocli;
  requires java.management;
  requires java.sql;
  requires jdk.httpserver;
  requires jdk.management;
  requires org.pixelwake.engine;
  requires org.pixelwake.network;
  requires org.pixelwake.report;
  requires org.pixelwake.timepix;
  requires org.pixelwake.training;
  requires static org.jspecify;

  exports org.pixelwake.app;

  opens org.pixelwake.app to
      com.fasterxml.jackson.databind,
      info.picocli;
}
