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
  requires org.pixelwake.run;
  requires org.pixelwake.validation;
  requires static org.jspecify;

  exports org.pixelwake.app;
  // For java/spark.
  exports org.pixelwake.app.options;

  opens org.pixelwake.app to
      com.fasterxml.jackson.databind,
      info.picocli;
  opens org.pixelwake.app.command to
      com.fasterxml.jackson.databind,
      info.picocli;
  opens org.pixelwake.app.options to
      info.picocli;
  opens org.pixelwake.app.terminal to
      info.picocli;
}
