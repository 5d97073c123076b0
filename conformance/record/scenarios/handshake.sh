# Scenarios: how connections begin. Each function is one trace; its words are explained in README.md.

active-open() {
  shows "Active open with all options (MSS, SACK permitted, timestamps, window scale), a little data each way, and a close by the peer."
  role client; network delay=5
  dut "{at: 0s, do: connect}" "{when: established, do: send, bytes: 300}" "{when: received 500, do: recv, bytes: 500}" "{when: peer closed, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: received 300, do: recv, bytes: 300}" "{when: received 300, do: send, bytes: 500}" "{when: all acknowledged, do: close}"
  exact tolerance=20ms; config[0]=profile=linux
  proves RFC9293-3.5-a=handshake RFC9293-3.10.1-a=handshake RFC9293-3.10.7.3-b=handshake RFC9293-MUST-14=options RFC7323-2.2-a=options RFC9293-3.6-d=teardown RFC9293-MUST-2=checksum
}

passive-open() {
  shows "Passive open with all options, a request of 200 bytes, an answer of 700, and a close by the device under test."
  role server; network delay=5
  dut "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: received 200, do: recv, bytes: 200}" "{when: received 200, do: send, bytes: 700}" "{when: all acknowledged, do: close}"
  peer "{at: 0s, do: connect}" "{when: established, do: send, bytes: 200}" "{when: received 700, do: recv, bytes: 700}" "{when: peer closed, do: close}"
  exact tolerance=20ms
  proves RFC9293-3.10.7.2-c=handshake RFC9293-3.10.7.4-j=handshake RFC7323-2.3-a=options RFC7323-2.3-e=options RFC9293-3.6-a=teardown RFC7323-3.2-b=segments RFC9293-MUST-2=checksum
}

refused() {
  shows "Active open to a port where nobody listens: the peer's RST,ACK refuses it and the application is told."
  role client; network delay=5
  dut "{at: 0s, do: connect}"
  peer
  exact
  proves RFC9293-3.5.3-b=returns RFC9293-3.10.1-a=handshake
}
