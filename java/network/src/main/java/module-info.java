/// Networks, optimiser and checkpoints.
module org.pixelwake.network {
  requires com.fasterxml.jackson.core;
  requires org.pixelwake.engine;
  requires pickle;
  requires static org.jspecify;

  exports org.pixelwake.network.checkpoint;
}
