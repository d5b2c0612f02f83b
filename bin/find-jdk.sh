# Sourced by the scripts beside it: find_jdk sets JDK to the home of a JDK of at least version 25,
# or leaves it empty and lists in JDK_SEEN what was looked at.

readonly JDK_MINIMUM=25

# Prints the feature version (25) of the JDK in $1, nothing where there is none.
jdk_version() {
  [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] || return 0
  local version=
  if [ -r "$1/release" ]; then
    version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
  fi
  if [ -z "$version" ]; then
    version=$("$1/bin/java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -n 1)
  fi
  printf '%s' "$version"
}

# Takes $1 as JDK if it is one and new enough. $2 says where the path came from.
try_jdk() {
  local home version
  home=$(readlink -f -- "$1" 2> /dev/null) || return 1
  version=$(jdk_version "$home")
  if [ -n "$version" ] && [ "$version" -ge "$JDK_MINIMUM" ]; then
    JDK=$home
    return 0
  fi
  local found="no JDK"
  if [ -n "$version" ]; then found="version $version"; fi
  JDK_SEEN+="  $1 ($2): $found"$'\n'
  return 1
}

# Prints the home of the JDK that $1 names: its java binary, or the home itself.
jdk_home_of() {
  if [ -f "$1" ]; then
    dirname -- "$(dirname -- "$(readlink -f -- "$1")")"
  else
    printf '%s' "$1"
  fi
}

find_jdk() {
  JDK=
  JDK_SEEN=
  if [ -n "${PIXELWAKE_JAVA:-}" ]; then
    # Asked for by name: no other is taken in its place.
    try_jdk "$(jdk_home_of "$PIXELWAKE_JAVA")" PIXELWAKE_JAVA
    return
  fi
  if [ -n "${JAVA_HOME:-}" ]; then
    if try_jdk "$JAVA_HOME" JAVA_HOME; then return; fi
  fi
  local java home
  if java=$(command -v java); then
    if try_jdk "$(jdk_home_of "$java")" PATH; then return; fi
  fi
  for home in /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* "$HOME"/.jdks/* "$HOME"/.m2/jdks/* \
    "$HOME"/.sdkman/candidates/java/*; do
    [ -d "$home" ] && [ ! -L "$home" ] || continue
    if try_jdk "$home" installed; then return; fi
  done
  return 1
}

# Runs Maven on the JDK that find_jdk chose, without its libraries' warnings about that JDK.
maven() {
  JAVA_HOME=$JDK MAVEN_OPTS="${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow \
--enable-native-access=ALL-UNNAMED" mvn "$@"
}
