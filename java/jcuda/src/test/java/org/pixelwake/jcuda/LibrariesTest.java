package org.pixelwake.jcuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pixelwake.engine.Backend;
import org.pixelwake.engine.library.LibrarySearch.Library;

/// Libraries that are missing, or not what their name says, end in exceptions that say so.
@Isolated("It changes where the process looks for libraries.")
final class LibrariesTest {
  @TempDir private Path folder;

  @AfterEach
  void forget() {
    for (Library library : Library.values()) {
      System.clearProperty(library.property());
    }
  }

  private static String failure(Library library) {
    Supplier<AutoCloseable> open =
        library == Library.CUDNN ? () -> Cudnn.open(0) : () -> CublasLt.open(0);
    return assertThrows(LibraryException.class, open::get).getMessage();
  }

  private static void expect(String text, String part) {
    assertTrue(text.contains(part), () -> "\"" + part + "\" is missing in: " + text);
  }

  @ParameterizedTest
  @EnumSource(names = {"CUDNN", "CUBLASLT"})
  void missingLibraryIsExplained(Library library) {
    System.setProperty(library.property(), folder.toString());
    String text = failure(library);
    expect(text, library.label() + " was not found");
    expect(text, folder.toString());
    expect(text, library.files().getFirst());
    expect(text, "PIXELWAKE_" + library.name());
  }

  @ParameterizedTest
  @ValueSource(strings = {"libcudnn.so.9", "libcudnn.so.8", "libcublasLt.so.13"})
  void libraryWithoutItsFunctionsIsNoCrash(String file) throws IOException {
    Library library = file.startsWith("libcudnn") ? Library.CUDNN : Library.CUBLASLT;
    Files.copy(Backend.load("cpu").library(), folder.resolve(file));
    System.setProperty(library.property(), folder.toString());
    String function = library == Library.CUDNN ? "cudnnCreate" : "cublasLtCreate";
    expect(failure(library), file + " has no function " + function);
  }

  @Test
  void fileThatDoesNotLoadIsNoCrash() throws IOException {
    Path program = Path.of("/bin/true");
    Assumptions.assumeTrue(Files.isRegularFile(program), "skipped: there is no " + program);
    Path file = Files.copy(program, folder.resolve("libcublasLt.so.13"));
    System.setProperty(Library.CUBLASLT.property(), file.toString());
    expect(failure(Library.CUBLASLT), file + " cannot be loaded: ");
  }

  @Test
  void fileThatIsCutShortIsNoCrash() throws IOException {
    byte[] whole = Files.readAllBytes(Backend.load("cpu").library());
    Path file =
        Files.write(folder.resolve("libcublasLt.so.13"), Arrays.copyOf(whole, whole.length / 2));
    System.setProperty(Library.CUBLASLT.property(), file.toString());
    expect(failure(Library.CUBLASLT), "is cut short");
  }

  /// Without a GPU the libraries load, and refuse to work.
  @ParameterizedTest
  @EnumSource(names = {"CUDNN", "CUBLASLT"})
  void libraryWithoutAGpuSaysSo(Library library) {
    Assumptions.assumeFalse(
        Backend.probe("cuda").usable(), "skipped: there is a GPU, where the libraries work");
    Gpu.assumePresent(library);
    expect(failure(library), library == Library.CUDNN ? "cudnnCreate: " : "cublasLtCreate: ");
  }

  private static String baselines(int code, String... arguments) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    int actual = Baselines.run(arguments, out);
    String text = bytes.toString(StandardCharsets.UTF_8);
    assertEquals(code, actual, text);
    return text;
  }

  @Test
  void baselinesNeedAGpu() {
    Backend.Availability cuda = Backend.probe("cuda");
    Assumptions.assumeFalse(cuda.usable(), "skipped: there is a GPU");
    expect(baselines(Baselines.UNUSABLE), "no GPU to measure on: " + cuda.detail());
  }

  @Test
  void baselinesAreMeasuredAndAgree() {
    Gpu.assumePresent();
    Gpu.assumePresent(Library.CUBLASLT);
    String text =
        baselines(0, "--arch", "efficientnet_b0", "--side", "64", "--batch", "2", "--repeats", "2");
    expect(text, "pointwise 2x2 320->1280");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"--side 0", "--batch many", "--storage f64", "--colour red", "--side", "--arch x"})
  void wrongArgumentsAreNamed(String arguments) {
    String[] split = arguments.split(" ");
    expect(baselines(Baselines.WRONG_ARGUMENTS, split), split[0]);
  }
}
