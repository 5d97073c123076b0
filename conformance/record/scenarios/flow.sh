# Scenarios: acknowledgements, windows, small segments, silence. Each function is one trace; its words are explained in README.md.

delayed-ack() {
  shows "The peer sends five segments of 101 bytes, 700 ms apart. Each is acknowledged within 500 ms."
  role client; network delay=10
  dut "{at: 0s, do: connect}" "{when: received 505, do: recv, bytes: 505}" "{when: peer closed, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: established, do: send, bytes: 101}" "{when: established + 700ms, do: send, bytes: 101}" \
       "{when: established + 700ms, do: send, bytes: 101}" "{when: established + 700ms, do: send, bytes: 101}" "{when: established + 700ms, do: send, bytes: 101}" "{when: all acknowledged, do: close}"
  stream excess=1.0 ends_within=6s
  proves RFC9293-MUST-40=ack-within-500ms RFC5681-4.2-b=ack-within-500ms RFC9293-3.4-c=ack-of-received
}

every-second-segment() {
  shows "The peer sends 30 full segments to a device that delays its ACKs: one ACK for every second segment."
  role client; network rate=4000000 delay=20; dut_sysctl 'net.ipv4.tcp_rmem=4096 1048576 1048576'; with receive_buffer=65536 quick_acks=0
  dut "{at: 0s, do: connect}" "{when: established, do: option, name: quickack, value: 0, only: recording}" "{when: peer closed, do: recv, bytes: 43440}" "{when: peer closed, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: established + 30ms, do: send, bytes: 43440}" "{when: all acknowledged, do: close}"
  exact tolerance=20ms; compared=acks
  proves RFC9293-SHLD-19=ack-every-second RFC5681-4.2-b=ack-time RFC9293-SHLD-18=ack-time
}

odd-lengths() {
  shows "Segments of odd lengths both ways, 1 byte among them: the last byte counts in the checksum too."
  role client; network delay=10 dut_route='quickack 1'
  dut "{at: 0s, do: connect}" "{when: established, do: send, bytes: 1}" "{when: received 3, do: recv, bytes: 3}" "{when: received 3, do: send, bytes: 301}" "{when: received 504, do: recv, bytes: 501}" "{when: received 504, do: send, bytes: 1447}" "{when: peer closed, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: received 1, do: send, bytes: 3}" "{when: received 302, do: send, bytes: 501}" "{when: received 1749, do: recv, bytes: 1749}" "{when: received 1749, do: close}"
  exact tolerance=20ms
  proves RFC9293-MUST-2=checksum RFC791-3.1-b=checksum RFC9293-3.10.7.4-ad=segments
}

large-window-scale() {
  shows "The peer scales its window by 2^7: the number in its segments is small, the window is not, and full segments leave at once."
  role server; network delay=10; peer_sysctl 'net.ipv4.tcp_rmem=4096 131072 6291456'
  dut "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: received 201, do: recv, bytes: 201}" "{when: received 201, do: send, bytes: 4344}" "{when: all acknowledged, do: close}"
  peer "{at: 0s, do: connect}" "{when: established, do: send, bytes: 201}" "{when: received 4344, do: recv, bytes: 4344}" "{when: peer closed, do: close}"
  exact tolerance=20ms
  proves RFC7323-2.3-d=segments RFC7323-2.3-c=segments RFC7323-2.3-a=options
}

nagle() {
  shows "Three small writes in a row: the first leaves at once, the others wait for its acknowledgement and leave together."
  role client; network delay=30
  dut "{at: 0s, do: connect}" "{when: established, do: send, bytes: 101}" "{when: established, do: send, bytes: 103}" "{when: established, do: send, bytes: 105}" "{when: all acknowledged, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: established, do: drain}" "{when: peer closed, do: close}"
  exact tolerance=20ms
  proves RFC9293-SHLD-7=segments
}

nodelay() {
  shows "Nagle is switched off: three small writes are three segments, without waiting for an acknowledgement."
  role client; network delay=30
  dut "{at: 0s, do: connect}" "{when: established, do: option, name: nodelay, value: 1}" "{when: established, do: send, bytes: 101}" "{when: established, do: send, bytes: 103}" "{when: established, do: send, bytes: 105}" "{when: all acknowledged, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: established, do: drain}" "{when: peer closed, do: close}"
  exact tolerance=20ms
  proves RFC9293-MUST-17=segments
}

small-reads() {
  shows "The window is closed and the application reads 500 bytes, and 500 again: no window update. It reads 2,000: now a full segment fits, and the window opens."
  role client; network delay=10 dut_route='quickack 1'; dut_sysctl 'net.ipv4.tcp_rmem=4096 8192 8192'; with receive_buffer=4688 challenge_limit=100
  dut "{at: 0s, do: connect}" "{when: received 4688, do: recv, bytes: 500}" "{when: received 4688 + 100ms, do: recv, bytes: 500}" "{when: received 4688 + 100ms, do: recv, bytes: 2000}" \
      "{when: peer closed, do: recv, bytes: 6000}" "{when: peer closed, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: established, do: send, bytes: 4688}" "{when: all acknowledged + 1s, do: close}"
  exact tolerance=20ms; compared=right-edge
  proves RFC9293-MUST-39=segments RFC9293-3.8.6.2.2-a=segments RFC9293-SHLD-14=window
}

keep-alive() {
  shows "Keep-alive is on with 2 s of silence before a probe and 1 s between two: a probe that is answered, and one that is not, are no reason to give up."
  role client; network delay=10; rule "out ack 1 3 lose"
  dut "{at: 0s, do: connect}" "{when: established, do: option, name: keepalive_idle, value: 2s}" "{when: established, do: option, name: keepalive_interval, value: 1s}" \
      "{when: established, do: option, name: keepalive, value: 1}" "{when: received 101, do: recv, bytes: 101}" "{when: peer closed, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: established + 8500ms, do: send, bytes: 101}" "{when: all acknowledged, do: close}"
  exact tolerance=150ms
  proves RFC9293-MUST-24=segments RFC9293-MUST-27=segments RFC9293-MUST-29=segments RFC9293-SHLD-12=segments
}

receive-bulk() {
  shows "The peer sends 60,000 bytes into a window of 16 KB; the application reads 4,000 at a time, as they come. The window must not close, nor its right edge go back, while there is room."
  role client; network rate=10000000 delay=20; dut_sysctl 'net.ipv4.tcp_rmem=4096 32768 32768'; with receive_buffer=16384
  local k calls=()
  for k in {1..15}; do calls+=("{when: received $((k * 4000)), do: recv, bytes: 4000}"); done
  dut "{at: 0s, do: connect}" "${calls[@]}" "{when: peer closed, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: established, do: send, bytes: 60000}" "{when: all acknowledged, do: close}"
  stream excess=1.0 ends_within=1500ms; config[0]=profile=linux
  proves RFC9293-SHLD-14=receive-window RFC9293-3.8.6.2.2-b=ends-within RFC9293-3.4-c=ack-of-received RFC9293-3.10.7.4-ad=stream-bytes
}
