# Scenarios: windows of both sides, delayed acknowledgements, segments that a window or a number makes unacceptable.
# Each function is one trace; its words are explained in README.md.

small-window() {
  shows "The peer offers a window of four segments: the device under test never has more in flight, although its congestion window would allow it."
  role client; network delay=20; peer_sysctl 'net.ipv4.tcp_rmem=4096 11584 11584'
  dut "{at: 0s, do: connect}" "{when: established, do: send, bytes: 60000}" "{when: all acknowledged, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: established, do: drain}" "{when: peer closed, do: close}"
  stream excess=0 ends_within=6s; config[0]=profile=linux
  proves RFC9293-MUST-1=within-window RFC9293-SHLD-15=within-window
}

small-window-unscaled() {
  shows "The same without window scaling: the window field counts bytes."
  role client; network delay=20; peer_sysctl 'net.ipv4.tcp_rmem=4096 11584 11584' net.ipv4.tcp_window_scaling=0
  dut "{at: 0s, do: connect}" "{when: established, do: send, bytes: 40000}" "{when: all acknowledged, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: established, do: drain}" "{when: peer closed, do: close}"
  stream excess=0 ends_within=6s; config[0]=profile=linux
  proves RFC9293-MUST-1=within-window RFC7323-2.2-a=stream-bytes
}

large-scale() {
  shows "The peer's window scale is large: a stack that forgot to shift its window would send a few bytes at a time and not be done in time."
  role client; network rate=20000000 delay=10; peer_sysctl 'net.ipv4.tcp_rmem=4096 4000000 16000000'
  dut "{at: 0s, do: connect}" "{when: established, do: send, bytes: 120000}" "{when: all acknowledged, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: established, do: drain}" "{when: peer closed, do: close}"
  stream excess=0 ends_within=1s; config[0]=profile=linux
  proves RFC7323-2.3-a=ends-within RFC7323-2.4-c=within-window
}

window-update-lost() {
  shows "The peer closes its window; the ACK that opens it again is lost: only the device's window probe finds out."
  role client; network delay=10; peer_sysctl 'net.ipv4.tcp_rmem=4096 8192 8192'; rule "in time 2.9..3.15 lose"
  dut "{at: 0s, do: connect}" "{when: established, do: send, bytes: 12000}" "{when: all acknowledged, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: established + 3s, do: drain}" "{when: peer closed, do: close}"
  stream excess=1.0 tolerance=100ms ends_within=15s; config[0]=profile=linux; fate_words=()
  proves RFC9293-MUST-36=stream-bytes RFC9293-MUST-37=stream-bytes
}

odd-bytes() {
  shows "Segments with an odd number of bytes in both directions: the checksum counts the last one as if a zero followed."
  role client; network delay=5
  dut "{at: 0s, do: connect}" "{when: established, do: send, bytes: 301}" "{when: received 501, do: recv, bytes: 501}" "{when: peer closed, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: received 301, do: recv, bytes: 301}" "{when: received 301, do: send, bytes: 501}" "{when: received 301, do: close}"
  exact tolerance=20ms
  proves RFC9293-MUST-2=checksum
}

reset-ahead() {
  shows "The peer sends 100 bytes and aborts; the data is late, so its RST arrives first, inside the window but ahead of RCV.NXT: a challenge ACK, and the connection stays until the peer's RST has the exact number."
  role server; network delay=5; rule "in bytes 1..101 0 late 300"
  dut "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: readable, do: recv, bytes: 100}"
  peer "{at: 0s, do: connect}" "{when: established + 50ms, do: send, bytes: 100}" "{when: established + 60ms, do: abort}"
  exact tolerance=20ms
  proves RFC5961-3.2-c=segments RFC5961-3.2-b=segments
}

duplicate-syn-early() {
  shows "The network delivers the peer's SYN twice within the round trip: the second one comes in SYN-RECEIVED and is answered by the SYN,ACK again; the connection goes on."
  role server; network delay=20; rule "in syn 0 again 8"
  dut "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: received 200, do: recv, bytes: 200}" "{when: peer closed, do: close}"
  peer "{at: 0s, do: connect}" "{when: established + 100ms, do: send, bytes: 200}" "{when: all acknowledged, do: close}"
  exact tolerance=20ms
  proves RFC9293-3.10.7.4-e=segments
}

karn-kept() {
  shows "Without timestamps a segment is lost twice and sent again by RTO; the next one is lost too. No valid sample came between, so its RTO is still the backed-off one."
  role client; network delay=20; rule "out bytes 101..201 0-1 lose"; rule "out bytes 201..301 0 lose"; dut_sysctl net.ipv4.tcp_timestamps=0; with timestamps=false
  dut "{at: 0s, do: connect}" "{when: established, do: send, bytes: 100}" "{when: all acknowledged, do: send, bytes: 100}" "{when: all acknowledged, do: send, bytes: 100}" \
      "{when: all acknowledged, do: send, bytes: 100}" "{when: all acknowledged, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: established, do: drain}" "{when: peer closed, do: close}"
  stream excess=1.0 tolerance=100ms ends_within=10s; config[0]=profile=linux
  proves RFC6298-3-b=karn RFC9293-MUST-18=rto-not-early
}

recovers-in-time() {
  shows "One segment early in 60,000 bytes is lost: with SACK the gap is closed within a few round trips, not after a retransmission timer of at least a second."
  role client; network rate=4000000 delay=20; rule "out bytes 2897..4345 0 lose"
  dut "{at: 0s, do: connect}" "{when: established, do: send, bytes: 60000}" "{when: all acknowledged, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: established, do: drain}" "{when: peer closed, do: close}"
  stream excess=1.0 ends_within=800ms
  proves RFC5681-3.2-c=ends-within RFC6675-5-b=recovery-cause
}

