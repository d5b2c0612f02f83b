/// Files a run leaves for people to read: HTML report, TensorBoard events, CSV metrics, images.
module org.pixelwake.report {
  requires org.pixelwake.base;
  requires com.fasterxml.jackson.core;
  requires com.github.weisj.jsvg;
  requires com.google.protobuf;
  requires de.siegmar.fastcsv;
  requires java.desktop;
  requires static org.jspecify;

  exports org.pixelwake.report.image;
  exports org.pixelwake.report.log;
  exports org.pixelwake.report.page;
  exports org.pixelwake.report.plot;
  exports org.pixelwake.report.section;
}
