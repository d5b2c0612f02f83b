package org.pixelwake.benchmarks;

import java.io.File;
import java.io.IOException;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.parameter_iterator;
import org.bytedeco.pytorch.parameter_list;

/// What all measurements of libtorch have in common.
final class Libtorch {
  private Libtorch() {}

  /// Loads the library and sets the number of its threads.
  static void load(int threads) throws IOException {
    // Its largest part is unpacked before the others are loaded: they look for it beside
    // themselves, and where it is not there yet take another version installed on the machine.
    library();
    torch.set_num_threads(threads);
  }

  /// The unpacked file of the library's largest part.
  static File library() throws IOException {
    String part = "/org/bytedeco/pytorch/" + Loader.getPlatform() + "/libtorch_cpu.so";
    File file = Loader.cacheResource(Libtorch.class, part);
    if (file == null) {
      throw new IOException("The class path has no " + part);
    }
    return file;
  }

  /// The parameters of a model, with the weights of its convolutions in the given order.
  static TensorVector arrange(JitModule model, Layout layout) {
    TensorVector parameters = new TensorVector();
    parameter_list list = model.parameters();
    parameter_iterator end = list.end();
    for (parameter_iterator i = list.begin(); i.notEquals(end); i.increment()) {
      Tensor parameter = i.multiply();
      if (parameter.dim() == 4) {
        parameter.set_data(parameter.detach().contiguous(layout.format()));
      }
      parameters.push_back(parameter);
    }
    return parameters;
  }
}
