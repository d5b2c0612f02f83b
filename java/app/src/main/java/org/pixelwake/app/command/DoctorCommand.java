package org.pixelwake.app.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    Ansi colours = console().outColours();
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
    Map<String, List<String>> places = new LinkedHashMap<>();
    library
        .misses()
        .forEach(
            miss -> places.computeIfAbsent(miss.why(), w -> new ArrayList<>()).add(miss.place()));
    places.forEach((why, at) -> Contents.fact(out, "  " + why, String.join(", ", at)));
    Contents.fact(out, "  remedy", library.remedy());
  }

  private static ObjectNode json(
      Map<String, Map<String, String>> machine,
      List<BackendState> backends,
      List<LibrarySearch.Result> libraries) {
    ObjectNode node = JsonOutput.object();
    machine.forEach((section, facts) -> {
      ObjectNode values = node.putObject(section);
      facts.forEach(values::put);
    });
    node.put("interface_version", Backend.ABI_VERSION);
    ArrayNode list = node.putArray("backends");
    for (BackendState backend : backends) {
      ObjectNode one = list.addObject();
      one.put("name", backend.name()).put("usable", backend.usable());
      one.put("threads", backend.threads()).put("isa", backend.isa());
      one.put("device", backend.device());
      one.put("detail", backend.detail());
    }
    MpiGroup.Availability mpi = MpiGroup.probe();
    node.putObject("mpi").put("usable", mpi.usable()).put("detail", mpi.detail());
    ArrayNode found = node.putArray("libraries");
    for (LibrarySearch.Result library : libraries) {
      ObjectNode one = found.addObject();
      one.put("name", library.library().label()).put("found", library.file() != null);
      one.put("file", library.file() == null ? "" : library.file().toString());
      one.put("version", library.major());
      one.put("remedy", library.file() == null ? library.remedy() : "");
      ArrayNode misses = one.putArray("misses");
      library
          .misses()
          .forEach(miss -> misses.addObject().put("place", miss.place()).put("why", miss.why()));
    }
    return node;
  }
}
