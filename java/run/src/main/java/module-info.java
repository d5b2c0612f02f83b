/// Runs: pretraining, finetuning, studies and evaluations, each with its folder, its metrics and
/// its report. The command line is one user of them; a Java program is another.
module org.pixelwake.run {
  requires com.fasterxml.jackson.annotation;
  requires com.fasterxml.jackson.databind;
  requires com.fasterxml.jackson.dataformat.yaml;
  requires de.siegmar.fastcsv;
  requires java.management;
  requires java.sql;
  requires jdk.httpserver;
  requires jdk.management;
  requires transitive org.pixelwake.report;
  requires transitive org.pixelwake.training;
  requires static org.jspecify;

  exports org.pixelwake.run;
  exports org.pixelwake.run.benchmark;
  exports org.pixelwake.run.data;
  exports org.pixelwake.run.evaluation;
  exports org.pixelwake.run.machine;
  exports org.pixelwake.run.report;
  exports org.pixelwake.run.study;

  // Jackson reads and writes plans and results.
  opens org.pixelwake.run to
      com.fasterxml.jackson.databind;
  opens org.pixelwake.run.benchmark to
      com.fasterxml.jackson.databind;
  opens org.pixelwake.run.study to
      com.fasterxml.jackson.databind;
}
