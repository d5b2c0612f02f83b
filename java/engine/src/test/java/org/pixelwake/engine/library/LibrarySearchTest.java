package org.pixelwake.engine.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pixelwake.engine.library.LibrarySearch.Library;
import org.pixelwake.engine.library.LibrarySearch.Result;

/// The search on machines laid out in a folder.
final class LibrarySearchTest {
  @TempDir private Path root;

  private final Map<String, String> properties = new HashMap<>();
  private final Map<String, String> environment = new HashMap<>();

  private Result find(Library library) {
    return new LibrarySearch(properties::get, environment, root).find(library);
  }

  private Path library(String path) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    header.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1});
    header.putShort(18, (short) (System.getProperty("os.arch").equals("aarch64") ? 183 : 62));
    return file(path, header.array());
  }

  private Path file(String path, byte[] content) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.write(file, content);
  }

  private static String why(Result result, String place) {
    return result.misses().stream()
        .filter(miss -> miss.place().endsWith(place))
        .findFirst()
        .orElseThrow(() -> new AssertionError(place + " is not among " + result.misses()))
        .why();
  }

  // As glibc's ldconfig writes it.
  private static byte[] cache(Map<String, String> libraries) throws IOException {
    List<Map.Entry<String, String>> entries = List.copyOf(libraries.entrySet());
    int strings = 48 + 24 * entries.size();
    ByteBuffer data = ByteBuffer.allocate(strings + 4096).order(ByteOrder.nativeOrder());
    data.put("glibc-ld.so.cache1.1".getBytes(StandardCharsets.ISO_8859_1));
    data.putInt(entries.size());
    List<Integer> offsets = new ArrayList<>();
    data.position(strings);
    for (Map.Entry<String, String> entry : entries) {
      for (String text : List.of(entry.getKey(), entry.getValue())) {
        offsets.add(data.position());
        data.put((text + "\0").getBytes(StandardCharsets.UTF_8));
      }
    }
    for (int i = 0; i < entries.size(); i++) {
      data.putInt(48 + 24 * i, 0x0303);
      data.putInt(48 + 24 * i + 4, offsets.get(2 * i));
      data.putInt(48 + 24 * i + 8, offsets.get(2 * i + 1));
    }
    return data.array();
  }

  @Test
  void loaderCacheNamesFiles() throws IOException {
    Path cudnn = library("opt/nvidia/libcudnn.so.9");
    byte[] cache =
        cache(Map.of("libc.so.6", "/lib/libc.so.6", "libcudnn.so.9", "/opt/nvidia/libcudnn.so.9"));
    file("etc/ld.so.cache", cache);
    Result result = find(Library.CUDNN);
    assertEquals(cudnn, result.file());
    assertEquals(9, result.major());
    assertEquals("cuDNN: " + cudnn, result.explanation());
    // Behind a cache of the older kind.
    byte[] both = new byte[64 + cache.length];
    System.arraycopy(cache, 0, both, 64, cache.length);
    file("etc/ld.so.cache", both);
    assertEquals(cudnn, find(Library.CUDNN).file());
    assertEquals("lists none of libnvrtc.so.13, libnvrtc.so.12", why(find(Library.NVRTC), "cache"));
  }

  @Test
  void brokenCacheIsReportedAndTheSearchGoesOn() throws IOException {
    byte[] cache = cache(Map.of("libcudnn.so.9", "/opt/libcudnn.so.9"));
    file("etc/ld.so.cache", java.util.Arrays.copyOf(cache, 60));
    Path there = library("usr/local/cuda-13.0/lib64/libcublasLt.so.13");
    assertTrue(why(find(Library.CUDNN), "ld.so.cache").contains("cut short"));
    assertEquals(there, find(Library.CUBLASLT).file());
    file(
        "etc/ld.so.cache",
        "something else, long enough to be a cache of some kind".getBytes(StandardCharsets.UTF_8));
    assertTrue(why(find(Library.CUDNN), "ld.so.cache").contains("unknown kind"));
  }

  @Test
  void staleEntryOfTheCacheIsReported() throws IOException {
    file("etc/ld.so.cache", cache(Map.of("libcudnn.so.9", "/opt/gone/libcudnn.so.9")));
    Result result = find(Library.CUDNN);
    assertNull(result.file());
    assertEquals("does not exist", why(result, "opt/gone/libcudnn.so.9"));
  }

  @Test
  void toolkitsAreLookedThrough() throws IOException {
    Path target = library("toolkit/targets/x86_64-linux/lib/libcublasLt.so.12");
    environment.put("CUDA_HOME", root.resolve("toolkit").toString());
    Result result = find(Library.CUBLASLT);
    assertEquals(target, result.file());
    assertEquals(12, result.major());
    environment.put("CUDA_HOME", root.resolve("nowhere").toString());
    assertEquals("does not exist", why(find(Library.CUBLASLT), "nowhere"));
  }

  @Test
  void wheelsOfEveryPythonAreLookedThrough() throws IOException {
    Path wheel = library("py/lib/python3.12/site-packages/nvidia/cudnn/lib/libcudnn.so.9");
    Path cu13 = library("venv/lib/python3.13/site-packages/nvidia/cu13/lib/libcublasLt.so.13");
    Path conda = library("conda/lib/libnvrtc.so.12");
    file("py/bin/python3", new byte[0]);
    environment.put("PATH", root.resolve("empty") + ":" + root.resolve("py/bin"));
    environment.put("VIRTUAL_ENV", root.resolve("venv").toString());
    environment.put("CONDA_PREFIX", root.resolve("conda").toString());
    assertEquals(wheel, find(Library.CUDNN).file());
    assertEquals(cu13, find(Library.CUBLASLT).file());
    assertEquals(conda, find(Library.NVRTC).file());
  }

  @Test
  void linkedPythonLeadsToItsOwnPackages() throws IOException {
    Path wheel = library("opt/py/lib/python3.12/site-packages/nvidia/cudnn/lib/libcudnn.so.9");
    file("opt/py/bin/python3.12", new byte[0]);
    Files.createDirectories(root.resolve("usr/bin"));
    Files.createSymbolicLink(
        root.resolve("usr/bin/python3"), root.resolve("opt/py/bin/python3.12"));
    environment.put("PATH", root.resolve("usr/bin").toString());
    assertEquals(wheel.toRealPath(), find(Library.CUDNN).file());
  }

  @Test
  void versionsOfPyenvAreLookedThrough() throws IOException {
    Path wheel =
        library(
            ".pyenv/versions/3.12.1/lib/python3.12/site-packages/nvidia/cudnn/lib/libcudnn.so.9");
    file(".pyenv/shims/python3", new byte[0]);
    environment.put("PATH", root.resolve(".pyenv/shims").toString());
    assertEquals(wheel, find(Library.CUDNN).file());
  }

  @Test
  void placeIsLookedAtOnce() throws IOException {
    file("usr/bin/python3", new byte[0]);
    Files.createDirectories(root.resolve("usr/lib/python3/dist-packages"));
    Files.createSymbolicLink(root.resolve("bin"), root.resolve("usr/bin"));
    Files.createSymbolicLink(root.resolve("lib"), root.resolve("usr/lib"));
    environment.put("PATH", root.resolve("usr/bin") + ":" + root.resolve("bin"));
    long wheels =
        find(Library.CUDNN).misses().stream().filter(m -> m.why().contains("wheels")).count();
    assertEquals(1, wheels);
  }

  @Test
  void newerVersionElsewhereWins() throws IOException {
    environment.put("LD_LIBRARY_PATH", root.resolve("a") + "::" + root.resolve("b"));
    Path old = library("a/libcudnn.so.8");
    assertEquals(old, find(Library.CUDNN).file());
    assertEquals(8, find(Library.CUDNN).major());
    Path young = library("b/libcudnn.so.9");
    Result result = find(Library.CUDNN);
    assertEquals(young, result.file());
    assertEquals("has no libcudnn.so.9", why(result, "/a"));
  }

  @Test
  void whatThisProcessorCannotLoadIsPassedOver() throws IOException {
    environment.put("LD_LIBRARY_PATH", root.resolve("a").toString());
    file("a/libcudnn.so.9", "INPUT(libcudnn.so.9.1)     ".getBytes(StandardCharsets.UTF_8));
    byte[] foreign = Files.readAllBytes(library("other"));
    foreign[18] = 8;
    file("a/libnvrtc.so.13", foreign);
    byte[] half = Files.readAllBytes(library("other"));
    ByteBuffer.wrap(half).order(ByteOrder.LITTLE_ENDIAN).putLong(40, 5000).putInt(58, 0x00020040);
    file("a/libcublasLt.so.13", half);
    assertEquals("is no shared library", why(find(Library.CUDNN), "a/libcudnn.so.9"));
    assertTrue(why(find(Library.NVRTC), "a/libnvrtc.so.13").startsWith("is for another processor"));
    assertEquals(
        "is cut short: 64 of 5128 bytes", why(find(Library.CUBLASLT), "a/libcublasLt.so.13"));
  }

  @Test
  void namedPlaceIsTheOnlyOne() throws IOException {
    Path elsewhere = library("usr/local/cuda/lib64/libcudnn.so.9");
    assertEquals(elsewhere, find(Library.CUDNN).file());
    Path eight = library("mine/libcudnn.so.8");
    environment.put("PIXELWAKE_CUDNN", root.resolve("mine").toString());
    assertEquals(eight, find(Library.CUDNN).file());
    Path nine = library("files/libcudnn.so.9.25.0");
    properties.put("pixelwake.cudnn", nine.toString());
    assertEquals(nine, find(Library.CUDNN).file());
    assertEquals(9, find(Library.CUDNN).major());
    properties.put("pixelwake.cudnn", root.resolve("empty").toString());
    Result result = find(Library.CUDNN);
    assertNull(result.file());
    assertEquals(1, result.misses().size());
    assertTrue(result.misses().getFirst().place().startsWith("-Dpixelwake.cudnn="));
  }

  @Test
  void nothingThereNamesPlacesAndRemedy() {
    String text = find(Library.CUDNN).explanation();
    for (String part :
        List.of(
            "libcudnn.so.9, libcudnn.so.8",
            "CUDA_HOME: is not set",
            "VIRTUAL_ENV: is not set",
            "/usr/local/cuda*: does not exist",
            "ld.so.cache: cannot be read (there is none)",
            "-Dpixelwake.cudnn=",
            "PIXELWAKE_CUDNN")) {
      assertTrue(text.contains(part), () -> part + " is missing in " + text);
    }
  }
}
