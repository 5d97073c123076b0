# Scenarios: what a sender does about loss. Each function is one trace; its words are explained in README.md.

loss-early() {
  shows "Bulk of 120,000 bytes by the device under test over 4 Mbit/s and 40 ms; the third segment is lost once. SACK and timestamps are on, so the gap is closed by fast retransmit."
  role client; network rate=4000000 delay=20
  rule "out bytes 2897..4345 0 lose"
  dut "{at: 0s, do: connect}" "{when: established, do: send, bytes: 120000}" "{when: all acknowledged, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: established, do: drain}" "{when: peer closed, do: close}"
  stream excess=1.0 ends_within=3s
  proves RFC6675-5-b=recovery-cause RFC5681-3.2-c=recovery-cause RFC5681-3.2-h=lost-resent RFC6675-4-b=lost-resent RFC9293-MUST-2=checksum
}
