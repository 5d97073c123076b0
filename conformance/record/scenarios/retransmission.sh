# Scenarios: what a sender does about loss, and a receiver. Each function is one trace; its words are explained in README.md.
# Unless a scenario says otherwise the link has 4 Mbit/s and 40 ms, and the peer acknowledges every segment.

# The device under test opens, sends $1 bytes and closes when all is acknowledged; the peer reads it all.
bulk_client() {
  role client; network rate=4000000 delay=20
  dut "{at: 0s, do: connect}" "{when: established, do: send, bytes: $1}" "{when: all acknowledged, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: established, do: drain}" "{when: peer closed, do: close}"
}

no_timestamps() { dut_sysctl net.ipv4.tcp_timestamps=0; with timestamps=false; }

# The same with the device under test as server: the peer asks with 100 bytes.
bulk_server() {
  role server; network rate=4000000 delay=20
  dut "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: received 100, do: recv, bytes: 100}" "{when: received 100, do: send, bytes: $1}" "{when: all acknowledged, do: close}"
  peer "{at: 0s, do: connect}" "{when: established, do: send, bytes: 100}" "{when: established, do: drain}" "{when: peer closed, do: close}"
}

loss-early() {
  shows "Bulk of 120,000 bytes by the device under test over 4 Mbit/s and 40 ms; the third segment is lost once. SACK and timestamps are on, so the gap is closed by fast retransmit."
  bulk_client 120000; rule "out bytes 2897..4345 0 lose"
  stream excess=1.0 ends_within=3s
  proves RFC6675-5-b=recovery-cause RFC5681-3.2-c=recovery-cause RFC6675-4-b=lost-resent RFC9293-MUST-2=checksum RFC7323-2.4-c=within-window
}

loss-middle() {
  shows "One segment in the middle of 65,000 bytes is lost once, with a window in flight: fast retransmit. The device under test is the server."
  bulk_server 65000; rule "out bytes 28961..30409 0 lose"
  stream excess=1.0 ends_within=3s
  proves RFC6675-5-b=recovery-cause RFC5681-3.2-c=recovery-cause RFC6675-4-b=lost-resent RFC9293-3.6-c=lost-resent
}

loss-tail() {
  shows "The last segment of 30,000 bytes is lost once: no duplicate ACK can tell, so it is sent again when the RTO fires, not before."
  bulk_client 30000; rule "out bytes 28961..30001 0 lose"
  stream excess=1.0 ends_within=4s; config[0]=profile=linux
  proves RFC9293-3.10.8-a=lost-resent RFC6298-5-e=recovery-cause RFC6298-5-a=rto-not-early RFC6298-2-e=rto-not-early
}

loss-tail-defaults() {
  shows "The last segment of 30,000 bytes is lost once, with the kernel's defaults: its tail loss probe sends it again before the RTO."
  bulk_client 30000; rule "out bytes 28961..30001 0 lose"; defaults
  stream excess=1.0 ends_within=4s; config[0]=profile=linux
  proves RFC9293-3.6-c=lost-resent RFC9293-MUST-2=checksum
}

loss-several() {
  shows "Three segments of one window are lost once each. SACK tells all three; they are sent again in one recovery, each once."
  bulk_client 65000; rule "out bytes 15929..17377 0 lose"; rule "out bytes 20273..21721 0 lose"; rule "out bytes 24617..26065 0 lose"
  stream excess=1.0 ends_within=3s
  proves RFC6675-4-b=lost-resent RFC6675-5-b=recovery-cause RFC6675-5-c=recovery-cause RFC9293-3.6-c=lost-resent
}

loss-many() {
  shows "Twelve segments of one window are lost, every second one. SACK tells them all, so that they are sent again within two round trips of 200 ms, not one in each."
  bulk_client 115840; network rate=10000000 delay=100
  local k
  for k in {31..53..2}; do rule "out bytes $((1 + 1448 * k))..$((1449 + 1448 * k)) 0 lose"; done
  stream excess=1.0 ends_within=2600ms; config[0]=profile=linux
  proves RFC6675-4-b=ends-within RFC6675-5-d=ends-within RFC2018-5-a=ends-within RFC9293-3.6-c=lost-resent
}

loss-several-defaults() {
  shows "Three segments of one window are lost once each, with the kernel's defaults (RACK)."
  bulk_client 65000; rule "out bytes 15929..17377 0 lose"; rule "out bytes 20273..21721 0 lose"; rule "out bytes 24617..26065 0 lose"; defaults
  stream excess=1.0 ends_within=3s
  proves RFC6675-4-b=lost-resent RFC9293-3.6-c=lost-resent RFC7323-2.4-c=within-window
}

