package org.pixelwake.spark;

import java.io.Serializable;

/// One source of a job, counted from 0: detector data, and the data set that its clusters go to.
record Part(int number, String source, String target) implements Serializable {}
