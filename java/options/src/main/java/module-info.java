/// Options that the command line and the Spark job share.
module org.pixelwake.options {
  requires transitive info.picocli;
  requires transitive org.pixelwake.timepix;
  requires static org.jspecify;

  exports org.pixelwake.options;

  opens org.pixelwake.options to
      info.picocli;
}
