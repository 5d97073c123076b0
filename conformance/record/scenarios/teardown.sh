# Scenarios: how connections end. Each function is one trace; its words are explained in README.md.

# A peer that listens, takes what comes until the end of the stream, and then closes.
patient_peer() {
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: peer closed, do: close}"
}

active-close() {
  shows "The device under test closes first: FIN, ACK, FIN, ACK through FIN-WAIT-1, FIN-WAIT-2 and TIME-WAIT."
  role client; network delay=10
  dut "{at: 0s, do: connect}" "{when: established, do: send, bytes: 300}" "{when: all acknowledged, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: received 300, do: recv, bytes: 300}" "{when: peer closed + 100ms, do: close}"
  exact tolerance=20ms
  proves RFC9293-3.6-a=teardown RFC9293-3.10.7.4-m=teardown RFC9293-3.10.7.4-x=teardown RFC9293-3.4-b=fin-rst-legal
}

passive-close() {
  shows "The peer closes first; the device under test acknowledges the FIN at once and sends its own 100 ms later, when its application closes."
  role client; network delay=10 dut_route='quickack 1'
  dut "{at: 0s, do: connect}" "{when: received 300, do: recv, bytes: 300}" "{when: peer closed + 100ms, do: recv, bytes: 100}" "{when: peer closed, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: established, do: send, bytes: 300}" "{when: all acknowledged, do: close}"
  exact tolerance=20ms
  proves RFC9293-3.6-d=teardown RFC9293-3.10.7.4-v=teardown RFC9293-3.10.7.4-o=teardown RFC9293-MUST-12=returns
}

simultaneous-close() {
  shows "Both ends close at the same moment and the FINs cross: both go through CLOSING to TIME-WAIT."
  role client; network delay=60
  dut "{at: 0s, do: connect}" "{when: established + 200ms, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: established + 150ms, do: close}"
  exact tolerance=20ms
  proves RFC9293-3.6-b=teardown RFC9293-3.10.7.4-w=teardown RFC9293-3.10.7.4-n=teardown
}

half-close() {
  shows "The device under test closes its sending side; the peer goes on and sends 3,000 bytes, which are acknowledged and delivered in FIN-WAIT-2."
  role client; network delay=10
  dut "{at: 0s, do: connect}" "{when: established, do: send, bytes: 300}" "{when: all acknowledged, do: shutdown}" "{when: received 3000, do: recv, bytes: 3000}" "{when: peer closed, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: received 300, do: recv, bytes: 300}" "{when: peer closed + 50ms, do: send, bytes: 1000}" \
       "{when: all acknowledged, do: send, bytes: 1000}" "{when: all acknowledged, do: send, bytes: 1000}" "{when: all acknowledged, do: close}"
  exact tolerance=20ms
  proves RFC9293-3.10.7.4-ae=teardown RFC9293-3.6-d=teardown RFC9293-3.10.7.4-x=teardown RFC9293-3.10.7.4-ad=segments
}

half-close-peer() {
  shows "The peer closes its sending side; the device under test goes on in CLOSE-WAIT, sends 3 times 1,000 bytes, and closes through LAST-ACK."
  role server; network delay=10 dut_route='quickack 1'
  dut "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: peer closed, do: send, bytes: 1000}" "{when: all acknowledged, do: send, bytes: 1000}" "{when: all acknowledged, do: send, bytes: 1000}" "{when: all acknowledged, do: close}"
  peer "{at: 0s, do: connect}" "{when: established, do: shutdown}" "{when: received 3000, do: recv, bytes: 3000}" "{when: peer closed, do: close}"
  exact tolerance=20ms
  proves RFC9293-3.10.2-a=segments RFC9293-3.10.4-b=teardown RFC9293-3.10.7.4-o=teardown RFC9293-3.10.7.4-v=teardown
}

fin-lost() {
  shows "The FIN of the device under test is lost and sent again after its RTO."
  role client; network delay=10; rule "out fin 0 lose"
  dut "{at: 0s, do: connect}" "{when: established, do: send, bytes: 300}" "{when: all acknowledged, do: close}"
  patient_peer; peer_calls=("${peer_calls[@]:0:2}" "{when: received 300, do: recv, bytes: 300}" "${peer_calls[2]}")
  exact tolerance=50ms
  proves RFC9293-3.6-c=retransmission-time RFC6298-5-a=rto-not-early RFC9293-3.6-a=teardown
}

peer-fin-lost() {
  shows "The peer's FIN is lost; the device under test, in FIN-WAIT-2, knows nothing of it until it comes again, and acknowledges that one."
  role client; network delay=10; rule "in fin 0 lose"
  dut "{at: 0s, do: connect}" "{when: established, do: close}"
  patient_peer
  exact tolerance=20ms
  proves RFC9293-3.6-a=teardown RFC9293-3.10.7.4-x=teardown RFC9293-3.10.7.4-m=teardown
}

