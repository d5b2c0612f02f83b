/// The engine: tensors, graph, autograd, memory plan, executor, and the native backends behind
/// them.
module org.pixelwake.engine {
  requires static org.jspecify;

  exports org.pixelwake.engine;
}
