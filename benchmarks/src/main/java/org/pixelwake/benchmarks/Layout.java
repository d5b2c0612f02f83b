package org.pixelwake.benchmarks;

import java.util.Locale;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/// Order of the values of activations and weights in libtorch's memory.
enum Layout {
  NCHW(MemoryFormat.Contiguous),
  CHANNELS_LAST(MemoryFormat.ChannelsLast);

  private final MemoryFormat format;

  Layout(MemoryFormat format) {
    this.format = format;
  }

  MemoryFormat format() {
    return format;
  }

  /// As reports write it.
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
