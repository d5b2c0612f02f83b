package org.pixelwake.engine;

import static org.pixelwake.engine.ffi.Symbol.F32;
import static org.pixelwake.engine.ffi.Symbol.I32;
import static org.pixelwake.engine.ffi.Symbol.I64;
import static org.pixelwake.engine.ffi.Symbol.PTR;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;
import org.pixelwake.engine.ffi.Symbol;

/// An opened device with one stream. Everything that runs on it and its memory is used by one
/// thread at a time.
public final class Device implements AutoCloseable {
  static final Symbol OPEN = Symbol.status("pw_device_open", I32, PTR, PTR);
  static final Symbol CLOSE = Symbol.status("pw_device_close", PTR);
  static final Symbol DESCRIBE = Symbol.status("pw_device_describe", PTR, PTR);
  static final Symbol ALLOC = Symbol.status("pw_alloc", PTR, I64, PTR);
  static final Symbol FREE = Symbol.status("pw_free", PTR, PTR);
  static final Symbol HOST_ALLOC = Symbol.status("pw_host_alloc", PTR, I64, PTR);
  static final Symbol HOST_FREE = Symbol.status("pw_host_free", PTR, PTR);
  static final Symbol STREAM_OPEN = Symbol.status("pw_stream_open", PTR, PTR);
  static final Symbol STREAM_ADOPT = Symbol.status("pw_stream_adopt", PTR, PTR, PTR);
  static final Symbol STREAM_CLOSE = Symbol.status("pw_stream_close", PTR);
  static final Symbol STREAM_SYNCHRONIZE = Symbol.status("pw_stream_synchronize", PTR);
  static final Symbol STREAM_WAIT = Symbol.status("pw_stream_wait", PTR, PTR);
  static final Symbol CAPTURE_BEGIN = Symbol.status("pw_capture_begin", PTR);
  static final Symbol CAPTURE_END = Symbol.status("pw_capture_end", PTR, PTR);
  static final Symbol COPY = Symbol.status("pw_copy", PTR, PTR, PTR, I64, I32);
  static final Symbol FILL = Symbol.status("pw_fill", PTR, PTR, I32, I64);

  static final StructLayout OPTIONS =
      Symbol.struct("pw_device_options", Symbol.fields(I32, "threads isa"));
  static final StructLayout INFO =
      MemoryLayout.structLayout(
              I32.withName("threads"),
              I32.withName("isa"),
              I64.withName("memory_bytes"),
              MemoryLayout.sequenceLayout(128, ValueLayout.JAVA_BYTE).withName("name"))
          .withName("pw_device_info");

  /// Instruction set of the CPU backend; `BEST` takes the widest that the processor has.
  public enum Isa {
    BEST(0),
    PORTABLE(1),
    AVX2(2),
    AVX512(3),
    /// With its dot products of bf16 pairs.
    AVX512_BF16(4);

    private final int code;

    Isa(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }

    private static Isa of(int code) {
      return Arrays.stream(values()).filter(isa -> isa.code == code).findFirst().orElse(BEST);
    }
  }

  private static final int ALIGNMENT = 64;

  public static final int HOST_TO_DEVICE = 0;
  public static final int DEVICE_TO_HOST = 1;
  static final int DEVICE_TO_DEVICE = 2;

  private final Backend backend;
  private final MemorySegment device;
  private final MemorySegment stream;
  // Where work is noted. Not the caller's stream: it may be one that cannot be captured (CUDA's
  // default one), or in use by another thread.
  private final MemorySegment recorder;
  private MemorySegment current;
  private final String name;
  private final int threads;
  private final Isa isa;
  private final AtomicLong allocated = new AtomicLong();
  private boolean closed;