loss-without-sack() {
  shows "One segment is lost once and there is no SACK: three duplicate ACKs are the only evidence, and one segment is sent again."
  bulk_client 65000; rule "out bytes 15929..17377 0 lose"; peer_sysctl net.ipv4.tcp_sack=0; dut_sysctl net.ipv4.tcp_sack=0; with sack=false
  stream excess=1.0 ends_within=3s
  proves RFC5681-3.2-c=recovery-cause RFC5681-3.2-h=lost-resent RFC5681-2-b=recovery-cause
}

losses-without-sack() {
  shows "Two segments of one window are lost and there is no SACK: the partial ACK of NewReno tells the second."
  bulk_server 65000; rule "out bytes 15929..17377 0 lose"; rule "out bytes 21721..23169 0 lose"; peer_sysctl net.ipv4.tcp_sack=0; dut_sysctl net.ipv4.tcp_sack=0; with sack=false
  stream excess=1.0 ends_within=3s
  proves RFC6582-3.2-c=recovery-cause RFC5681-3.2-c=recovery-cause RFC5681-3.2-h=lost-resent
}

retransmission-lost() {
  shows "A segment is lost, and its retransmission too: only the RTO can help."
  bulk_client 40000; rule "out bytes 14481..15929 0-1 lose"
  stream excess=1.0 tolerance=100ms ends_within=5s; config[0]=profile=linux
  proves RFC6298-5-e=recovery-cause RFC9293-3.10.8-a=lost-resent RFC6298-5-a=rto-not-early RFC6675-5.1-a=recovery-cause
}

retransmission-lost-defaults() {
  shows "A segment is lost, and its retransmission too, with the kernel's defaults: RACK notices the second loss without waiting for the RTO."
  bulk_client 65000; rule "out bytes 14481..15929 0-1 lose"; defaults
  stream excess=1.0 ends_within=5s; config[0]=profile=linux
  proves RFC9293-3.6-c=lost-resent RFC6675-4-b=lost-resent
}

rto-back-off() {
  shows "A small segment is lost four times in a row: sent again after the RTO, then after twice, four and eight times as long."
  role client; network delay=20; rule "out bytes 101..201 0-3 lose"
  dut "{at: 0s, do: connect}" "{when: established, do: send, bytes: 100}" "{when: all acknowledged, do: send, bytes: 100}" "{when: all acknowledged, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: established, do: drain}" "{when: peer closed, do: close}"
  stream excess=1.0 tolerance=100ms ends_within=20s; config[0]=profile=linux
  proves RFC6298-5-f=rto-doubled RFC6298-5-e=lost-resent RFC6298-5-a=rto-not-early RFC9293-MUST-19=rto-doubled
}

rto-give-up() {
  shows "Nothing arrives any more after the first 100 bytes: the RTO doubles until the device under test gives up (tcp_retries2=4) and tells the application."
  role client; network delay=20; rule "out bytes 101..201 * lose"; dut_sysctl net.ipv4.tcp_retries2=4
  dut "{at: 0s, do: connect}" "{when: established, do: send, bytes: 100}" "{when: all acknowledged, do: send, bytes: 100}" "{when: established, do: recv, bytes: 1}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: received 100, do: recv, bytes: 100}" "{at: 17s, do: vanish}"
  limit=40
  stream excess=10 tolerance=100ms ends_within=30s; config[0]=profile=linux; with r2=4
  proves RFC9293-MUST-20=returns RFC6298-5-f=rto-doubled RFC6298-5-a=rto-not-early RFC9293-3.10.8-b=returns
}

ack-loss() {
  shows "For 25 ms no ACK of the peer arrives; the next one covers what they said. Nothing was lost of the data, nothing is sent again."
  bulk_client 65000; rule "in time 0.15..0.175 lose"; fate_words=(window=0.15..0.175)
  stream excess=1.0 ends_within=3s; must_not=(1..65001)
  proves RFC6298-5-a=must-not-resend RFC5681-3.2-c=must-not-resend RFC6298-5-d=must-not-resend
}

