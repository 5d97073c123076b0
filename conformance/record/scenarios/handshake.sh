# Scenarios: how connections begin. Each function is one trace; its words are explained in README.md.

# What most of them do: the device under test sends 300 bytes, the peer answers with 500 and closes.
client_exchange() {
  dut "{at: 0s, do: connect}" "{when: established, do: send, bytes: 300}" "{when: received 500, do: recv, bytes: 500}" "{when: peer closed, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: received 300, do: recv, bytes: 300}" "{when: received 300, do: send, bytes: 500}" "{when: all acknowledged, do: close}"
}

# The peer asks with 200 bytes, the device under test answers with 700 and closes.
server_exchange() {
  dut "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: received 200, do: recv, bytes: 200}" "{when: received 200, do: send, bytes: 700}" "{when: all acknowledged, do: close}"
  peer "{at: 0s, do: connect}" "{when: established, do: send, bytes: 200}" "{when: received 700, do: recv, bytes: 700}" "{when: peer closed, do: close}"
}

active-open() {
  shows "Active open with all options (MSS, SACK permitted, timestamps, window scale), a little data each way, and a close by the peer."
  role client; network delay=5
  client_exchange
  exact tolerance=20ms
  proves RFC9293-3.5-a=handshake RFC9293-3.10.1-a=handshake RFC9293-3.10.7.3-b=handshake RFC9293-MUST-14=options RFC7323-2.2-a=options RFC9293-3.6-d=teardown RFC9293-MUST-2=checksum
}

passive-open() {
  shows "Passive open with all options, a request of 200 bytes, an answer of 700, and a close by the device under test."
  role server; network delay=5
  server_exchange
  exact tolerance=20ms
  proves RFC9293-3.10.7.2-c=handshake RFC9293-3.10.7.4-j=handshake RFC7323-2.3-a=options RFC9293-3.6-a=teardown RFC7323-3.2-b=ack-of-received RFC9293-MUST-2=checksum
}

refused() {
  shows "Active open to a port where nobody listens: the peer's RST,ACK refuses it and the application is told."
  role client; network delay=5
  dut "{at: 0s, do: connect}"
  exact
  proves RFC9293-3.5.3-b=returns RFC9293-3.10.1-a=handshake
}

syn-lost-once() {
  shows "The first SYN of the device under test is lost: it is sent again after the initial RTO of one second, with the same sequence number."
  role client; network delay=5; rule "out syn 0 lose"
  client_exchange
  exact tolerance=150ms
  proves RFC6298-2-a=retransmission-time RFC9293-MUST-22=handshake RFC9293-3.5-a=handshake RFC6298-5-a=rto-not-early
}

syn-lost-twice() {
  shows "The first two SYNs are lost: sent again after one second and two more, the RTO doubled."
  role client; network delay=5; rule "out syn 0-1 lose"
  client_exchange
  exact tolerance=250ms
  proves RFC6298-2-a=retransmission-time RFC6298-5-f=rto-doubled RFC9293-MUST-22=handshake RFC9293-3.5-a=handshake
}

syn-unanswered() {
  shows "No answer to any SYN arrives. After two retransmissions (tcp_syn_retries=2) the application is told that it timed out."
  role client; network delay=5; rule "in synack * lose"; dut_sysctl net.ipv4.tcp_syn_retries=2
  dut "{at: 0s, do: connect}"
  peer "{at: 0s, do: listen}" "{at: 9s, do: close}"
  exact tolerance=400ms; with syn_retries=2
  proves RFC9293-MUST-22=returns RFC6298-5-f=rto-doubled RFC6298-2-a=retransmission-time
}

synack-lost() {
  shows "The SYN,ACK to the device under test is lost; its SYN is sent again after one second and draws another one."
  role client; network delay=5; rule "in synack 0 lose"; peer_sysctl net.ipv4.tcp_synack_retries=1
  client_exchange
  exact tolerance=150ms
  proves RFC6298-2-a=retransmission-time RFC9293-MUST-22=handshake RFC9293-3.10.7.3-b=handshake
}

synack-lost-passive() {
  shows "The SYN,ACK of the device under test is lost, and so is the peer's second SYN: the SYN,ACK is sent again, unchanged, after one second."
  role server; network delay=5; rule "out synack 0 lose"; rule "in syn 1 lose"
  server_exchange
  exact tolerance=150ms
  proves RFC9293-3.10.8-d=handshake RFC6298-2-a=retransmission-time RFC9293-3.10.7.4-j=handshake
}

