# Makes the cache with which the JVM starts quickly. Needs common.sh and builds.sh.

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
  [ -w "$builds" ] || return 0
  lock train
  if is_trained "$jar" "$cache"; then
    unlock
    return 0
  fi
  rm -f "$cache.new" "$cache.booted"
  if has_linux_guest; then
    echo "$(basename "$0"): learning from a boot (this happens once after each change) ..." >&2
    echo poweroff | train "$jar" "$cache" run linux 9>&- || rm -f "$cache.new"
    # Where it did not work, as on a host that is too slow for it, it would not at the next start.
    touch "$cache.booted"
  fi
  if [ ! -s "$cache.new" ]; then train_by_loop "$jar" "$cache" 9>&-; fi
  # An empty cache says that training failed, so that it is not tried at each start.
  if [ -s "$cache.new" ]; then mv "$cache.new" "$cache"; else : > "$cache"; fi
  unlock
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
    -XX:AOTCacheOutput="$cache.new" -jar "$jar" "$@" > "$builds/train.log" 2>&1
}

train_by_loop() {
  local kernel
  kernel=$(mktemp) || return 0
  write_training_kernel "$kernel"
  train "$1" "$2" run --kernel "$kernel" --device debug-exit --memory 32M < /dev/null || true
  rm -f "$kernel"
}
