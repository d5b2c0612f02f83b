/// The command line.
module org.pixelwake.app {
  requires com.fasterxml.jackson.databind;
  requires info.picocli;
  requires org.pixelwake.options;
  requires org.pixelwake.run;
  requires org.pixelwake.validation;
  requires static org.jspecify;

  exports org.pixelwake.app;

  opens org.pixelwake.app.command to
      info.picocli;
  opens org.pixelwake.app.options to
      info.picocli;
  opens org.pixelwake.app.terminal to
      info.picocli;
}