final-ack-lost() {
  shows "The ACK that completes the handshake is lost on its way to the device under test, and the peer has nothing to say for 1.5 s: the SYN,ACK is sent again and acknowledged."
  role server; network delay=5; rule "in ack 1 0 lose"
  dut "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: received 200, do: recv, bytes: 200}" "{when: peer closed, do: close}"
  peer "{at: 0s, do: connect}" "{when: established + 1500ms, do: send, bytes: 200}" "{when: all acknowledged, do: close}"
  exact tolerance=150ms
  proves RFC9293-3.10.8-d=handshake RFC9293-3.10.7.4-j=handshake RFC6298-2-a=retransmission-time
}

final-ack-lost-data() {
  shows "The ACK that completes the handshake is lost, but data follows at once: the acknowledgement on it completes the handshake."
  role server; network delay=20; rule "in ack 1 0 lose"
  server_exchange
  exact tolerance=20ms
  proves RFC9293-3.10.7.2-e=handshake RFC9293-3.10.7.4-j=handshake RFC9293-3.8-a=segments
}

final-ack-lost-active() {
  shows "The device under test opens; its ACK of the SYN,ACK is lost. The peer sends the SYN,ACK again, which is no new one: it draws an ACK and nothing else happens."
  role client; network delay=5; rule "out ack 1 0 lose"
  dut "{at: 0s, do: connect}" "{when: received 500, do: recv, bytes: 500}" "{when: peer closed, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: established, do: send, bytes: 500}" "{when: all acknowledged, do: close}"
  exact tolerance=20ms
  proves RFC9293-3.5.2-c=handshake RFC9293-3.10.7.4-e=ack-time RFC9293-3.10.7.4-g=handshake
}

simultaneous-open() {
  shows "Both ends open at the same moment; the SYNs cross. Each answers with SYN,ACK and the connection is one."
  role both; network delay=100
  dut "{at: 0s, do: connect}" "{when: established + 50ms, do: send, bytes: 300}" "{when: received 400, do: recv, bytes: 400}" "{when: peer closed, do: close}"
  peer "{at: 0s, do: connect}" "{when: received 300, do: recv, bytes: 300}" "{when: received 300, do: send, bytes: 400}" "{when: all acknowledged, do: close}"
  exact tolerance=20ms
  proves RFC9293-MUST-10=handshake RFC9293-3.10.7.3-c=handshake RFC9293-3.10.7.4-j=handshake
}

closed-port() {
  shows "A SYN to a port of the device under test where nobody listens: RST,ACK with sequence 0, acknowledging the SYN."
  role server; network delay=5
  peer "{at: 0s, do: connect}"
  exact
  proves RFC9293-3.10.7.1-a=reset RFC9293-MUST-2=checksum
}

active-without-timestamps() {
  shows "The device under test offers no timestamps; none appear in the connection."
  role client; network delay=5; dut_sysctl net.ipv4.tcp_timestamps=0
  client_exchange
  exact tolerance=20ms; with timestamps=false
  proves RFC7323-3.2-h=options RFC9293-3.5-a=handshake RFC7323-2.2-a=options
}

active-without-sack() {
  shows "The device under test does not permit SACK."
  role client; network delay=5; dut_sysctl net.ipv4.tcp_sack=0
  client_exchange
  exact tolerance=20ms; with sack=false
  proves RFC2018-4-c=options RFC9293-3.5-a=handshake RFC7323-3.2-e=options
}

active-without-wscale() {
  shows "The device under test does not offer window scaling: neither end scales."
  role client; network delay=5; dut_sysctl net.ipv4.tcp_window_scaling=0
  client_exchange
  exact tolerance=20ms; with wscale=false
  proves RFC7323-2.2-b=options RFC9293-3.5-a=handshake
}

passive-without-timestamps() {
  shows "The peer offers no timestamps: the SYN,ACK of the device under test carries none, nor does any other segment."
  role server; network delay=5; peer_sysctl net.ipv4.tcp_timestamps=0
  server_exchange
  exact tolerance=20ms
  proves RFC7323-3.2-d=options RFC7323-2.3-a=options RFC9293-3.10.7.2-c=handshake
}

passive-without-sack() {
  shows "The peer does not permit SACK."
  role server; network delay=5; peer_sysctl net.ipv4.tcp_sack=0
  server_exchange
  exact tolerance=20ms
  proves RFC2018-4-c=options RFC7323-3.2-e=options RFC9293-3.10.7.2-c=handshake
}

passive-without-wscale() {
  shows "The peer does not offer window scaling: the SYN,ACK of the device under test must not either."
  role server; network delay=5; peer_sysctl net.ipv4.tcp_window_scaling=0
  server_exchange
  exact tolerance=20ms
  proves RFC7323-2.2-c=options RFC7323-2.2-b=options RFC9293-3.10.7.2-c=handshake
}