reordering() {
  shows "One segment arrives after two that were sent later: two duplicate ACKs, one less than a loss. Nothing is sent again."
  bulk_client 65000; rule "out bytes 15929..17377 0 late 7"
  stream excess=1.0 ends_within=3s; must_not=(1..65001)
  proves RFC5681-3.2-m=must-not-resend RFC5681-3.2-c=must-not-resend RFC6675-5-b=must-not-resend
}

duplication() {
  shows "The network delivers two data segments twice. The duplicate ACKs that this draws are no evidence of loss; nothing is sent again."
  bulk_client 65000; rule "out bytes 8689..10137 0 again 8"; rule "out bytes 31857..33305 0 again 8"
  stream excess=1.0 ends_within=3s; must_not=(1..65001)
  proves RFC6675-2-a=must-not-resend RFC5681-3.2-c=must-not-resend
}

duplicate-acks() {
  shows "The network delivers two ACKs twice, without SACK and in the middle of the transfer: a single duplicate is no evidence of loss."
  bulk_client 65000; rule "in ack 23169 0 again 1"; rule "in ack 30409 0 again 1"; peer_sysctl net.ipv4.tcp_sack=0; dut_sysctl net.ipv4.tcp_sack=0; with sack=false
  stream excess=1.0 ends_within=3s; must_not=(1..65001)
  proves RFC5681-3.2-c=must-not-resend RFC5681-3.2-m=must-not-resend
}

blackout() {
  shows "Nothing passes in either direction for 2.5 seconds in the middle of a transfer. The RTO doubles in silence; then everything lost is sent again and the transfer ends."
  bulk_client 65000; rule "out time 0.15..2.65 lose"; rule "in time 0.15..2.65 lose"; fate_words=(window=0.15..2.65)
  stream excess=3 tolerance=100ms ends_within=12s; config[0]=profile=linux
  proves RFC6298-5-f=rto-doubled RFC6298-5-a=rto-not-early RFC6298-5-e=lost-resent RFC9293-3.10.8-a=lost-resent
}

spurious-rto() {
  shows "There are no timestamps, and the ACKs are held up for 500 ms: the RTO fires although nothing was lost. One window at most may be sent again."
  bulk_client 65000; rule "in time 0.13..0.63 hold"; fate_words=(held); no_timestamps
  stream excess=1.0 ends_within=6s; config[0]=profile=linux
  proves RFC6298-5-a=rto-not-early RFC6298-5-e=recovery-cause
}

spurious-rto-defaults() {
  shows "There are no timestamps, and the ACKs are held up for 500 ms, with the kernel's defaults: F-RTO finds out that the RTO was spurious and sends no more again."
  bulk_client 65000; rule "in time 0.13..0.63 hold"; fate_words=(held); defaults; no_timestamps
  stream excess=1.0 ends_within=6s; config[0]=profile=linux
  proves RFC6298-5-a=rto-not-early RFC6298-5-e=recovery-cause
}

karn() {
  shows "Without timestamps a segment is lost and sent again by RTO: its ACK is no sample, the backed-off RTO stays until new data is acknowledged."
  role client; network delay=20; rule "out bytes 101..201 0-1 lose"; rule "out bytes 301..401 0 lose"; dut_sysctl net.ipv4.tcp_timestamps=0; with timestamps=false
  dut "{at: 0s, do: connect}" "{when: established, do: send, bytes: 100}" "{when: all acknowledged, do: send, bytes: 100}" "{when: all acknowledged, do: send, bytes: 100}" \
      "{when: all acknowledged, do: send, bytes: 100}" "{when: all acknowledged, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: established, do: drain}" "{when: peer closed, do: close}"
  stream excess=1.0 tolerance=100ms ends_within=10s; config[0]=profile=linux
  proves RFC6298-3-b=karn RFC9293-MUST-18=karn RFC6298-5-f=rto-doubled RFC9293-3.8.2-a=karn
}

loss-random() {
  shows "5 % of the data segments are lost at random (netem). What is lost is sent again, and little else."
  bulk_client 120000; netem_out="loss 5%"; fate_words=()
  stream excess=1.5 ends_within=8s; config[0]=profile=linux
  proves RFC9293-3.6-c=lost-resent RFC6675-5-b=recovery-cause RFC7323-2.4-c=within-window
}

