package org.pixelwake.jcuda;

/// What is computed of a convolution, with the names of cuDNN's functions for it.
public enum ConvolutionPass {
  /// y from x and w.
  FORWARD("Forward"),
  /// dx from w and dy.
  BACKWARD_DATA("BackwardData"),
  /// dw from x and dy.
  BACKWARD_FILTER("BackwardFilter");

  private final String label;

  ConvolutionPass(String label) {
    this.label = label;
  }

  String compute() {
    return "cudnnConvolution" + label;
  }

  String propose() {
    return "cudnnGetConvolution" + label + "Algorithm_v7";
  }

  String measure() {
    return "cudnnFindConvolution" + label + "AlgorithmEx";
  }

  String workspace() {
    return "cudnnGetConvolution" + label + "WorkspaceSize";
  }
}
