# Shared by ./maloca and ./dev, which set root: finds a JDK and Maven, and says how the JVM is run.
# For bash 3.2 and newer (macOS has no other).

# The flags under which Maloca runs, in tests too: see maloca.jvm.flags in pom.xml.
JVM_FLAGS=(
  --add-exports java.base/jdk.internal.misc=ALL-UNNAMED
  --enable-native-access=ALL-UNNAMED
  # A library for zstd uses the old Unsafe, of which the JVM would warn each user.
  --sun-misc-unsafe-memory-access=allow
  -XX:+UseSerialGC
  # The guest's RAM is outside the heap; what is inside lives long or dies at once.
  -Xms32m
  -XX:MaxNewSize=32m
  # No collection of all because a few thousand regions, a class each, have filled the first 21 MB.
  -XX:MetaspaceSize=128m
  # What lives long is not copied twice: a boot's pauses take two thirds of the time.
  -XX:MaxTenuringThreshold=0
  # Lets the translator say which of its methods HotSpot compiles when (see JitCompiler). The JVM
  # would greet it with a warning for each test method that it has and Maloca does not use.
  -XX:+UnlockDiagnosticVMOptions -XX:+WhiteBoxAPI -XX:-DisplayVMOutput
  # A region's method inlines small ones by the hundred: past 8000 bytes the rest would be calls.
  -XX:-ClipInlining
  # No traps in place of what was never executed: one that is met throws away all of a region's
  # code, and the vCPU waits for half a second until it is compiled anew.
  -XX:PerMethodTrapLimit=0
  # What does not fit the registers goes to the stack. On Intel's CPUs HotSpot would keep it in vector
  # registers, from where instructions cannot take it: a move each way, where memory needs none.
  -XX:-UseFPUForSpilling
  # Without continuations the JVM puts no 8 bytes behind each call for them. There are few virtual
  # threads, which are threads of the host's then. A later JVM may know no such choice.
  -XX:+UnlockExperimentalVMOptions -XX:-VMContinuations -XX:+IgnoreUnrecognizedVMOptions
)

# Compiled code and the heap in huge pages, where the host gives them to who asks: a guest goes from
# region to region, each in a page of its own otherwise. Code comes to lie in them if its room is
# there from the start, which costs address space alone. On a host without, the JVM would complain.
if grep -qsF -e '[madvise]' -e '[always]' /sys/kernel/mm/transparent_hugepage/enabled; then
  JVM_FLAGS+=(-XX:+UseTransparentHugePages -XX:InitialCodeCacheSize=48m)
fi

die() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

# Whether $1 is the home of a JDK 25 or newer, told by its release file: starting it takes longer.
is_jdk() {
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
  local key value
  while IFS='=' read -r key value; do
    if [ "$key" = JAVA_VERSION ]; then
      value=${value#\"}
      value=${value%%[!0-9]*}
      [ "${value:-0}" -ge 25 ]
      return
    fi
  done < "$1/release"
  return 1
}

# The home of the JDK whose javac is on PATH.
jdk_on_path() {
  local javac link
  javac=$(command -v javac) || return 1
  while [ -L "$javac" ]; do
    link=$(readlink "$javac")
    case $link in
      /*) javac=$link ;;
      *) javac=$(dirname "$javac")/$link ;;
    esac
  done
  (cd "$(dirname "$javac")/.." && pwd)
}

# Exports the first JDK found as JAVA_HOME; fails if there is none.
try_jdk() {
  local home
  if [ -n "${JAVA_HOME:-}" ] && is_jdk "$JAVA_HOME"; then
    return 0
  fi
  for home in \
    "$(jdk_on_path)" \
    /usr/lib/jvm/* \
    "${SDKMAN_DIR:-$HOME/.sdkman}"/candidates/java/* \
    "$HOME"/.jdks/* \
    /opt/* /opt/*/* /usr/local/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home \
    /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
    "$(/usr/libexec/java_home -v 25+ 2>/dev/null)"; do
    if [ -n "$home" ] && is_jdk "$home"; then
      export JAVA_HOME=$home
      return 0
    fi
  done
  return 1
}

find_jdk() {
  try_jdk || die "no JDK 25 or newer found: install one (https://adoptium.net has them for every" \
    "system) or set JAVA_HOME to it"
}

# Runs Maven on the found JDK.
maven() {
  command -v mvn >/dev/null || die "Maven is needed to build: install it (apt-get install maven," \
    "brew install maven) and run this again"
  MAVEN_OPTS="--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow ${MAVEN_OPTS:-}" \
    mvn -B -ntp -f "$root/pom.xml" "$@"
}
