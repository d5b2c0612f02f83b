package org.pixelwake.benchmarks;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.ParameterLayout;
import org.pixelwake.engine.ParameterStore;
import org.pixelwake.engine.Program;
import org.pixelwake.engine.Tensor;

/// A problem in Pixelwake: a captured program of its operations.
final class PixelwakeWork implements Work {
  private final Device device;
  private final ParameterStore store;
  private final PixelwakeCalls calls;
  private final Program program;

  PixelwakeWork(Problem problem, int threads) {
    device = Device.cpu(threads);
    store = ParameterStore.forInference(device, new ParameterLayout(List.of()));
    calls = new PixelwakeCalls(problem);
    program = Program.compile(device, calls.graph(), store, false);
    calls.upload(program);
  }

  @Override
  public void run() {
    program.run();
  }

  @Override
  public Map<String, float[]> results() {
    Map<Tensor, float[]> whole = new LinkedHashMap<>();
    calls.outputs().forEach(tensor -> whole.put(tensor, program.download(tensor)));
    Map<String, float[]> results = new LinkedHashMap<>();
    calls
        .results()
        .forEach((name, range) -> {
          float[] data = whole.get(range.tensor());
          if (data != null) {
            results.put(
                name, Arrays.copyOfRange(data, range.from(), range.from() + range.length()));
          }
        });
    return results;
  }

  @Override
  public void close() {
    program.close();
    store.close();
    device.close();
  }
}
