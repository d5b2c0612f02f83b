/// EfficientNets, the autoencoder, and their checkpoints.
module org.pixelwake.network {
  requires com.fasterxml.jackson.core;
  requires transitive org.pixelwake.engine;
  requires pickle;
  requires static org.jspecify;

  exports org.pixelwake.network;
  exports org.pixelwake.network.checkpoint;
}
