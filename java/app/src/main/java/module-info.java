/// The command line.
module org.pixelwake.app {
  requires com.fasterxml.jackson.databind;
  requires info.picocli;
  requires org.pixelwake.run;
  requires org.pixelwake.validation;
  requires static org.jspecify;

  exports org.pixelwake.app;
  // For java/spark.
  exports org.pixelwake.app.options;

  opens org.pixelwake.app.command to
      info.picocli;
  opens org.pixelwake.app.options to
      info.picocli;
  opens org.pixelwake.app.terminal to
      info.picocli;
}
