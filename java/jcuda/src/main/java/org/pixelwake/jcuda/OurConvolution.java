package org.pixelwake.jcuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Graph;
import org.pixelwake.engine.ParameterLayout;
import org.pixelwake.engine.ParameterLayout.Entry;
import org.pixelwake.engine.ParameterLayout.Group;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.Program;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.Tensor;
import org.pixelwake.engine.View;
import org.pixelwake.engine.op.Convolution;
import org.pixelwake.engine.plan.Gradients;

/// Pixelwake's kernels of one convolution, on [Operands]: without the batch norm and activation
/// that they could apply as they load, so that both sides compute the same.
final class OurConvolution implements Side {
  private static final String WEIGHT = "weight";

  private final ParameterStore store;
  private final Program forward;
  private final Program backward;
  private final List<Program> programs = new ArrayList<>();

  OurConvolution(Device device, Operands o) {
    int[] shape = o.layer.attributes().weightShape(o.layer.cIn(), o.layer.cOut());
    ParameterLayout layout =
        new ParameterLayout(
            List.of(new Entry(WEIGHT, Group.DECAYED, Arrays.stream(shape).boxed().toList())));
    store = ParameterStore.forInference(device, layout);
    try {
      store.set(ParameterStore.Slab.PARAMETERS, WEIGHT, o.weight);
      forward = own(forward(device, o, layout));
      backward = own(backward(device, o, layout));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private Program own(Program program) {
    programs.add(program);
    return program;
  }

  private static Tensor input(Graph g, Operands o) {
    ConvolutionLayer l = o.layer;
    return g.input("x", o.storage, l.n(), l.h(), l.w(), l.cIn());
  }

  private Program forward(Device device, Operands o, ParameterLayout layout) {
    ConvolutionLayer l = o.layer;
    Graph g = new Graph(layout, false, o.storage);
    Tensor x = input(g, o);
    Tensor y = g.result("y", o.storage, l.n(), l.ho(), l.wo(), l.cOut());
    Tensor weight = g.parameter(WEIGHT);
    g.add(new Convolution.Forward(l.attributes(), View.of(x), weight, null, y, null));
    return Program.compile(device, g, store, false, Map.of(x, o.x, y, o.ours.y()));
  }

  private Program backward(Device device, Operands o, ParameterLayout layout) {
    ConvolutionLayer l = o.layer;
    Graph g = new Graph(layout, false, o.storage);
    Tensor x = input(g, o);
    Tensor y = g.intermediate("y", o.storage, l.n(), l.ho(), l.wo(), l.cOut());
    Tensor dy = g.input("dy", o.storage, y.shape());
    Tensor dx = g.result("dx", o.storage, x.shape());
    Tensor weight = g.parameter(WEIGHT);
    Tensor dw = g.result("dw", Storage.F32, weight.shape());
    Gradients.OfRaw plain = Gradients.OfRaw.plain(dy);
    g.add(
        new Convolution.Backward(
            l.attributes(), View.of(x), weight, y, plain, null, dx, null, dw, null));
    return Program.compile(
        device, g, store, false, Map.of(x, o.x, dy, o.dy, dx, o.ours.dx(), dw, o.ours.dw()));
  }

  @Override
  public void forward() {
    forward.submit();
  }

  @Override
  public void backward() {
    backward.submit();
  }

  @Override
  public void close() {
    programs.forEach(Program::close);
    store.close();
  }
}
