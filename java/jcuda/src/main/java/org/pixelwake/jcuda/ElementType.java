package org.pixelwake.jcuda;

import org.pixelwake.engine.Storage;

/// How the elements of a tensor are stored, with the numbers that NVIDIA's libraries know them by.
public enum ElementType {
  F32(4, 0, 0),
  F16(2, 2, 2),
  BF16(2, 9, 14);

  private final int bytes;

  /// Its `cudnnDataType_t`.
  final int cudnn;

  /// Its `cudaDataType`.
  final int cuda;

  ElementType(int bytes, int cudnn, int cuda) {
    this.bytes = bytes;
    this.cudnn = cudnn;
    this.cuda = cuda;
  }

  /// The type of a storage.
  public static ElementType of(Storage storage) {
    return switch (storage) {
      case F32 -> F32;
      case BF16 -> BF16;
    };
  }

  /// Bytes of one element.
  public int bytes() {
    return bytes;
  }
}
