/// The engine: tensors, graph, autograd, memory plan, executor, and the native backends behind
/// them.
module org.pixelwake.engine {
  requires transitive org.pixelwake.base;
  requires static org.jspecify;

  exports org.pixelwake.engine;
}
