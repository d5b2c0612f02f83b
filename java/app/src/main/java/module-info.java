/// The command line.
module org.pixelwake.app {
  requires com.fasterxml.jackson.databind;
  requires info.picocli;
  requires java.management;
  requires jdk.management;
  requires org.pixelwake.engine;
  requires org.pixelwake.network;
  requires org.pixelwake.timepix;
  requires static org.jspecify;

  exports org.pixelwake.app;

  opens org.pixelwake.app to
      info.picocli;
}
