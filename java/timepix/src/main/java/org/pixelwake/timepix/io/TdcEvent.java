package org.pixelwake.timepix.io;

/// A time stamp of an external signal in a raw `.tpx3` stream.
///
/// @param chip index of the chip whose chunk carried it
/// @param input input of the readout, 1 or 2
/// @param rising whether it is the rising edge
/// @param trigger trigger counter, 12 bit
/// @param time ns since the start of the 35-bit counter of 3.125 ns (period 107.4 s), with the fine
///   part of 1/12 of 3.125 ns
/// @param fineValid whether the fine part was valid (1..12); else it counts as none
public record TdcEvent(
    int chip, int input, boolean rising, int trigger, double time, boolean fineValid) {}
