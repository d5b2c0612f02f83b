/// The engine: tensors, graph, autograd, memory plan, executor, and the native backends behind
/// them.
module org.pixelwake.engine {
  requires transitive org.pixelwake.base;
  requires static org.jspecify;

  exports org.pixelwake.engine;
  exports org.pixelwake.engine.ffi to
      org.pixelwake.jcuda;
  exports org.pixelwake.engine.group;
  exports org.pixelwake.engine.library;
  exports org.pixelwake.engine.op;
  exports org.pixelwake.engine.plan;
}
