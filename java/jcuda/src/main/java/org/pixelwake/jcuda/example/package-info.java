/// Pixelwake in a program of JCuda's.
package org.pixelwake.jcuda.example;