zero-window-receiver() {
  shows "The application does not read for 2 seconds: the device under test offers a zero window and acknowledges each of the peer's probes; when the application reads, it opens the window again."
  role client; network delay=10 dut_route='quickack 1'; dut_sysctl 'net.ipv4.tcp_rmem=4096 8192 8192'; with receive_buffer=4688 challenge_limit=100
  dut "{at: 0s, do: connect}" "{when: established + 2s, do: recv, bytes: 60000}" "{when: peer closed, do: recv, bytes: 60000}" "{when: peer closed, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: established, do: send, bytes: 6000}" "{when: all acknowledged, do: close}"
  exact tolerance=50ms
  proves RFC9293-3.8.6.1-a=segments RFC9293-3.8.6.2.2-b=segments RFC9293-3.10.7.4-d=segments
}

zero-window-sender() {
  shows "The peer does not read for 3 seconds and closes its window: the device under test probes it after its RTO and then ever more slowly, and goes on when it opens."
  role client; network delay=10; peer_sysctl 'net.ipv4.tcp_rmem=4096 8192 8192'
  dut "{at: 0s, do: connect}" "{when: established, do: send, bytes: 12000}" "{when: all acknowledged, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: established + 3s, do: drain}" "{when: peer closed, do: close}"
  stream excess=1.0 tolerance=100ms ends_within=15s; config[0]=profile=linux
  proves RFC9293-MUST-36=stream-bytes RFC7323-2.4-c=within-window
}

# The peer sends $1 bytes in one go; the device under test acknowledges every segment at once.
bulk_received() {
  role client; network delay=20 dut_route='quickack 1'
  dut "{at: 0s, do: connect}" "{when: received $1, do: recv, bytes: $1}" "{when: peer closed, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: established, do: send, bytes: $1}" "{when: all acknowledged, do: close}"
}

receive-loss() {
  shows "The device under test receives; one segment of ten is lost. Each segment above the gap draws a duplicate ACK at once, with SACK of what is there; the one that fills the gap draws an ACK of all."
  bulk_received 14480; rule "in bytes 2897..4345 0 lose"
  exact tolerance=20ms
  proves RFC5681-3.2-a=duplicate-ack RFC2018-4-d=sack-true RFC2018-4-f=sack-true RFC5681-3.2-b=ack-time RFC9293-3.4-c=ack-of-received
}

receive-loss-without-sack() {
  shows "The device under test receives; one segment of ten is lost, and there is no SACK: plain duplicate ACKs."
  bulk_received 14480; rule "in bytes 2897..4345 0 lose"; dut_sysctl net.ipv4.tcp_sack=0; with sack=false
  exact tolerance=20ms
  proves RFC5681-3.2-a=duplicate-ack RFC2018-4-c=options RFC5681-3.2-b=ack-time RFC9293-3.4-c=ack-of-received
}

receive-two-gaps() {
  shows "The device under test receives; two segments are lost, so two gaps are open at once, and the SACK blocks say so, the newest first."
  bulk_received 14480; rule "in bytes 2897..4345 0 lose"; rule "in bytes 7241..8689 0 lose"
  exact tolerance=20ms
  proves RFC2018-4-f=sack-true RFC2018-4-g=sack-true RFC2018-4-h=sack-true RFC5681-3.2-a=duplicate-ack
}

receive-reordering() {
  shows "The device under test receives; one segment is overtaken by three: duplicate ACKs at once, then one ACK for all when the gap is filled."
  bulk_received 14480; network rate=10000000; dut_sysctl net.ipv4.tcp_dsack=1; rule "in bytes 2897..4345 0 late 3.9"
  exact tolerance=20ms
  proves RFC9293-SHLD-31=ack-of-received RFC5681-3.2-a=duplicate-ack RFC5681-3.2-b=ack-time RFC2018-4-f=sack-true
}

receive-duplicate() {
  shows "The device under test receives; one segment comes twice: the second one is answered by an ACK whose SACK block names it, and delivered to nobody."
  bulk_received 5792; dut_sysctl net.ipv4.tcp_dsack=1; rule "in bytes 1449..2897 0 again 100"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: established, do: send, bytes: 5792}" "{when: all acknowledged + 200ms, do: close}"
  exact tolerance=20ms
  proves RFC9293-3.10.7.4-e=segments RFC9293-3.5.2-c=segments RFC2883-4-a=options RFC9293-3.10.7.4-a=segments
}

receive-corrupt() {
  shows "The device under test receives; a bit of one segment is turned on the way. The checksum says so, the segment does not count, and the peer sends it again."
  bulk_received 5792; rule "in bytes 4345..5793 0 corrupt"
  exact tolerance=20ms
  proves RFC9293-MUST-3=ack-of-received RFC9293-3.10.7.4-ad=segments
}
