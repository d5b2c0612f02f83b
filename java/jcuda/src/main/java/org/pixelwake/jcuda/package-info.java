/// Pixelwake beside JCuda ([Interop]), and NVIDIA's cuDNN ([Cudnn]) and cuBLASLt ([CublasLt]) as
/// baselines ([Baselines]).
package org.pixelwake.jcuda;
