/// The small base of every module: input errors, progress, random numbers, files that appear whole,
/// and numbers with their spread. It has no natives and no dependencies.
module org.pixelwake.base {
  requires static org.jspecify;

  exports org.pixelwake.base;
}
