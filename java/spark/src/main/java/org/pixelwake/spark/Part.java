package org.pixelwake.spark;

import java.io.Serializable;

/// One source of a job and the file that its clusters go to.
///
/// @param number of the source, from 0
/// @param source file, folder or archive of detector data
/// @param target data set to write
record Part(int number, String source, String target) implements Serializable {}
