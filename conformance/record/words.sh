# The words that a scenario is written in: sourced by guest and compose, never run. A scenario is a function; it only
# fills these variables. What each word means is in README.md.
clear_scenario() {
  text='' role='' dut_calls=() peer_calls=() rate=0 delay=1 back='' queue=0 rules=() dut_sysctls=() peer_sysctls=()
  mode=exact tolerance='' excess='' ends_within='' must_not=() peer_kind=recorded ack=every config=(profile=linux) proofs=() settled=0.6 recovery=base
  fate_words=(required) netem_out='' netem_in='' dut_program='' peer_program='' neighbours=answered limit=20 dut_port=0 peer_port=0 yaml_calls=()
  peer_route='quickack 1' dut_route='' compared='' injected=()
}
shows() { text=$1; }
role() { role=$1; }
dut() { dut_calls=("$@"); }
peer() { peer_calls=("$@"); }
network() { local word; for word; do declare -g "${word%%=*}=${word#*=}"; done; }
rule() { rules+=("$1"); }
dut_sysctl() { dut_sysctls+=("$@"); }
peer_sysctl() { peer_sysctls+=("$@"); }
exact() { mode=exact peer_kind=recorded; network "$@"; }
stream() { mode=stream peer_kind=acting; config[0]=profile=rfc; network "$@"; }
with() { config+=("$@"); }
proves() { proofs+=("$@"); }
settle() { settled=$1; }
defaults() { recovery=defaults; }
