package org.pixelwake.jcuda;

import java.util.ArrayList;
import java.util.List;
import org.pixelwake.engine.Device;
import org.pixelwake.engine.Memory;
import org.pixelwake.engine.Storage;
import org.pixelwake.engine.op.Convolution.Family;

/// The tensors of a convolution on a device: what both sides of a comparison read, and what each of
/// them writes. Weights are drawn once and are exact in the storage.
final class Operands implements AutoCloseable {
  final ConvolutionLayer layer;
  final Storage storage;
  final ElementType type;
  final float[] weight;
  final Memory x;
  final Memory dy;
  final Memory filter;
  final Results ours;
  final Results theirs;
  private final List<Memory> all = new ArrayList<>();

  /// What a side writes.
  ///
  /// @param dw in f32 or, from cuDNN, in the storage
  record Results(Memory y, Memory dx, Memory dw) {}

  /// @param gradientType of the baseline's dw
  Operands(Device device, ConvolutionLayer layer, Storage storage, ElementType gradientType) {
    this.layer = layer;
    this.storage = storage;
    this.type = ElementType.of(storage);
    try {
      weight = DeviceValues.draw(1, layer.weightElements(), type);
      x = own(DeviceValues.upload(device, DeviceValues.draw(2, layer.inputElements(), type), type));
      dy =
          own(
              DeviceValues.upload(
                  device, DeviceValues.draw(3, layer.outputElements(), type), type));
      filter = own(DeviceValues.upload(device, order(weight), type));
      ours = results(device, ElementType.F32);
      theirs = results(device, gradientType);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private Results results(Device device, ElementType gradient) {
    return new Results(
        own(device.allocate((long) layer.outputElements() * type.bytes())),
        own(device.allocate((long) layer.inputElements() * type.bytes())),
        own(device.allocate((long) layer.weightElements() * gradient.bytes())));
  }

  private Memory own(Memory memory) {
    all.add(memory);
    return memory;
  }

  /// From PyTorch's order to that of the baselines.
  float[] order(float[] weights) {
    int in = layer.attributes().family() == Family.DEPTHWISE ? 1 : layer.cIn();
    return DeviceValues.filter(weights, layer.cOut(), in, layer.attributes().kernel());
  }

  @Override
  public void close() {
    all.forEach(Memory::close);
  }
}
