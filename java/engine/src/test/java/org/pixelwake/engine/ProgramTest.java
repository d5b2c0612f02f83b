package org.pixelwake.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ProgramTest {
  private static final SmallNets.Spec SPEC = SmallNets.blocks("program", true);

  private static byte[] slab(GraphTest.Run run, ParameterStore.Slab slab) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(4L * run.store.elements(slab), 64);
      run.store.download(slab, host);
      return host.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  /// Puts back what a step changed.
  private static void restart(GraphTest.Run run, byte[] parameters, byte[] state) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(parameters.length, 64);
      host.copyFrom(MemorySegment.ofArray(parameters));
      run.store.upload(host, ParameterStore.Slab.PARAMETERS);
      host.fill((byte) 0);
      run.store.upload(host, ParameterStore.Slab.FIRST_MOMENT);
      run.store.upload(host, ParameterStore.Slab.SECOND_MOMENT);
      MemorySegment states = arena.allocate(state.length, 64);
      states.copyFrom(MemorySegment.ofArray(state));
      run.store.upload(states, ParameterStore.Slab.STATE);
    }
  }

  @Test
  void replayGivesTheSameBitsAndFollowsItsInputs() {
    try (Device device = Device.cpu(2);
        GraphTest.Run run = new GraphTest.Run(device, SPEC, Storage.F32, name -> true)) {
      byte[] parameters = slab(run, ParameterStore.Slab.PARAMETERS);
      byte[] state = slab(run, ParameterStore.Slab.STATE);
      float[][][] gradients = new float[3][][];
      byte[][] stepped = new byte[3][];
      for (int k = 0; k < 3; k++) {
        // The middle run sees other images.
        Random random = new Random(k == 1 ? 99 : 7);
        run.net.drawInputs(run.values, random);
        run.upload();
        restart(run, parameters, state);
        run.step();
        gradients[k] = run.gradients();
        stepped[k] = slab(run, ParameterStore.Slab.PARAMETERS);
      }
      assertArrayEquals(gradients[0], gradients[2]);
      assertArrayEquals(stepped[0], stepped[2]);
      assertFalse(Arrays.deepEquals(gradients[0], gradients[1]), "the inputs had no effect");
      assertFalse(Arrays.equals(parameters, stepped[0]), "the step changed nothing");
    }
  }

  @Test
  void threadsDoNotChangeTheBits() {
    float[][][] gradients = new float[2][][];
    for (int threads = 1; threads <= 2; threads++) {
      try (Device device = Device.cpu(threads);
          GraphTest.Run run = new GraphTest.Run(device, SPEC, Storage.F32, name -> true)) {
        run.step();
        gradients[threads - 1] = run.gradients();
      }
    }
    assertArrayEquals(gradients[0], gradients[1]);
  }

  @Test
  void averagedProgramReadsTheAverages() {
    try (Device device = Device.cpu(1);
        GraphTest.Run run = new GraphTest.Run(device, SPEC, Storage.F32, name -> true)) {
      // Away from the averages, which still hold the parameters of the start.
      run.step();
      SmallNets.Net plain = SPEC.trace(Storage.F32, name -> false);
      Graph evaluation = new Graph(plain.layout(), true, Storage.F32);
      plain.graph().operations().subList(0, plain.forward()).forEach(evaluation::add);
      try (Program now = Program.compile(device, evaluation, run.store, false);
          Program averaged = Program.compile(device, evaluation, run.store, true)) {
        double[] losses = new double[2];
        for (int k = 0; k < 2; k++) {
          Program program = k == 0 ? now : averaged;
          SmallNets.STEP.upload(program, plain.step());
          program.upload(GraphTest.floats(run.values.get(run.net.image())), plain.image());
          program.upload(GraphTest.floats(run.values.get(run.net.target())), plain.target());
          program.run();
          losses[k] = program.download(plain.losses())[0];
        }
        double start = run.net.loss(run.values);
        assertTrue(losses[0] < start, "a step must lower the loss: " + losses[0]);
        assertTrue(
            losses[0] < losses[1] && losses[1] < start,
            "the average lies between " + losses[0] + " and " + start + ": " + losses[1]);
      }
    }
  }

  @Test
  void wrongUseIsRefused() {
    try (Device device = Device.cpu(1);
        GraphTest.Run run = new GraphTest.Run(device, SPEC, Storage.F32, name -> true)) {
      Tensor foreign = new Tensor("foreign", Tensor.Role.INPUT, Storage.F32, 4);
      assertThrows(IllegalArgumentException.class, () -> run.program.upload(new float[4], foreign));
      float[] tooLong = new float[Math.toIntExact(run.net.image().elements()) + 1];
      assertThrows(
          IllegalArgumentException.class, () -> run.program.upload(tooLong, run.net.image()));
    }
  }
}
