# Labelled scenarios: transfers over networks that lose, overtake, double, damage and delay, recorded at both ends with the sender's
# own counters beside them: what a judge of captures says of such a capture is held against what is known to have happened.
# The device under test is the sender of the bulk. Names say what the network did; -nots: no timestamps, -nosack: no SACK.

# $1 bytes by the device under test over 8 Mbit/s and 20 ms each way, recovery as the kernel has it, which changes what a capture shows:
# the tail loss probe, RACK's reordering window, the undoing of what was spurious.
bulk_transfer() {
  role client; network rate=8000000 delay=20; defaults; limit=60
  dut_sysctl net.ipv4.tcp_dsack=1; peer_sysctl net.ipv4.tcp_dsack=1
  dut "{at: 0s, do: connect}" "{when: established, do: send, bytes: $1}" "{when: all acknowledged, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: established, do: drain}" "{when: peer closed, do: close}"
}
without_timestamps() { dut_sysctl net.ipv4.tcp_timestamps=0; }
without_sack() { peer_sysctl net.ipv4.tcp_sack=0; }
overtake_some() { # one data segment in EVERY is LATE ms late: $1 bytes, $2 every, $3 late
  local at
  for ((at = 1 + 1448 * 7; at < $1; at += 1448 * $2)); do rule "out bytes $at..$((at + 1448)) 0 late $3"; done
}

