# What the scripts of this folder share. A script begins
#
#     #!/usr/bin/env bash
#     # one line: what it shows
#     source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
#     enter "$@"
#
# and from there on runs in network, mount and process namespaces of its own, as root in them: what it makes and starts goes
# when it ends, however it ends. Without the right to make them it exits 77 with the reason on standard output.
# Exit status 0: it holds; 1: it does not, the last line says what; 77: passed over.
#
#   $lockstep       the program; $top the tree; $scratch a folder of the script's own
#   host NAME       a host with a kernel: a network namespace without IPv6, forwarding off
#   cable A IF B IF a cable between two hosts, offloads off (frames are as long as the MTU says, checksums are there)
#   address HOST IF ADDRESS/PREFIX      on HOST COMMAND...      runs a command there
#   start NAME HOST COMMAND...          in the background, output in $scratch/NAME.log; stop NAME; await NAME its exit status
#   soon SECONDS WHAT COMMAND...        repeats a command until it succeeds, fails the script when it does not in time
#   lossy HOST PERMILLE                 HOST, a router, loses that many of a thousand packets that it forwards
#   holds WHAT COMMAND...               fails the script unless the command succeeds
#   need PROGRAM...                     passes the script over unless they are installed
#   listens HOST ADDRESS PORT           whether a program of that host listens there (TCP)
#   sound CAPTURE                       fails the script if tshark finds a malformed frame or a wrong checksum,
#                                       or time that goes backwards
set -euo pipefail
export LC_ALL=C.UTF-8

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
lockstep=${LK_LOCKSTEP:-$top/build/release/lockstep}
limit=${LK_LIVE_LIMIT:-600} # seconds a script may take, on a slow and loaded machine

pass_over() { printf 'passed over: %s\n' "$*"; exit 77; }
fail() { printf 'failed: %s\n' "$*"; exit 1; }

enter() {
  local missing=() tool
  for tool in ip ss unshare nft ethtool tshark; do command -v "$tool" >/dev/null || missing+=("$tool"); done
  [ "${#missing[@]}" = 0 ] || pass_over "not installed: ${missing[*]} (conformance/install test)"
  [ -x "$lockstep" ] || pass_over "$lockstep is not built"
  if [ -z "${LK_LIVE_INSIDE:-}" ]; then
    local how=(unshare --net --mount --pid --fork --kill-child)
    [ "$(id -u)" = 0 ] || how+=(--map-root-user)
    "${how[@]}" true 2>/dev/null || pass_over "no right to make network namespaces: run as root, or allow user namespaces (unshare -rn)"
    # the first process of the namespace only waits: it inherits whatever loses its parent
    LK_LIVE_INSIDE=1 exec timeout --foreground -k 5 "$limit" "${how[@]}" bash -c '"$@"; exit $?' - "$0" "$@"
  fi
  unset LK_LIVE_INSIDE
  [ -z "${LK_LIVE_TRACE:-}" ] || set -x
  mount -t tmpfs none /run # `ip netns` keeps its names there
  mount -t proc none /proc 2>/dev/null || true # of these processes, where that is allowed
  scratch=$(mktemp -d)
  export HOME=$scratch # nobody's settings
  unset XDG_CONFIG_HOME
  trap leave EXIT
  ip link set lo up
}

# what was started goes with the process namespace
leave() {
  local status=$?
  set +e
  if [ "$status" != 0 ] && [ "$status" != 77 ]; then
    for log in "$scratch"/*.log; do [ ! -s "$log" ] || { printf '%s:\n' "${log##*/}"; tail -n 15 "$log" | sed 's/^/  /'; }; done
    [ -z "${LK_LIVE_KEEP:-}" ] || { mkdir -p "$LK_LIVE_KEEP" && cp -r "$scratch"/. "$LK_LIVE_KEEP"; }
  fi
  rm -rf "$scratch"
}

declare -A started

on() { local name=$1; shift; ip netns exec "$name" "$@"; }

host() {
  ip netns add "$1"
  on "$1" ip link set lo up
  on "$1" sysctl -qw net.ipv4.ip_forward=0
  on "$1" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 2>/dev/null || true
}

cable() {
  ip link add name "$2" netns "$1" type veth peer name "$4" netns "$3"
  local end
  for end in "$1 $2" "$3 $4"; do
    # shellcheck disable=SC2086
    set -- $end
    on "$1" ethtool -K "$2" tx off rx off gso off tso off gro off sg off >/dev/null 2>&1 || true
    on "$1" ip link set dev "$2" up
  done
}

address() { on "$1" ip address add "$3" dev "$2"; }

start() {
  local name=$1 where=$2
  shift 2
  ip netns exec "$where" "$@" >"$scratch/$name.log" 2>&1 &
  started[$name]=$!
}

# programs that this script needs beyond those of all
need() {
  local tool missing=()
  for tool in "$@"; do command -v "$tool" >/dev/null || missing+=("$tool"); done
  [ "${#missing[@]}" = 0 ] || pass_over "not installed: ${missing[*]} (conformance/install test)"
}

# whether a program of the kernel's listens there, TCP
listens() { on "$1" ss -Hltn "sport = $3" | grep -qF " $2:$3 "; }

running() { kill -0 "${started[$1]}" 2>/dev/null; }

await() {
  local status=0
  wait "${started[$1]}" || status=$?
  unset "started[$1]"
  return "$status"
}

stop() {
  kill -"${2:-TERM}" "${started[$1]}" 2>/dev/null || true
  await "$1"
}

soon() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || fail "$what did not happen in time"
    sleep 0.05
  done
}

holds() {
  local what=$1
  shift
  "$@" >"$scratch/holds.log" 2>&1 || fail "$what"
  rm -f "$scratch/holds.log"
}

lossy() {
  on "$1" nft -f - <<RULES
table ip loss {
  chain forward {
    type filter hook forward priority 0; policy accept;
    numgen random mod 1000 < $2 counter drop;
  }
}
RULES
}
# how many packets that was so far
lost() { on "$1" nft list table ip loss | sed -n 's/.*counter packets \([0-9]*\).*/\1/p'; }

# ffff for 0 is the same number in one's complement (RFC 1071 2): Linux sends it now and then, and tshark calls it wrong
sound() {
  local bad
  bad=$(timeout 300 tshark -n -r "$1" -o tcp.desegment_tcp_streams:FALSE -o http.desegment_body:FALSE -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE \
    -Y '_ws.malformed || ip.checksum.status == "Bad" || (tcp.checksum.status == "Bad" && tcp.checksum != 0xffff) || udp.checksum.status == "Bad" || icmp.checksum.status == "Bad"' 2>"$scratch/tshark.err") ||
    fail "tshark cannot read ${1##*/}: $(tail -n 1 "$scratch/tshark.err")"
  [ -z "$bad" ] || { printf '%s\n' "$bad" | head -n 5; fail "${1##*/} holds frames that are malformed or have a wrong checksum"; }
  [ -z "$(timeout 300 tshark -n -r "$1" -o tcp.desegment_tcp_streams:FALSE -Y 'frame.time_delta < 0' 2>/dev/null | head -n 1)" ] || fail "${1##*/} is not in the order of time"
  [ "$(tshark -n -r "$1" -c 1 2>/dev/null | wc -l)" = 1 ] || fail "${1##*/} is empty"
}