ack-of-fin-lost() {
  shows "The acknowledgement of the FIN is lost and the peer does not close yet: the FIN is sent again after the RTO, and acknowledged."
  role client; network delay=10; rule "in ack 302 0 lose"
  dut "{at: 0s, do: connect}" "{when: established, do: send, bytes: 300}" "{when: all acknowledged, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: received 300, do: recv, bytes: 300}" "{when: peer closed + 600ms, do: close}"
  exact tolerance=50ms
  proves RFC9293-3.6-c=retransmission-time RFC6298-5-a=rto-not-early RFC9293-3.10.7.4-m=teardown
}

ack-of-peer-fin-lost() {
  shows "The acknowledgement of the peer's FIN is lost; the FIN comes again in CLOSE-WAIT, changes nothing and is acknowledged again."
  role client; network delay=10 dut_route='quickack 1'; rule "out ack 2 0 lose"
  dut "{at: 0s, do: connect}" "{when: peer closed + 600ms, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: established, do: close}"
  exact tolerance=20ms
  proves RFC9293-3.10.7.4-y=teardown RFC9293-3.10.7.4-e=segments RFC9293-3.10.7.4-o=teardown
}

fin-with-data() {
  shows "The peer's last 100 bytes and its FIN arrive in one segment: the data is delivered, data and FIN are acknowledged together."
  role server; network delay=20
  dut "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: received 200, do: recv, bytes: 200}" "{when: peer closed, do: close}"
  peer "{at: 0s, do: connect}" "{when: established, do: send, bytes: 100}" "{when: established, do: send, bytes: 100}" "{when: established, do: close}"
  exact tolerance=20ms
  proves RFC9293-3.10.7.4-v=teardown RFC9293-3.4-b=ack-of-received RFC9293-3.6-d=teardown
}

late-data-before-fin() {
  shows "The peer's data is overtaken by its FIN. The FIN takes effect only when the data is there."
  role client; network delay=20; rule "in bytes 1..301 0 late 60"
  dut "{at: 0s, do: connect}" "{when: received 300, do: recv, bytes: 300}" "{when: peer closed, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: established, do: send, bytes: 300}" "{when: established, do: close}"
  exact tolerance=20ms
  proves RFC9293-3.10.7.4-ah=teardown RFC5681-3.2-a=duplicate-ack RFC9293-3.4-c=ack-of-received
}

reset-by-peer() {
  shows "The peer aborts an established connection: the application is told, and nothing is sent in answer to the RST."
  role server; network delay=10
  dut "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: established, do: send, bytes: 300}" "{when: closed, do: recv, bytes: 100}" "{when: closed, do: close}"
  peer "{at: 0s, do: connect}" "{when: received 300, do: recv, bytes: 300}" "{when: received 300 + 50ms, do: abort}"
  exact tolerance=20ms
  proves RFC9293-3.10.7.4-z=returns RFC5961-3.2-b=returns RFC9293-MUST-12=returns
}

abort() {
  shows "The application aborts the connection: RST at SND.NXT, and nothing more."
  role server; network delay=10
  dut "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: established, do: send, bytes: 300}" "{when: all acknowledged, do: abort}"
  peer "{at: 0s, do: connect}" "{when: received 300, do: recv, bytes: 300}" "{when: closed, do: close}"
  exact tolerance=20ms
  proves RFC9293-3.10.5-a=reset RFC7323-5.2-c=options
}

abort-after-shutdown() {
  shows "The application has sent its FIN, waits in FIN-WAIT-2, and aborts: RST at SND.NXT, one beyond the FIN."
  role client; network delay=10
  dut "{at: 0s, do: connect}" "{when: established, do: shutdown}" "{when: all acknowledged + 100ms, do: abort}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: closed, do: close}"
  exact tolerance=20ms
  proves RFC9293-3.10.5-a=reset RFC9293-3.10.7.4-m=teardown RFC9293-3.6-d=teardown
}

close-with-unread-data() {
  shows "The application closes although 300 bytes wait unread: RST instead of FIN, so that the peer learns of the loss."
  role server; network delay=10
  dut "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: received 300, do: close}"
  peer "{at: 0s, do: connect}" "{when: established, do: send, bytes: 300}" "{when: closed, do: close}"
  exact tolerance=20ms
  proves RFC9293-SHLD-3=reset
}

