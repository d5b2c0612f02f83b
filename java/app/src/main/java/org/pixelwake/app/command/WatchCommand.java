package org.pixelwake.app.command;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.pixelwake.app.terminal.ExitCode;
import org.pixelwake.base.InputException;
import org.pixelwake.run.report.WatchServer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `pixelwake watch`.
@Command(
    name = "watch",
    description = {
      "Shows the curves of a run in a browser while it trains.",
      "",
      "Prints the address of a page that draws metrics.csv of the run, or of all runs in the folder,"
          + " and follows it. It only reads, and can be started and stopped at any time; Ctrl-C ends"
          + " it.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pixelwake watch run",
      "  pixelwake watch study --port 9000        (all runs of a study)",
      "  ssh -L 8270:localhost:8270 machine       (to see it from another machine)"
    })
public final class WatchCommand extends PixelwakeCommand {
  @Parameters(paramLabel = "RUN", description = "Folder of a run, or of several.")
  private @Nullable Path folder;

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Port to listen on; 0 for any that is free.")
  private int port = 8270;

  @Option(
      names = "--bind",
      paramLabel = "ADDRESS",
      description = "Address to listen on. Any but localhost shows the curves to others.")
  private String bind = "localhost";

  @Override
  public Integer call() {
    if (port < 0 || port > 0xffff) {
      throw new InputException("--port", Integer.toString(port), "is no port", "0 to 65535");
    }
    InetAddress address = address();
    // The server needs no thread of ours; the process ends by Ctrl-C alone.
    WatchServer server = WatchServer.start(given(folder), address, port);
    if (!address.isLoopbackAddress()) {
      console()
          .notice(
              "Warning: everyone who reaches "
                  + address.getHostAddress()
                  + " can read these metrics; there is no password and no encryption.");
    }
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(server), "pixelwake-watch-end"));
    out().println(server.address());
    out().flush();
    console().notice("Open it in a browser; Ctrl-C ends.");
    return waitForEver();
  }

  /// Ctrl-C is how this command is meant to end, so the exit code is 0, not Java's 130.
  private static void end(WatchServer server) {
    server.close();
    Runtime.getRuntime().halt(ExitCode.OK);
  }

  private static int waitForEver() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return ExitCode.OK;
  }

  private InetAddress address() {
    try {
      return bind.equals("localhost")
          ? InetAddress.getLoopbackAddress()
          : InetAddress.getByName(bind);
    } catch (UnknownHostException e) {
      throw new InputException(
          "--bind", bind, "is no address of this machine", "Give one, such as 0.0.0.0 for all", e);
    }
  }
}
