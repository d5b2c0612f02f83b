package org.pixelwake.timepix.io;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.SourceInfo;

/// What the sources of one or several files have in common: the tree, the counts, and going from
/// file to file.
///
/// @param <R> reader of one file
abstract class AbstractFiles<R extends AutoCloseable> {
  final Tree tree;
  final Tally tally;
  private final List<Tree.Entry> files;
  private final SourceInfo info;
  private int nextFile;
  private @Nullable R current;
  private boolean ended;

  AbstractFiles(Tree tree, List<Tree.Entry> files, SourceInfo info, Tally tally) {
    this.tree = tree;
    this.files = List.copyOf(files);
    this.info = info;
    this.tally = tally;
  }

  abstract R open(Tree.Entry file);

  /// The reader to go on with; null at the end of the last file, which closes the account.
  @Nullable R reader() {
    if (current == null && !ended) {
      if (nextFile < files.size()) {
        current = open(files.get(nextFile++));
      } else {
        ended = true;
        tally.end();
      }
    }
    return current;
  }

  /// To be called when the current reader has ended.
  void done() {
    R reader = current;
    current = null;
    if (reader != null) {
      quietly(reader);
    }
  }

  /// Files begun so far.
  int begun() {
    return nextFile;
  }

  public final SourceInfo info() {
    return info;
  }

  public final ReadReport report() {
    return tally.report();
  }

  public final long bytesRead() {
    return tally.bytes;
  }

  public final long bytesTotal() {
    long sum = 0;
    for (Tree.Entry file : files) {
      if (file.size() < 0) {
        return -1;
      }
      sum += file.size();
    }
    return Math.max(sum, tally.bytes);
  }

  public final void close() {
    ended = true;
    done();
    tree.close();
  }

  private static void quietly(AutoCloseable reader) {
    try {
      reader.close();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