passive-mss-only() {
  shows "The peer's SYN carries only MSS, and a small one, 536: the device under test sends no segment larger than that."
  role server; network delay=5; peer_sysctl net.ipv4.tcp_timestamps=0 net.ipv4.tcp_sack=0 net.ipv4.tcp_window_scaling=0
  dut "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: received 200, do: recv, bytes: 200}" "{when: received 200, do: send, bytes: 1608}" "{when: all acknowledged, do: close}"
  peer "{at: 0s, do: option, name: mss, value: 536}" "{at: 0s, do: connect}" "{when: established, do: send, bytes: 200}" "{when: received 1608, do: recv, bytes: 1608}" "{when: peer closed, do: close}"
  exact tolerance=20ms
  proves RFC9293-MUST-14=segments RFC7323-2.2-c=options RFC7323-3.2-d=options RFC9293-MUST-16=segments RFC2018-4-c=options
}

duplicate-syn() {
  shows "The network delivers the peer's SYN a second time when the connection is established: a challenge ACK, and the connection goes on."
  role server; network delay=20; rule "in syn 0 again 150"
  dut "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: received 200, do: recv, bytes: 200}" "{when: peer closed, do: close}"
  peer "{at: 0s, do: connect}" "{when: established + 300ms, do: send, bytes: 200}" "{when: all acknowledged, do: close}"
  exact tolerance=20ms
  proves RFC9293-3.10.7.4-g=handshake RFC5961-4.2-a=segments RFC5961-4.2-b=handshake
}

old-syn-in-time-wait() {
  shows "The device under test closes first and waits in TIME-WAIT when an old copy of the peer's SYN arrives: it draws an ACK, no new connection."
  role server; network delay=10; rule "in syn 0 again 600"; settle 1
  server_exchange
  exact tolerance=20ms
  proves RFC9293-3.10.7.4-g=segments RFC9293-3.6-a=teardown RFC7323-5.3-a=segments
}

new-syn-in-time-wait() {
  shows "The peer opens again from the same port while the device under test is in TIME-WAIT: the SYN has a newer timestamp, so a new connection begins."
  role server; network delay=10; with time_wait_reuse=true
  dut "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: received 200, do: recv, bytes: 200}" "{when: received 200, do: send, bytes: 700}" "{when: all acknowledged, do: close}" \
      "{at: 0s, do: accept, socket: second}" "{when: second.received 100, do: recv, bytes: 100, socket: second}" "{when: second.peer closed, do: close, socket: second}"
  peer "{at: 0s, do: connect}" "{when: established, do: send, bytes: 200}" "{when: received 700, do: recv, bytes: 700}" "{when: peer closed, do: close}" \
       "{at: 0.5s, do: connect, socket: again}" "{when: again.established, do: send, bytes: 100, socket: again}" "{when: again.all acknowledged, do: close, socket: again}"
  exact tolerance=20ms
  proves RFC9293-MAY-2=handshake RFC6191-2-a=handshake RFC9293-3.6.1-a=handshake
}

data-on-third-segment() {
  shows "The peer's third segment completes the handshake and carries its first data."
  role server; network delay=10
  dut "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: received 200, do: recv, bytes: 200}" "{when: received 200, do: send, bytes: 700}" "{when: all acknowledged, do: close}"
  peer "{at: 0s, do: option, name: quickack, value: 0}" "{at: 0s, do: connect}" "{at: 0s, do: send, bytes: 200}" "{when: received 700, do: recv, bytes: 700}" "{when: peer closed, do: close}"
  exact tolerance=20ms
  proves RFC9293-3.10.7.2-e=handshake RFC9293-3.10.7.4-j=handshake RFC9293-3.10.7.4-ad=segments
}

send-before-established() {
  shows "The application writes 300 bytes right after connect: they wait for the handshake and leave with its third segment."
  role client; network delay=10
  dut "{at: 0s, do: option, name: quickack, value: 0, only: recording}" "{at: 0s, do: connect}" "{at: 0s, do: send, bytes: 300}" "{when: received 500, do: recv, bytes: 500}" "{when: peer closed, do: close}"
  peer "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: received 300, do: recv, bytes: 300}" "{when: received 300, do: send, bytes: 500}" "{when: all acknowledged, do: close}"
  exact tolerance=20ms
  proves RFC9293-3.10.2-c=segments RFC9293-3.10.7.3-b=handshake RFC9293-3.10.7.4-s=segments
}

