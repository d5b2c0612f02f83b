package org.pixelwake.app.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.pixelwake.app.terminal.Contents;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.engine.Backend;
import org.pixelwake.engine.group.MpiGroup;
import org.pixelwake.engine.library.LibrarySearch;
import org.pixelwake.run.JsonOutput;
import org.pixelwake.run.machine.BackendState;
import org.pixelwake.run.machine.Machine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Option;

/// `pixelwake doctor`.
@Command(
    name = "doctor",
    description = {
      "Says what Pixelwake finds on this machine and why something does not work.",
      "",
      "Exit code 0 where networks can be computed at least on the processor.",
      ""
    })
public final class DoctorCommand extends PixelwakeCommand {
  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    Map<String, Map<String, String>> machine = Machine.describe();
    List<BackendState> backends = BackendState.probeAll();
    boolean works =
        backends.stream().anyMatch(backend -> backend.name().equals("cpu") && backend.usable());
    LibrarySearch search = new LibrarySearch();
    List<LibrarySearch.Result> libraries =
        Arrays.stream(LibrarySearch.Library.values()).map(search::find).toList();
    if (json) {
      out().println(JsonOutput.text(json(machine, backends, libraries)));
    } else {
      print(machine, backends, libraries, works);
    }
    return works ? ExitCode.OK : ExitCode.CHECK_FAILED;
  }

  private void print(
      Map<String, Map<String, String>> machine,
      List<BackendState> backends,
      List<LibrarySearch.Result> libraries,
      boolean works) {
    PrintWriter out = out();
    machine.forEach((section, facts) -> {
      out.println(section);
      facts.forEach((name, value) -> Contents.fact(out, name, value));
    });
    out.println("backends (version " + Backend.ABI_VERSION + " of the kernel interface)");
    Ansi colours = console().look().outColours();
    for (BackendState backend : backends) {
      Contents.fact(out, backend.name(), usable(backend.usable(), colours));
      if (backend.usable()) {
        Contents.fact(out, "  device", backend.device());
        Contents.fact(out, "  threads", Integer.toString(backend.threads()));
        if (!backend.isa().isEmpty()) {
          Contents.fact(out, "  kernels", backend.isa());
        }
      }
      Contents.fact(out, backend.usable() ? "  library" : "  why", backend.detail());
    }
    MpiGroup.Availability mpi = MpiGroup.probe();
    out.println("several processes (optional)");
    Contents.fact(out, "MPI", usable(mpi.usable(), colours));
    Contents.fact(out, mpi.usable() ? "  library" : "  why", mpi.detail());
    out.println("libraries to compare with (optional)");
    libraries.forEach(library -> print(out, library));
    out.println();
    out.println(
        works
            ? colours.string("@|green Pixelwake works on this machine.|@")
            : colours.string("@|red Pixelwake cannot compute on this machine|@")
                + ": see why above.");
  }

  private static String usable(boolean usable, Ansi colours) {
    return colours.string(usable ? "@|green usable|@" : "@|yellow not usable|@");
  }

  private static void print(PrintWriter out, LibrarySearch.Result library) {
    String name = library.library().label();
    if (library.file() != null) {
      Contents.fact(out, name, library.file().toString());
      return;
    }
    Contents.fact(out, name, "not found");
    library.misses().stream()
        .collect(
            Collectors.groupingBy(
                LibrarySearch.Miss::why,
                LinkedHashMap::new,
                Collectors.mapping(LibrarySearch.Miss::place, Collectors.joining(", "))))
        .forEach((why, places) -> Contents.fact(out, "  " + why, places));
    Contents.fact(out, "  remedy", library.remedy());
  }

  private static ObjectNode json(
      Map<String, Map<String, String>> machine,
      List<BackendState> backends,
      List<LibrarySearch.Result> libraries) {
    ObjectNode node = JsonOutput.object();
    machine.forEach(node::putPOJO);
    node.put("interface_version", Backend.ABI_VERSION).putPOJO("backends", backends);
    node.putPOJO("mpi", MpiGroup.probe());
    ArrayNode found = node.putArray("libraries");
    for (LibrarySearch.Result library : libraries) {
      Path file = library.file();
      ObjectNode one = found.addObject();
      one.put("name", library.library().label()).put("found", file != null);
      one.put("file", file == null ? "" : file.toString()).put("version", library.major());
      one.put("remedy", file == null ? library.remedy() : "").putPOJO("misses", library.misses());
    }
    return node;
  }
}