  // With `adopted` its work goes to that stream, which is the caller's.
  private Device(
      Backend backend, int index, int threads, Isa isa, @Nullable MemorySegment adopted) {
    this.backend = backend;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment options = arena.allocate(OPTIONS);
      options.set(I32, 0, threads);
      options.set(I32, 4, isa.code);
      this.device = backend.make(OPEN, index, options);
      try {
        MemorySegment info = arena.allocate(INFO);
        backend.check(DESCRIBE, device, info);
        this.threads = info.get(I32, 0);
        this.isa = Isa.of(info.get(I32, 4));
        this.name = info.asSlice(16).getString(0);
        this.stream =
            adopted == null
                ? backend.make(STREAM_OPEN, device)
                : backend.make(STREAM_ADOPT, device, adopted);
        this.recorder = adopted == null ? stream : backend.make(STREAM_OPEN, device);
        this.current = stream;
      } catch (RuntimeException e) {
        backend.check(CLOSE, device);
        throw e;
      }
    }
  }

  /// Opens a device of a backend.
  ///
  /// @param threads CPU threads, 0 for one a processor
  public static Device open(Backend backend, int index, int threads, Isa isa) {
    return new Device(backend, index, threads, isa, null);
  }

  /// Opens a GPU whose work goes to a CUDA stream of the caller's own, in order with whatever else
  /// the caller gives to that stream. The stream stays open when the device is closed, and has to
  /// outlive it.
  ///
  /// Everything happens in the GPU's primary context, the one that the CUDA runtime library uses. A
  /// program that uses the driver interface shares it with `cuDevicePrimaryCtxRetain`; streams and
  /// memory of a context made with `cuCtxCreate` are out of reach.
  ///
  /// @param stream its `CUstream` or `cudaStream_t` as a number; 0 is the default stream
  /// @throws NativeException when the stream is of another context, or the backend runs on the host
  ///   and has no CUDA streams
  public static Device onStream(Backend backend, int index, long stream) {
    return new Device(backend, index, 0, Isa.BEST, MemorySegment.ofAddress(stream));
  }

  /// Opens the CPU with its best instruction set.
  public static Device cpu(int threads) {
    return open(Backend.load("cpu"), 0, threads, Isa.BEST);
  }

  /// Opens what `--device` names: `auto`, `cpu`, `cuda` or `cuda:n`. Never falls back silently:
  /// only `auto` chooses, and says on `notice` what it took and why.
  ///
  /// @param nth number of this process among those of this machine: each takes another device where
  ///   `spec` does not number one and there are several
  public static Device choose(String spec, int threads, int nth, Consumer<String> notice) {
    if (spec.equals("auto")) {
      for (String candidate : Backend.names()) {
        Backend.Availability found = Backend.probe(candidate);
        if (found.usable()) {
          Device opened = open(Backend.load(candidate), nth % found.devices(), threads, Isa.BEST);
          notice.accept("device: " + opened);
          return opened;
        }
        notice.accept("device: " + candidate + " is not usable: " + found.detail());
      }
      throw new InputException(
          "--device auto", "no backend is usable", "Run `pixelwake doctor` to see why");
    }
    String[] parts = spec.toLowerCase(Locale.ROOT).split(":", 2);
    if (!Backend.names().contains(parts[0])
        || (parts.length == 2 && !parts[1].matches("\\d{1,3}"))) {
      throw new InputException(
          "--device " + spec, "no such device", "Use auto, cpu, cuda or cuda:n");
    }
    Backend.Availability found = Backend.probe(parts[0]);
    if (!found.usable()) {
      String other = parts[0].equals("cpu") ? "See" : "Use --device cpu, or see";
      throw new InputException("--device " + spec, found.detail(), other + " `pixelwake doctor`");
    }
    int index = parts.length == 2 ? Integer.parseInt(parts[1]) : nth % found.devices();
    return open(Backend.load(parts[0]), index, threads, Isa.BEST);
  }

  /// The library it runs on.
  public Backend backend() {
    return backend;
  }

  /// CPU threads, or streaming multiprocessors.
  public int threads() {
    return threads;
  }

  /// Instruction set in use, for the CPU.
  public Isa isa() {
    return isa;
  }

  /// Bytes of device memory held through this object.
  public long allocatedBytes() {
    return allocated.get();
  }

  /// Allocates device memory, zeroed.
  public Memory allocate(long bytes) {
    Memory memory = reserve(bytes);
    fill(memory.address(), 0, bytes);
    return memory;
  }

  /// Allocates device memory whose contents are undefined; the CPU's takes no room until it is
  /// written.
  Memory reserve(long bytes) {
    MemorySegment address = backend.make(ALLOC, device, Math.max(bytes, 64));
    allocated.addAndGet(bytes);
    return new Memory(this, address, bytes, true);
  }

  /// Memory of the caller's own, for the device to read and write in place. Closing the result
  /// leaves the memory as it is; the caller keeps it until the device no longer uses it.
  ///
  /// @param address of memory that the device reaches: with CUDA a device pointer (`CUdeviceptr`)
  ///   of the GPU's primary context, on the host an ordinary address
  /// @param bytes its length, at least 1
  /// @throws IllegalArgumentException when the address is null or no multiple of 64, which the
  ///   kernels rely on
  public Memory wrap(long address, long bytes) {
    if (address == 0 || address % ALIGNMENT != 0 || bytes < 1) {
      throw new IllegalArgumentException(
          "%d bytes at address 0x%x: the kernels need memory at a multiple of %d"
              .formatted(bytes, address, ALIGNMENT));
    }
    return new Memory(this, MemorySegment.ofAddress(address), bytes, false);
  }

  void free(MemorySegment address, long bytes) {
    backend.check(FREE, device, address);
    allocated.addAndGet(-bytes);
  }

  /// Waits for everything given to the device.
  public void synchronize() {
    backend.check(STREAM_SYNCHRONIZE, current);
  }

  /// Copies from host memory to the device; the host segment must be native. Returns when the
  /// source may be reused.
  public void upload(MemorySegment host, MemorySegment deviceMemory, long bytes) {
    backend.check(COPY, current, deviceMemory, host, bytes, HOST_TO_DEVICE);
    synchronize();
  }

  /// Copies numbers to the device. Returns when they are there.
  public void upload(float[] values, MemorySegment deviceMemory) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(4L * values.length, ALIGNMENT);
      MemorySegment.copy(values, 0, host, F32, 0, values.length);
      upload(host, deviceMemory, host.byteSize());
    }
  }

  /// Copies from the device to native host memory and waits.
  public void download(MemorySegment deviceMemory, MemorySegment host, long bytes) {
    backend.check(COPY, current, host, deviceMemory, bytes, DEVICE_TO_HOST);
    synchronize();
  }

  /// Copies f32 numbers from the device and waits.
  float[] download(MemorySegment deviceMemory, long count) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(4 * count, ALIGNMENT);
      download(deviceMemory, host, host.byteSize());
      return host.toArray(F32);
    }
  }

  /// Gives a copy between device and host to the stream, which [#synchronize] waits for.
  ///
  /// @param direction [#HOST_TO_DEVICE] or [#DEVICE_TO_HOST]
  public void enqueueCopy(
      MemorySegment deviceMemory, MemorySegment host, long bytes, int direction) {
    boolean up = direction == HOST_TO_DEVICE;
    MemorySegment to = up ? deviceMemory : host;
    backend.check(COPY, current, to, up ? host : deviceMemory, bytes, direction);
  }

  /// Copies within the device.
  public void copy(MemorySegment from, MemorySegment to, long bytes) {
    backend.check(COPY, current, to, from, bytes, DEVICE_TO_DEVICE);
  }

  /// Sets every byte.
  public void fill(MemorySegment memory, int value, long bytes) {
    backend.check(FILL, current, memory, value, bytes);
  }

  public MemorySegment handle() {
    return device;
  }

  /// Where work is given to.
  public MemorySegment stream() {
    return current;
  }

  /// Notes what `work` gives to the device instead of running it.
  ///
  /// @return a `pw_graph`
  MemorySegment capture(Runnable work) {
    backend.check(CAPTURE_BEGIN, recorder);
    current = recorder;
    MemorySegment graph;
    try {
      work.run();
    } finally {
      // Ended in any case, or the stream would stay in capture.
      current = stream;
      graph = backend.make(CAPTURE_END, recorder);
    }
    return graph;
  }

  /// Closes the device; all memory and programs must have been closed before.
  ///
  /// @throws IllegalStateException when memory is still held
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    long held = allocated.get();
    backend.check(STREAM_CLOSE, stream);
    if (!recorder.equals(stream)) {
      backend.check(STREAM_CLOSE, recorder);
    }
    backend.check(CLOSE, device);
    if (held != 0) {
      throw new IllegalStateException(held + " bytes of device memory were not closed");
    }
  }

  @Override
  public String toString() {
    return backend.name() + ": " + name;
  }
}
