# Builds what is stale, and keeps the jars that processes run from: Maven writes over its own, and
# "clean" deletes them, while machines still load classes from them. So nothing runs from target/, but
# from a copy that never changes. Needs common.sh.
#
#   .builds/MODULE.current   the name of the build that the next start takes
#   .builds/MODULE.NAME/     a build: the jar, lib/, and what training makes of them
#   .builds/MODULE.NAME/in-use
#                            written before the copy; each process that runs from the build has it
#                            open and locked, and the host ends that with the process
#   .builds/*.lock           see lock
builds=$root/.builds

# Sets build to the folder of module $1's jars, of which $2 is to be run. They are built first if they
# are stale against $1 and the modules that follow, and stay for as long as this process runs.
use_build() {
  build_if_stale "$@"
  if ! mkdir -p "$builds" 2>/dev/null; then
    # Somebody else's, who has not started it yet.
    build=$root/$1/target
    return 0
  fi
  until is_published "$1" "$2" && hold_build; do
    publish "$1" "$2"
  done
  remove_unused_builds "$1"
}

# Builds module $1, whose jar is $1/target/$2, if it is stale against the modules that follow.
build_if_stale() {
  local module=$1 jar=$root/$1/target/$2
  shift 2
  is_stale "$jar" "$@" "$module" || return 0
  [ -f "$root/pom.xml" ] || die "no jars in $root, and no sources to build them from"
  mkdir -p "$builds"
  # One build at a time: a second start waits here, then finds everything fresh.
  lock build
  if ! is_stale "$jar" "$@" "$module"; then
    unlock
    return 0
  fi
  echo "$(basename "$0"): building Maloca (this happens once after each change) ..." >&2
  if ! maven -q -Dquick -DskipTests -Dmaven.test.skip -pl "$module" -am package \
    > "$builds/build.log" 2>&1 < /dev/null 9>&-; then
    tail -n 40 "$builds/build.log" >&2
    die "the build failed; all it said is in $builds/build.log"
  fi
  unlock
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

# Waits until no other start does what $1 names, where the host can tell; until unlock.
lock() {
  if command -v flock >/dev/null; then
    exec 9>"$builds/$1.lock"
    flock 9
  fi
}

unlock() {
  exec 9>&-
}

# Sets build to the current one of module $1, if there is one.
find_current_build() {
  local name=
  { read -r name < "$builds/$1.current"; } 2>/dev/null || return 1
  build=$builds/$name
}

# Sets build to the current one of module $1; fails if Maven has written its jar $2 since.
is_published() {
  find_current_build "$1" && ! [ "$root/$1/target/$2" -nt "$build/in-use" ]
}

# Keeps $build for as long as this process, and what it executes in its place, runs; fails if it was
# removed just now.
hold_build() {
  if { exec 8<"$build/in-use"; } 2>/dev/null && command -v flock >/dev/null; then
    flock -s 8 || true
  fi
  [ -e "$build/in-use" ]
}

# Makes what Maven built of module $1, with jar $2, its current build.
publish() {
  local module=$1 jar=$root/$1/target/$2 name before=
  lock build
  if is_published "$module" "$2"; then
    unlock
    return 0
  fi
  if find_current_build "$module"; then before=$build; fi
  name=$module.$(date +%s).$$
  build=$builds/$name
  mkdir "$build"
  : > "$build/in-use"
  hold_build
  cp -R "$jar" "$root/$module/target/lib" "$build/"
  modernize_libraries "$build/lib"
  if [ -n "$before" ] && has_same_jars "$before" "$build"; then
    # What was learned from these jars holds.
    touch -r "$build/in-use" "$before/in-use"
    rm -rf "$build"
  else
    echo "$name" > "$builds/$module.next"
    mv "$builds/$module.next" "$builds/$module.current"
  fi
  unlock
}

# Makes libraries in folder $1 fit for the JVM's cache. What fails is run as it is.
modernize_libraries() {
  "$JAVA_HOME/bin/java" "$root/scripts/ModernClassFiles.java" "$1"/picocli-*.jar \
    > "$builds/modernize.log" 2>&1 || true
}

has_same_jars() {
  diff -rq -x in-use -x '*.aot*' "$1" "$2" > "$builds/differences.log" 2>&1
}

# Removes builds of module $1 that nobody runs from any more.
remove_unused_builds() {
  local all=("$builds/$1".*/) each mine=$build
  [ ${#all[@]} -gt 1 ] && [ -w "$builds" ] || return 0
  lock build
  find_current_build "$1"
  for each in "${all[@]}"; do
    [ "$each" = "$build/" ] || remove_if_unused "${each%/}"
  done
  unlock
  build=$mine
}

# Removes build $1 unless a process runs from it. Where the host cannot tell, one may.
remove_if_unused() {
  if ! [ -e "$1/in-use" ]; then
    rm -rf "$1"
  elif command -v flock >/dev/null; then
    # A start that wants this build waits for the removal, then finds it gone.
    flock -n -x "$1/in-use" rm -rf "$1" || true
  elif command -v lsof >/dev/null && [ -z "$(lsof -t -- "$1/in-use" 2>/dev/null)" ]; then
    rm -rf "$1"
  fi
}
