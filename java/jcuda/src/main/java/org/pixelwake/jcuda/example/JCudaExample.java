package org.pixelwake.jcuda.example;

import java.util.List;
import java.util.Map;
import jcuda.Pointer;
import jcuda.runtime.JCuda;
import jcuda.runtime.cudaMemcpyKind;
import jcuda.runtime.cudaStream_t;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.Memory;
import org.pixelwake.engine.ParameterLayout;
import org.pixelwake.engine.ParameterLayout.Entry;
import org.pixelwake.engine.ParameterLayout.Group;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.Program;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.View;
import org.pixelwake.engine.op.Convolution;
import org.pixelwake.engine.op.Convolution.Family;
import org.pixelwake.jcuda.Interop;

/// A JCuda program that lets Pixelwake compute a pointwise convolution on memory and a stream of
/// its own.
public final class JCudaExample {
  private JCudaExample() {}

  /// The images, rows and columns of the example.
  ///
  /// @param n images
  /// @param side rows and columns of an image
  /// @param cIn channels read
  /// @param cOut channels written
  public record Shape(int n, int side, int cIn, int cOut) {
    /// Elements of the input.
    public int inputs() {
      return n * side * side * cIn;
    }

    /// Elements of the output.
    public int outputs() {
      return n * side * side * cOut;
    }
  }

  /// Computes it on GPU 0 with memory and a stream that JCuda made.
  ///
  /// @param x (n, side, side, cIn)
  /// @param weight (cOut, cIn)
  /// @return (n, side, side, cOut)
  public static float[] run(Shape shape, float[] x, float[] weight) {
    JCuda.setExceptionsEnabled(true);
    JCuda.cudaSetDevice(0);
    cudaStream_t stream = new cudaStream_t();
    Pointer input = new Pointer();
    Pointer output = new Pointer();
    float[] y = new float[shape.outputs()];
    long inputBytes = 4L * shape.inputs();
    long outputBytes = 4L * shape.outputs();
    JCuda.cudaStreamCreate(stream);
    try {
      JCuda.cudaMalloc(input, inputBytes);
      JCuda.cudaMalloc(output, outputBytes);
      int toDevice = cudaMemcpyKind.cudaMemcpyHostToDevice;
      int toHost = cudaMemcpyKind.cudaMemcpyDeviceToHost;
      JCuda.cudaMemcpy(input, Pointer.to(x), inputBytes, toDevice);
      // What stands before the kernel on the stream comes before it.
      JCuda.cudaMemsetAsync(output, 0xff, outputBytes, stream);
      try (Device device = Interop.device(0, stream);
          Memory in = Interop.memory(device, input, inputBytes);
          Memory out = Interop.memory(device, output, outputBytes)) {
        convolve(device, shape, in, weight, out);
      }
      JCuda.cudaStreamSynchronize(stream);
      JCuda.cudaMemcpy(Pointer.to(y), output, outputBytes, toHost);
    } finally {
      JCuda.cudaFree(input);
      JCuda.cudaFree(output);
      JCuda.cudaStreamDestroy(stream);
    }
    return y;
  }

  /// Gives the convolution to the device's stream, on whatever device the memory is.
  public static void convolve(Device device, Shape s, Memory in, float[] weight, Memory out) {
    List<Integer> dims = List.of(s.cOut(), s.cIn(), 1, 1);
    ParameterLayout layout = new ParameterLayout(List.of(new Entry("weight", Group.DECAYED, dims)));
    Graph graph = new Graph(layout, false, Storage.F32);
    Tensor x = graph.input("x", Storage.F32, s.n(), s.side(), s.side(), s.cIn());
    Tensor y = graph.result("y", Storage.F32, s.n(), s.side(), s.side(), s.cOut());
    Convolution.Attributes pointwise = new Convolution.Attributes(Family.POINTWISE, 1, 1, false);
    Tensor w = graph.parameter("weight");
    graph.add(new Convolution.Forward(pointwise, View.of(x), w, null, y, null));
    try (ParameterStore store = ParameterStore.forInference(device, layout)) {
      store.set(ParameterStore.Slab.PARAMETERS, "weight", weight);
      try (Program program = Program.compile(device, graph, store, false, Map.of(x, in, y, out))) {
        // A program that computes often submits often, and waits only where it needs the result.
        program.submit();
        device.synchronize();
      }
    }
  }
}
