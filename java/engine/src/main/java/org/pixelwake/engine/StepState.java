package org.pixelwake.engine;

import static org.pixelwake.engine.ffi.Symbol.F32;
import static org.pixelwake.engine.ffi.Symbol.I32;
import static org.pixelwake.engine.ffi.Symbol.I64;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/// What changes from step to step (`pw_step`): an input of 56 bytes, written before each run so
/// that the captured calls never change.
///
/// @param seed of the run; keys all random numbers
/// @param index optimizer step, from 1
/// @param learningRate of this step
/// @param beta1 of AdamW, for its bias correction
/// @param beta2 likewise
/// @param averageDecay weight that the moving average keeps
public record StepState(
    long seed, long index, double learningRate, double beta1, double beta2, double averageDecay) {
  static final StructLayout STEP =
      MemoryLayout.structLayout(
              I64.withName("seed"),
              I64.withName("index"),
              F32.withName("learning_rate"),
              F32.withName("bias1"),
              F32.withName("bias2"),
              F32.withName("ema_decay"),
              MemoryLayout.sequenceLayout(6, I32).withName("reserved"))
          .withName("pw_step");

  /// The tensor to hand to the operations of a graph.
  public static Tensor tensor(Graph graph) {
    return graph.input("step", Storage.F32, Math.toIntExact(STEP.byteSize() / 4));
  }

  /// Writes this state.
  public void upload(Program program, Tensor step) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment struct = arena.allocate(STEP.byteSize(), 64);
      write(struct);
      program.upload(struct, step);
    }
  }

  /// Writes the struct to native memory.
  void write(MemorySegment struct) {
    struct.set(I64, 0, seed);
    struct.set(I64, 8, index);
    struct.set(F32, 16, (float) learningRate);
    struct.set(F32, 20, (float) (1 - Math.pow(beta1, (double) index)));
    struct.set(F32, 24, (float) (1 - Math.pow(beta2, (double) index)));
    struct.set(F32, 28, (float) averageDecay);
  }
}