clean() { shows "Nothing happens: no loss, no reordering."; bulk_transfer 300000; }
clean-nots() { shows "Nothing happens, without timestamps."; bulk_transfer 300000; without_timestamps; }
loss-1() { shows "1 % of the data segments are lost at random."; bulk_transfer 600000; netem_out="loss 1%"; }
loss-1-nots() { shows "1 % of the data segments are lost at random, without timestamps."; bulk_transfer 600000; netem_out="loss 1%"; without_timestamps; }
loss-1-nosack() { shows "1 % of the data segments are lost at random, without SACK."; bulk_transfer 600000; netem_out="loss 1%"; without_sack; }
loss-3() { shows "3 % of the data segments are lost at random."; bulk_transfer 300000; netem_out="loss 3%"; }
loss-3-nots() { shows "3 % of the data segments are lost at random, without timestamps."; bulk_transfer 300000; netem_out="loss 3%"; without_timestamps; }
loss-3-nosack() { shows "3 % of the data segments are lost at random, without SACK."; bulk_transfer 300000; netem_out="loss 3%"; without_sack; }
loss-3-bare() { shows "3 % of the data segments are lost at random, without SACK and without timestamps."; bulk_transfer 300000; netem_out="loss 3%"; without_sack; without_timestamps; }
loss-8() { shows "8 % of the data segments are lost at random."; bulk_transfer 200000; netem_out="loss 8%"; }
loss-8-nots() { shows "8 % of the data segments are lost at random, without timestamps."; bulk_transfer 200000; netem_out="loss 8%"; without_timestamps; }
loss-base() { shows "3 % of the data segments are lost at random; recovery without RACK and tail loss probe."; bulk_transfer 300000; netem_out="loss 3%"; recovery=base; }
loss-bursts() { shows "Losses come in bursts (Gilbert-Elliott)."; bulk_transfer 400000; netem_out="loss gemodel 1% 30% 90% 0%"; }
loss-long-path() { shows "1 % is lost on a path of 100 ms each way."; bulk_transfer 200000; network rate=8000000 delay=100; netem_out="loss 1%"; }
loss-short-path() { shows "2 % is lost on a path of 1 ms each way."; bulk_transfer 400000; network rate=20000000 delay=1; netem_out="loss 2%"; }
loss-tail() { shows "The last two segments are lost: a tail loss probe or the RTO tells."; bulk_transfer 60816; rule "out bytes 57921..59369 0 lose"; rule "out bytes 59369..60817 0 lose"; }
loss-twice() { shows "One segment is lost, and its retransmission too."; bulk_transfer 200000; rule "out bytes 43441..44889 0-1 lose"; }
overtaken() { shows "Every twentieth segment is 3 ms late and overtaken; nothing is lost."; bulk_transfer 300000; overtake_some 300000 20 3; }
overtaken-nots() { shows "Every twentieth segment is 3 ms late and overtaken, without timestamps; nothing is lost."; bulk_transfer 300000; overtake_some 300000 20 3; without_timestamps; }
overtaken-nosack() { shows "Every twentieth segment is 3 ms late and overtaken, without SACK; nothing is lost."; bulk_transfer 300000; overtake_some 300000 20 3; without_sack; }
overtaken-far() { shows "Every twelfth segment is 15 ms late: overtaken by many, some are resent in vain."; bulk_transfer 300000; overtake_some 300000 12 15; }
overtaken-far-nots() { shows "Every twelfth segment is 15 ms late, without timestamps."; bulk_transfer 300000; overtake_some 300000 12 15; without_timestamps; }
overtaken-netem() { shows "A quarter of the segments skips a queue of 5 ms."; bulk_transfer 200000; netem_out="delay 5ms reorder 25% 50%"; }
overtaken-and-lost() { shows "1 % is lost and every twentieth segment is 4 ms late."; bulk_transfer 300000; overtake_some 300000 20 4; netem_out="loss 1%"; }
overtaken-and-lost-nots() { shows "1 % is lost and every twentieth segment is 4 ms late, without timestamps."; bulk_transfer 300000; overtake_some 300000 20 4; netem_out="loss 1%"; without_timestamps; }
jitter() { shows "Each segment's delay differs by up to 6 ms, so that many overtake."; bulk_transfer 200000; netem_out="delay 10ms 6ms"; }
doubled() { shows "The network doubles 3 % of the data segments."; bulk_transfer 300000; netem_out="duplicate 3%"; }
doubled-nots() { shows "The network doubles 3 % of the data segments, without timestamps."; bulk_transfer 300000; netem_out="duplicate 3%"; without_timestamps; }
doubled-and-lost() { shows "The network doubles 4 % of the data segments and loses 4 %."; bulk_transfer 300000; netem_out="duplicate 4% loss 4%"; }
acks-lost() { shows "10 % of the acknowledgements are lost."; bulk_transfer 300000; netem_in="loss 10%"; }
acks-lost-many() { shows "40 % of the acknowledgements are lost."; bulk_transfer 200000; netem_in="loss 40%"; }
acks-late() { shows "Acknowledgements arrive in another order."; bulk_transfer 200000; netem_in="delay 10ms 8ms"; }
both-lost() { shows "2 % is lost in each direction."; bulk_transfer 300000; netem_out="loss 2%"; netem_in="loss 2%"; }
corrupted() { shows "One bit of 2 % of the data segments arrives wrong."; bulk_transfer 300000; netem_out="corrupt 2%"; }
blackout-short() { shows "Nothing passes for 150 ms."; bulk_transfer 300000; rule "out time 0.15..0.30 lose"; rule "in time 0.15..0.30 lose"; }
blackout-long() { shows "Nothing passes for 2 seconds: the RTO backs off."; bulk_transfer 300000; rule "out time 0.15..2.15 lose"; rule "in time 0.15..2.15 lose"; }
held() { shows "Everything is held back for 800 ms and then delivered: the retransmissions are spurious."; bulk_transfer 300000; rule "out time 0.15..0.55 hold"; }
queue-small() { shows "A queue of 8 frames at 2 Mbit/s overflows."; bulk_transfer 200000; network rate=2000000 delay=20 queue=8; }
queue-small-nots() { shows "A queue of 8 frames at 2 Mbit/s overflows, without timestamps."; bulk_transfer 200000; network rate=2000000 delay=20 queue=8; without_timestamps; }
reader-slow() { shows "The receiver's application reads late: the window closes and is probed."; bulk_transfer 400000
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{at: 1500ms, do: drain}" "{when: peer closed, do: close}"; }
reader-slow-loss() { shows "The receiver's application reads late and 2 % is lost."; bulk_transfer 400000; netem_out="loss 2%"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{at: 1500ms, do: drain}" "{when: peer closed, do: close}"; }
small-writes() { shows "Fifty writes of 300 bytes, 2 % lost: small segments whose retransmissions have other edges."; bulk_transfer 1; dut_sysctl net.ipv4.tcp_autocorking=0; netem_out="loss 2%"
  local k; dut_calls=("{at: 0s, do: connect}" "{when: established, do: option, name: nodelay, value: 1}")
  for k in {1..50}; do dut_calls+=("{when: established + $((k * 7))ms, do: send, bytes: 300}"); done
  dut_calls+=("{when: all acknowledged, do: close}"); }
