package org.pixelwake.jcuda;

/// The passes of a convolution, with the names of cuDNN's functions for them.
public enum ConvolutionPass {
  /// y from x and w.
  FORWARD("Forward"),
  /// dx from w and dy.
  BACKWARD_DATA("BackwardData"),
  /// dw from x and dy.
  BACKWARD_FILTER("BackwardFilter");

  final String compute;
  final String propose;
  final String measure;
  final String workspace;

  ConvolutionPass(String label) {
    compute = "cudnnConvolution" + label;
    propose = "cudnnGetConvolution" + label + "Algorithm_v7";
    measure = "cudnnFindConvolution" + label + "AlgorithmEx";
    workspace = "cudnnGetConvolution" + label + "WorkspaceSize";
  }
}
