package org.pixelwake.training;

import java.util.function.ToDoubleFunction;

/// A column of the metrics of a run and where its values come from.
///
/// @param name as in `metrics.csv`; that of a held-out figure begins with `heldout_`
/// @param value the value in the losses of a step or in an evaluation; NaN where there is none
/// @param <T> losses or evaluation
public record MetricColumn<T>(String name, ToDoubleFunction<T> value) {}
