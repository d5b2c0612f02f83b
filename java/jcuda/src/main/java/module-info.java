/// JCuda's device pointers and streams, and NVIDIA's libraries to compare with. Nothing else of
/// Pixelwake requires it.
module org.pixelwake.jcuda {
  requires transitive jcuda;
  requires jcudnn;
  requires transitive org.pixelwake.network;
  requires static org.jspecify;

  exports org.pixelwake.jcuda;
}