data-after-close() {
  shows "The device under test has closed both ways; the peer, which has seen the FIN, sends 300 bytes more: RST."
  role client; network delay=10
  dut "{at: 0s, do: connect}" "{when: established, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: peer closed + 100ms, do: send, bytes: 300}" "{when: closed, do: close}"
  exact tolerance=20ms
  proves RFC9293-SHLD-3=reset RFC9293-3.10.7.4-m=teardown
}

close-in-syn-sent() {
  shows "The application gives up before the SYN is answered. No FIN is sent; the SYN,ACK draws a RST."
  role client; network delay=50
  dut "{at: 0s, do: connect}" "{at: 0.03s, do: close}"
  peer "{at: 0s, do: listen}" "{at: 3s, do: close}"
  exact tolerance=20ms; fate_words=()
  proves RFC9293-3.10.4-c=reset RFC9293-3.10.7.1-a=reset
}

time-wait-fin-again() {
  shows "The last ACK of the device under test is lost; the peer's FIN comes again in TIME-WAIT and is acknowledged again."
  role server; network delay=10; rule "out ack 2 0 lose"
  dut "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: established, do: close}"
  peer "{at: 0s, do: connect}" "{when: peer closed, do: close}"
  exact tolerance=20ms; settle 1
  proves RFC9293-MUST-13=teardown RFC9293-3.10.7.4-p=teardown RFC9293-3.6-c=segments
}

time-wait-expiry() {
  shows "TIME-WAIT ends: a copy of the peer's FIN that arrives 75 seconds later finds no connection and draws a RST."
  role client; network delay=10; rule "in fin 0 again 75000"
  dut "{at: 0s, do: connect}" "{when: established, do: close}"
  patient_peer
  exact tolerance=20ms; settle 77
  proves RFC9293-3.10.8-c=reset RFC9293-MUST-13=teardown RFC9293-3.10.7.1-a=reset
}

time-wait-still() {
  shows "Before TIME-WAIT ends: a copy of the peer's FIN that arrives 50 seconds later is acknowledged."
  role client; network delay=10; rule "in fin 0 again 50000"
  dut "{at: 0s, do: connect}" "{when: established, do: close}"
  patient_peer
  exact tolerance=20ms; settle 51
  proves RFC9293-MUST-13=teardown RFC9293-3.10.7.4-p=teardown
}

data-then-close() {
  shows "The application writes 2,896 bytes and closes at once: all of it leaves before the FIN."
  role client; network delay=10
  dut "{at: 0s, do: connect}" "{when: established, do: send, bytes: 2896}" "{when: established, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: received 2896, do: recv, bytes: 2896}" "{when: peer closed, do: close}"
  exact tolerance=20ms
  proves RFC9293-3.6-e=segments RFC9293-3.8-b=teardown
}

ssh-refused-login() {
  shows "ssh talks to sshd until its login is refused, and closes. The calls are those that ssh's segments show."
  role client; network delay=10 dut_route='quickack 1'; fate_words=(calls); with quick_acks=255
  peer_program='mkdir -p /run/sshd; ssh-keygen -qt ed25519 -N "" -f key; timeout 8 /usr/sbin/sshd -D -e -f /dev/null -p 8080 -h "$PWD/key" -o UsePAM=no -o PidFile=none; true'
  dut_program='ssh -F none -p 8080 -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o PreferredAuthentications=none nobody@10.9.0.2 true; true'
  yaml_calls=("{at: 0s, do: connect, returns: {result: 0}}" "{when: established, do: option, name: nodelay, value: 1}")
  exact tolerance=20ms
  proves RFC9293-3.6-a=teardown RFC9293-3.10.7.4-ad=ack-of-received RFC9293-MUST-17=segments
}

close-with-data-queued() {
  shows "The application writes 30,000 bytes and closes at once, with most of them still waiting for the window: all are sent before the FIN."
  role client; network rate=4000000 delay=20
  dut "{at: 0s, do: connect}" "{when: established, do: send, bytes: 30001}" "{when: established, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: established, do: drain}" "{when: peer closed, do: close}"
  stream excess=1.0 ends_within=3s; must_not=(1..30002)
  proves RFC9293-3.6-e=stream-bytes RFC9293-3.8-b=stream-bytes RFC9293-3.10.4-a=fin-rst-legal RFC9293-MUST-2=checksum
}

fin-lost-defaults() {
  shows "The FIN of the device under test is lost, with the kernel's defaults: its tail loss probe sends it again before the RTO."
  role client; network delay=10; rule "out fin 0 lose"; defaults
  dut "{at: 0s, do: connect}" "{when: established, do: send, bytes: 301}" "{when: all acknowledged, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: established, do: drain}" "{when: peer closed, do: close}"
  stream excess=1.0 ends_within=3s; config[0]=profile=linux
  proves RFC9293-3.6-c=lost-resent RFC9293-3.4-b=fin-rst-legal
}