neighbour-resolution() {
  shows "Nothing is known of the neighbour: the device under test asks by ARP before its SYN leaves."
  role client; network delay=5 neighbours=recorded
  client_exchange
  exact tolerance=20ms
  proves RFC9293-3.5-a=handshake RFC9293-3.10.1-a=handshake
}

reset-in-syn-received() {
  shows "The peer opens, gives up at once, and answers the SYN,ACK with RST: the device under test listens on, and the next connection is served."
  role server; network delay=30
  dut "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: received 100, do: recv, bytes: 100}" "{when: peer closed, do: close}"
  peer "{at: 0s, do: connect, socket: first, port: 40001}" "{at: 0.01s, do: close, socket: first}" \
       "{at: 0.3s, do: connect}" "{when: established, do: send, bytes: 100}" "{when: all acknowledged, do: close}"
  exact tolerance=20ms
  proves RFC9293-3.5.3-c=handshake RFC9293-MUST-11=handshake RFC9293-3.5-b=handshake
}

half-open() {
  shows "The peer crashes and opens again from the same port: its SYN draws a challenge ACK, whose RST ends the old connection; the SYN sent again opens a new one."
  role server; network delay=10
  dut "{at: 0s, do: listen}" "{at: 0s, do: accept}" "{when: received 200, do: recv, bytes: 200}" "{when: closed, do: recv, bytes: 100}" "{when: closed, do: close}" \
      "{at: 0s, do: accept, socket: second}" "{when: second.received 100, do: recv, bytes: 100, socket: second}" "{when: second.peer closed, do: close, socket: second}"
  peer "{at: 0s, do: connect}" "{when: established, do: send, bytes: 200}" "{when: all acknowledged, do: vanish}" \
       "{at: 0.3s, do: connect, socket: again}" "{when: again.established, do: send, bytes: 100, socket: again}" "{when: again.all acknowledged, do: close, socket: again}"
  exact tolerance=20ms
  proves RFC9293-3.5.1-a=handshake RFC9293-3.10.7.4-g=handshake RFC5961-4.2-c=returns RFC5961-3.2-b=returns
}

# A web server in the directory where it starts, for as long as the scenario lasts.
nginx_for_a_while='printf "daemon off; master_process off; pid pid; error_log stderr; events {} http { access_log off; sendfile off; client_body_temp_path t; proxy_temp_path t; fastcgi_temp_path t; uwsgi_temp_path t; scgi_temp_path t; server { listen 8080; root .; } }" >conf
  yes "a line of this page" | head -c 900 >page.html; nginx -p "$PWD" -c conf & sleep 5; kill %1; wait; true'

http-client() {
  shows "curl fetches a page of 900 bytes from nginx. The calls are those that curl's segments show."
  role client; network delay=10 dut_route='quickack 1'; fate_words=(calls)
  peer_program=$nginx_for_a_while; dut_program='curl -sS -o got http://10.9.0.2:8080/page.html'
  yaml_calls=("{at: 0s, do: connect, returns: {result: 0}}")
  exact tolerance=20ms
  proves RFC9293-3.5-a=handshake RFC9293-3.10.7.3-b=handshake RFC9293-3.6-a=teardown RFC9293-3.10.7.4-ad=ack-of-received
}

http-server() {
  shows "nginx serves a page of 900 bytes to curl. The calls are those that nginx's segments show."
  role server; network delay=10 dut_route='quickack 1'; fate_words=(calls)
  dut_program=$nginx_for_a_while; peer_program='curl -sS -o got http://10.9.0.1:8080/page.html'
  yaml_calls=("{at: 0s, do: listen}" "{at: 0s, do: accept}")
  exact tolerance=20ms
  proves RFC9293-3.10.7.2-c=handshake RFC9293-3.10.7.4-j=handshake RFC9293-3.6-d=teardown RFC9293-3.10.7.4-o=teardown
}

syn-again() {
  shows "The peer's SYN comes a second time before its ACK does: the connection stays in SYN-RECEIVED, the SYN,ACK is sent again, and one connection is what comes of it."
  role server; network delay=60; rule "in syn 0 again 40"
  server_exchange
  exact tolerance=20ms
  proves RFC9293-3.10.7.4-aj=handshake RFC9293-3.10.7.4-j=handshake RFC9293-3.10.8-d=handshake
}

active-open-defaults() {
  shows "Active open with the kernel's defaults for recovery: they change nothing in a handshake."
  role client; network delay=5; defaults
  client_exchange
  exact tolerance=20ms
  proves RFC9293-3.5-a=handshake RFC9293-3.10.1-a=handshake RFC9293-3.10.7.3-b=handshake RFC7323-2.2-a=options
}
