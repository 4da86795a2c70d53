# Shared by ./maloca and ./dev, which set root: finds a JDK, builds what is stale.
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
  -XX:MaxNewSize=16m
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
  # Without continuations the JVM puts no 8 bytes behind each call for them. There are few virtual
  # threads, which are threads of the host's then. A later JVM may know no such choice.
  -XX:+UnlockExperimentalVMOptions -XX:-VMContinuations -XX:+IgnoreUnrecognizedVMOptions
)

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

# Whether jar $1 is missing or older than the sources of the modules that follow. Folders count, so
# that a deleted file does.
is_stale() {
  local jar=$1 module
  local inputs=("$root/pom.xml")
  shift
  [ -f "$jar" ] || return 0
  for module in "$@"; do
    [ -d "$root/$module/src/main" ] && inputs+=("$root/$module/src/main" "$root/$module/pom.xml")
  done
  [ -n "$(find "${inputs[@]}" -newer "$jar" -print 2>/dev/null | head -n 1)" ]
}

# Runs Maven on the found JDK.
maven() {
  command -v mvn >/dev/null || die "Maven is needed to build: install it (apt-get install maven," \
    "brew install maven) and run this again"
  MAVEN_OPTS="--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow ${MAVEN_OPTS:-}" \
    mvn -B -ntp -f "$root/pom.xml" "$@"
}

# Waits until no other start does what $1 names, where the host can tell; until unlock.
lock() {
  mkdir -p "$root/target"
  if command -v flock >/dev/null; then
    exec 9>"$root/target/$1.lock"
    flock 9
  fi
}

unlock() {
  exec 9>&-
}

# Builds module $1, whose jar is $1/target/$2, if it is stale against the modules that follow.
build_if_stale() {
  local module=$1 jar=$root/$1/target/$2
  shift 2
  is_stale "$jar" "$@" "$module" || return 0
  [ -f "$root/pom.xml" ] || die "no jars in $root, and no sources to build them from"
  # One build at a time: a second start waits here, then finds everything fresh.
  lock build
  if ! is_stale "$jar" "$@" "$module"; then
    unlock
    return 0
  fi
  echo "$(basename "$0"): building Maloca (this happens once after each change) ..." >&2
  if ! maven -q -Dquick -DskipTests -Dmaven.test.skip -pl "$module" -am package \
    > "$root/target/build.log" 2>&1 < /dev/null 9>&-; then
    tail -n 40 "$root/target/build.log" >&2
    die "the build failed; all it said is in $root/target/build.log"
  fi
  unlock
}

# Writes a multiboot kernel of a few instructions to $1: a loop that gets hot enough to be compiled
# both ways; then it ends the machine through debug-exit.
write_training_kernel() {
  # Header: magic, flags (addresses follow), checksum, then header, load, load end, bss end and entry
  # addresses; then:
  #         mov esp, 0x200000
  #         mov ecx, 0x1000000
  #   loop: add eax, ecx
  #         push eax
  #         pop edx
  #         xor ebx, eax
  #         mov [0x103000], ebx
  #         call next
  #   next: pop edx
  #         shr ebx, 3
  #         cmp ebx, eax
  #         dec ecx
  #         jnz loop
  #         mov al, 0; out 0xf4, al; hlt
  printf '%b' \
    '\x02\xb0\xad\x1b\x00\x00\x01\x00\xfe\x4f\x51\xe4' \
    '\x00\x00\x10\x00\x00\x00\x10\x00\x00\x00\x00\x00\x00\x00\x00\x00\x20\x00\x10\x00' \
    '\xbc\x00\x00\x20\x00\xb9\x00\x00\x00\x01' \
    '\x01\xc8\x50\x5a\x31\xc3\x89\x1d\x00\x30\x10\x00\xe8\x00\x00\x00\x00\x5a' \
    '\xc1\xeb\x03\x39\xc3\x49\x75\xe6' \
    '\xb0\x00\xe6\xf4\xf4' > "$1"
}

# Makes the cache $2 for jar $1 by a short run, once after each build: of classes, loaded and linked,
# and of what HotSpot learned about their methods. It brings the time from JVM start to the first
# guest instruction down by more than half. Where a Linux guest is at hand, the run is its boot, so
# that later boots are compiled sooner; until then it is a few instructions. Without the cache
# everything works, later.
train_if_stale() {
  local jar=$1 cache=$2
  is_trained "$jar" "$cache" && return 0
  lock train
  if is_trained "$jar" "$cache"; then
    unlock
    return 0
  fi
  rm -f "$cache.new" "$cache.booted"
  modernize_libraries "$(dirname "$jar")/lib"
  if has_linux_guest; then
    echo "$(basename "$0"): learning from a boot (this happens once after each change) ..." >&2
    echo poweroff | train "$jar" "$cache" run linux 9>&- && touch "$cache.booted"
  fi
  if [ ! -s "$cache.new" ]; then train_by_loop "$jar" "$cache" 9>&-; fi
  # An empty cache says that training failed, so that it is not tried at each start.
  if [ -s "$cache.new" ]; then mv "$cache.new" "$cache"; else : > "$cache"; fi
  unlock
}

# Makes libraries in folder $1 fit for the cache. What fails is run as it is.
modernize_libraries() {
  "$JAVA_HOME/bin/java" "$root/scripts/ModernClassFiles.java" "$1"/picocli-*.jar \
    > "$root/target/modernize.log" 2>&1 || true
}

is_trained() {
  [ "$2" -nt "$1" ] && { [ -e "$2.booted" ] || ! has_linux_guest; }
}

# Whether `maloca run linux` has a guest that it need not fetch first.
has_linux_guest() {
  [ -e "${XDG_DATA_HOME:-${HOME:-/nonexistent}/.local/share}/maloca/guests/amd64.current" ]
}

# Runs jar $1 with the arguments behind $2, and makes the cache $2.new of it; never for long.
train() {
  local jar=$1 cache=$2 limit=()
  shift 2
  if command -v timeout >/dev/null; then limit=(timeout 120); fi
  ${limit[@]+"${limit[@]}"} "$JAVA_HOME/bin/java" "${JVM_FLAGS[@]}" \
    -XX:AOTCacheOutput="$cache.new" -jar "$jar" "$@" > "$root/target/train.log" 2>&1
}

train_by_loop() {
  local kernel
  kernel=$(mktemp) || return 0
  write_training_kernel "$kernel"
  train "$1" "$2" run --kernel "$kernel" --device debug-exit --memory 32M < /dev/null || true
  rm -f "$kernel"
}
