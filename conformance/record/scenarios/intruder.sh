# Scenarios: segments that do not belong, sent into a live connection by the peer's host. Each function is one trace; README.md explains the words.

# A connection without timestamps into which the peer forges one segment ($1), between two lots of real data.
forged_segment() {
  role server; network delay=10; peer_sysctl net.ipv4.tcp_timestamps=0
  dut "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: received 400, do: recv, bytes: 400}" "{when: peer closed, do: close}"
  peer "{at: 0s, do: connect}" "{when: established, do: send, bytes: 200}" "{when: all acknowledged, do: forge, $1}" "{when: all acknowledged + 100ms, do: send, bytes: 200}" "{when: all acknowledged, do: close}"
  exact tolerance=20ms; with challenge_limit=100
}

reset-in-window() {
  shows "A RST in the window, but not at the next sequence number expected: a challenge ACK, and the connection goes on."
  forged_segment "flags: R, seq: 100"
  proves RFC5961-3.2-c=segments RFC9293-3.10.7.4-f=segments RFC9293-3.5.3-a=segments
}

reset-outside-window() {
  shows "A RST outside the window: dropped without a word."
  forged_segment "flags: R, seq: 200000"
  proves RFC5961-3.2-a=segments RFC9293-3.5.3-a=segments RFC9293-3.10.7.4-f=segments
}

reset-exact() {
  shows "A RST exactly at the next sequence number expected: the connection is over, the application is told, and nothing is sent."
  forged_segment "flags: R, seq: 0"
  dut "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: received 200, do: recv, bytes: 200}" "{when: closed, do: recv, bytes: 100}"
  peer "{at: 0s, do: connect}" "{when: established, do: send, bytes: 200}" "{when: all acknowledged, do: forge, flags: R, seq: 0}" "{when: all acknowledged, do: vanish}"
  proves RFC5961-3.2-b=returns RFC9293-3.10.7.4-z=returns
}

syn-in-window() {
  shows "A SYN in the window of an established connection: a challenge ACK, and the SYN is dropped."
  forged_segment "flags: S, seq: 100"
  proves RFC5961-4.2-a=segments RFC5961-4.2-b=segments RFC9293-3.10.7.4-g=segments
}

data-without-ack() {
  shows "Data in order, but without the ACK bit: dropped."
  forged_segment "flags: P, seq: 0, bytes: 50"
  proves RFC9293-3.10.7.4-i=segments
}

data-beyond-window() {
  shows "Data beyond the window: an ACK that says what is expected, and the data is dropped."
  forged_segment "flags: P., seq: 200000, bytes: 50"
  proves RFC9293-3.10.7.4-a=segments RFC9293-3.10.7.4-e=segments RFC9293-3.5.2-c=segments
}

ack-too-old() {
  shows "An acknowledgement from long ago, older than any window ever offered: a challenge ACK, and it is dropped."
  forged_segment "flags: ., seq: 0, ack: -200000"
  proves RFC5961-5.2-a=segments
}

old-timestamp() {
  shows "Data in order with a timestamp ten seconds old: PAWS drops it, and an ACK says what is expected."
  forged_segment "flags: P., seq: 0, bytes: 50, age: 10000"; peer_sysctls=()
  proves RFC7323-5.3-a=segments RFC9293-3.4-c=ack-of-received
}
