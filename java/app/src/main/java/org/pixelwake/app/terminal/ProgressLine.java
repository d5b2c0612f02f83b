package org.pixelwake.app.terminal;

import java.io.PrintWriter;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.pixelwake.run.Host;
import org.pixelwake.run.Texts;

/// Progress on standard error with rate, time left and a note. On a terminal it is one line that is
/// drawn anew; elsewhere a plain line every 10 % or every few seconds, the rarer the longer the
/// work takes.
///
/// May be updated from any thread.
public final class ProgressLine implements Host.Shown {
  private static final double SECOND = 1e9;
  private static final double REDRAW_SECONDS = 0.1;
  // Work that is over at once shows nothing.
  private static final double QUIET_SECONDS = 0.4;
  private static final double SHORTEST_PAUSE = 5;
  private static final double LONGEST_PAUSE = 60;
  private static final double PAUSE_SHARE = 0.1;
  // The rate is that of the last seconds, so that it follows a change.
  private static final double RATE_SECONDS = 15;
  private static final int BAR = 20;
  private static final int TENTHS = 10;

  private record Sample(long time, long done) {}

  private final Console console;
  private final String title;
  private final LongSupplier clock;
  private final ArrayDeque<Sample> samples = new ArrayDeque<>();
  private String unit = "";
  private long total = -1;
  private long done = -1;
  private String note = "";
  private long started;
  private long shown;
  private int shownTenth;
  private boolean begun;
  private boolean drawn;

  public ProgressLine(Console console, String title) {
    this(console, title, System::nanoTime);
  }

  ProgressLine(Console console, String title, LongSupplier clock) {
    this.console = console;
    this.title = title;
    this.clock = clock;
    this.started = clock.getAsLong();
    this.shown = started;
  }

  @Override
  public synchronized void update(long nowDone, long nowTotal, String nowUnit, String nowNote) {
    long now = clock.getAsLong();
    if (!nowUnit.equals(unit) || nowDone < done) {
      begin(now, nowDone);
    }
    unit = nowUnit;
    total = nowTotal;
    done = nowDone;
    note = nowNote;
    sample(now);
    if (console.look().redraws()) {
      double quiet = begun ? REDRAW_SECONDS : QUIET_SECONDS;
      if (now - shown >= quiet * SECOND) {
        draw(now);
      }
    } else if (due(now)) {
      shown = now;
      console.notice(text(now, false));
    }
  }

  /// Removes the line from the terminal until the next update.
  @Override
  public synchronized void clear() {
    if (drawn) {
      console.lineShown(null);
      console.lineOutput().print("\r\u001b[K");
      console.lineOutput().flush();
      drawn = false;
    }
  }

  /// Another piece of work: rate and time left start anew.
  private void begin(long now, long nowDone) {
    samples.clear();
    samples.add(new Sample(now, nowDone));
    started = now;
    shownTenth = 0;
  }

  private void sample(long now) {
    if (now - samples.getLast().time >= REDRAW_SECONDS * SECOND) {
      samples.add(new Sample(now, done));
    }
    // One sample older than the window stays, so that slow work has a rate too.
    while (samples.size() > 2 && now - samples.getFirst().time > RATE_SECONDS * SECOND) {
      samples.removeFirst();
    }
  }

  /// Whether another plain line is due.
  private boolean due(long now) {
    double since = (now - shown) / SECOND;
    double elapsed = (now - started) / SECOND;
    int tenth = total > 0 ? (int) (TENTHS * done / total) : 0;
    double pause = Math.clamp(PAUSE_SHARE * elapsed, SHORTEST_PAUSE, LONGEST_PAUSE);
    boolean due = since >= pause || (tenth > shownTenth && since >= SHORTEST_PAUSE / 2);
    shownTenth = due ? tenth : shownTenth;
    return due;
  }

  private void draw(long now) {
    shown = now;
    drawn = true;
    begun = true;
    String text = text(now, true);
    // One column stays free: some terminals wrap when the last is written.
    int room = Math.max(1, console.look().columns() - 1);
    console.lineShown(this);
    PrintWriter err = console.lineOutput();
    err.print("\r" + (text.length() > room ? text.substring(0, room) : text) + "\u001b[K");
    err.flush();
  }

  private String text(long now, boolean bar) {
    StringBuilder line = new StringBuilder(title);
    double rate = rate(now);
    if (total > 0) {
      double share = Math.clamp((double) done / total, 0, 1);
      if (bar) {
        int full = (int) (BAR * share);
        line.append("  [").append("=".repeat(full)).append(" ".repeat(BAR - full)).append("]");
      }
      line.append(String.format(Locale.ROOT, " %3d %%", (int) (100 * share)));
    }
    line.append("  ").append(amount());
    if (rate > 0) {
      line.append("  ").append(quantity(rate)).append("/s");
    }
    if (total > 0 && rate > 0 && done < total) {
      line.append("  ").append(Texts.clock((total - done) / rate)).append(" left");
    } else {
      line.append("  ").append(Texts.clock((now - started) / SECOND));
    }
    return note.isEmpty() ? line.toString() : line + "  " + note.replaceAll("\\p{Cntrl}", " ");
  }

  private String amount() {
    if (unit.equals("bytes")) {
      return Texts.bytes(done) + (total > 0 ? " of " + Texts.bytes(total) : "");
    }
    return Texts.count(done) + (total > 0 ? " of " + Texts.count(total) : "") + " " + unit;
  }

  private String quantity(double value) {
    return unit.equals("bytes") ? Texts.bytes(value) : Texts.digits(value) + " " + unit;
  }

  /// Units a second, 0 where too little is known.
  private double rate(long now) {
    Sample first = samples.getFirst();
    double seconds = (now - first.time) / SECOND;
    return seconds > 0 ? (done - first.done) / seconds : 0;
  }
}
