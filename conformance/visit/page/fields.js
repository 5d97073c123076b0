/* Plain names of fields: Wireshark's name -> English, Korean, and a hint in both where one helps. A name that is not here
 * is shown as it is. */

const FIELDS = {
  "eth.dst": ["Destination card", "받는 카드", "The network card on this link that shall take the frame. ff:ff:ff:ff:ff:ff is everybody.", "이 링크에서 프레임을 받을 카드. ff:ff:ff:ff:ff:ff 는 모두에게."],
  "eth.src": ["Source card", "보내는 카드", "The network card that sent it on this link; new on every link.", "이 링크에서 보낸 카드. 링크마다 바뀝니다."],
  "eth.type": ["What is inside", "안에 든 것", "Which protocol the frame carries.", "프레임이 나르는 프로토콜."],
  "eth.padding": ["Padding", "채움"],
  "arp.hw.type": ["Kind of hardware", "하드웨어 종류"], "arp.proto.type": ["Kind of address", "주소 종류"],
  "arp.hw.size": ["Length of a card's address", "카드 주소 길이"], "arp.proto.size": ["Length of an IP address", "IP 주소 길이"],
  "arp.opcode": ["Operation", "동작", "1 asks, 2 answers.", "1은 질문, 2는 대답."],
  "arp.src.hw_mac": ["Sender's card", "보낸 이의 카드"], "arp.src.proto_ipv4": ["Sender's IP address", "보낸 이의 IP 주소"],
  "arp.dst.hw_mac": ["Target's card", "찾는 카드", "All zero in a question: this is what is asked for.", "질문에서는 모두 0: 바로 이것을 묻습니다."],
  "arp.dst.proto_ipv4": ["Target's IP address", "찾는 IP 주소"],
  "ip.version": ["Version", "버전"],
  "ip.hdr_len": ["Header length", "헤더 길이", "Bytes of this header.", "이 헤더의 바이트 수."],
  "ip.dsfield": ["Service", "서비스"], "ip.dsfield.dscp": ["Class of service", "서비스 등급"], "ip.dsfield.ecn": ["Congestion mark", "혼잡 표시"],
  "ip.len": ["Total length", "전체 길이", "Bytes of header and contents; what follows in the frame is padding.", "헤더와 내용의 바이트 수. 그 뒤는 채움입니다."],
  "ip.id": ["Identification", "식별자", "Tells which fragments belong together.", "어느 조각들이 한 묶음인지 알려 줍니다."],
  "ip.flags": ["Flags", "플래그"], "ip.flags.rb": ["Reserved", "예약"], "ip.flags.df": ["Don't fragment", "조각내지 말 것"], "ip.flags.mf": ["More fragments", "조각이 더 있음"],
  "ip.frag_offset": ["Fragment offset", "조각 위치"],
  "ip.ttl": ["Time to live", "남은 홉 수(TTL)", "Each router takes one away; at zero the packet is thrown away, so that none circles for ever.", "라우터마다 1씩 줄고 0이 되면 버려집니다. 그래서 영원히 돌지 않습니다."],
  "ip.proto": ["What is inside", "안에 든 것", "1 is ICMP, 6 is TCP, 17 is UDP.", "1은 ICMP, 6은 TCP, 17은 UDP."],
  "ip.checksum": ["Header checksum", "헤더 검사합", "Over this header only; made anew by each router, since the time to live changes.", "이 헤더만 검사. TTL이 바뀌므로 라우터마다 다시 계산."],
  "ip.checksum.status": ["Header checksum is", "헤더 검사합 결과"],
  "ip.src": ["Source address", "보낸 주소", "Who sent the packet. A NAT writes its own public address here.", "패킷을 보낸 주소. NAT는 여기에 자기 공인 주소를 씁니다."],
  "ip.dst": ["Destination address", "받는 주소", "Who shall get it; every router looks here.", "받을 주소. 모든 라우터가 여기를 봅니다."],
  "icmp.type": ["Type", "종류"], "icmp.code": ["Code", "코드"], "icmp.checksum": ["Checksum", "검사합"], "icmp.checksum.status": ["Checksum is", "검사합 결과"],
  "icmp.ident": ["Identifier", "식별자"], "icmp.seq": ["Sequence number", "순서 번호"],
  "udp.srcport": ["Source port", "보낸 포트", "Which program sent it.", "보낸 프로그램."], "udp.dstport": ["Destination port", "받는 포트", "Which program shall get it: 53 is DNS, 67 and 68 are DHCP.", "받을 프로그램. 53은 DNS, 67과 68은 DHCP."],
  "udp.length": ["Length", "길이"], "udp.checksum": ["Checksum", "검사합"], "udp.checksum.status": ["Checksum is", "검사합 결과"],
  "tcp.srcport": ["Source port", "보낸 포트", "Which program sent it; a client takes any free number.", "보낸 프로그램. 클라이언트는 빈 번호를 아무거나 씁니다."],
  "tcp.dstport": ["Destination port", "받는 포트", "Which program shall get it: 80 is a web server.", "받을 프로그램. 80은 웹 서버."],
  "tcp.stream": ["Connection", "연결"],
  "tcp.seq": ["Sequence number, from 0", "순서 번호(0부터)", "Which byte of the stream the data begins with, counted from the first.", "데이터가 흐름의 몇 번째 바이트에서 시작하는지."],
  "tcp.seq_raw": ["Sequence number", "순서 번호", "Numbers begin at a secret random place, so that strangers cannot guess them.", "남이 맞히지 못하도록 임의의 수에서 시작합니다."],
  "tcp.nxtseq": ["Next sequence number", "다음 순서 번호"],
  "tcp.ack": ["Acknowledged, from 0", "확인 번호(0부터)", "All bytes before this one have arrived.", "이 번호 앞의 바이트는 모두 도착했습니다."],
  "tcp.ack_raw": ["Acknowledgment number", "확인 번호", "The next byte that is expected: all before it have arrived.", "다음에 기다리는 바이트. 그 앞은 모두 도착."],
  "tcp.hdr_len": ["Header length", "헤더 길이"], "tcp.len": ["Length of the data", "데이터 길이"],
  "tcp.flags": ["Flags", "플래그", "SYN opens, FIN closes, ACK acknowledges, RST breaks off, PSH hands over at once.", "SYN은 열기, FIN은 닫기, ACK는 확인, RST는 중단, PSH는 바로 넘기기."],
  "tcp.flags.res": ["Reserved", "예약"], "tcp.flags.ae": ["Accurate ECN", "정확한 ECN"], "tcp.flags.cwr": ["CWR: slowed down", "CWR: 속도 줄임"], "tcp.flags.ece": ["ECE: congestion seen", "ECE: 혼잡 감지"],
  "tcp.flags.urg": ["URG: urgent", "URG: 긴급"], "tcp.flags.ack": ["ACK: acknowledges", "ACK: 확인"], "tcp.flags.push": ["PSH: hand over at once", "PSH: 바로 넘기기"],
  "tcp.flags.reset": ["RST: breaks off", "RST: 중단"], "tcp.flags.syn": ["SYN: opens", "SYN: 열기"], "tcp.flags.fin": ["FIN: closes", "FIN: 닫기"],
  "tcp.window_size_value": ["Window", "윈도", "How many more bytes the sender of this packet has room for.", "이 패킷을 보낸 쪽이 더 받을 수 있는 바이트 수."],
  "tcp.window_size": ["Window, scaled", "윈도(배율 적용)"], "tcp.window_size_scalefactor": ["Scale of the window", "윈도 배율"],
  "tcp.checksum": ["Checksum", "검사합", "Over addresses, header and data: a NAT has to correct it.", "주소, 헤더, 데이터를 모두 검사. NAT가 고쳐 써야 합니다."],
  "tcp.checksum.status": ["Checksum is", "검사합 결과"], "tcp.urgent_pointer": ["Urgent pointer", "긴급 포인터"],
  "tcp.options": ["Options", "옵션"], "tcp.option_kind": ["Option", "옵션"], "tcp.option_len": ["Length of the option", "옵션 길이"],
  "tcp.options.mss_val": ["Largest segment (MSS)", "최대 세그먼트(MSS)", "The most data the sender takes in one segment.", "한 세그먼트로 받을 수 있는 최대 데이터."],
  "tcp.options.wscale.shift": ["Window scale", "윈도 배율", "Windows of this side are multiplied by two to this power.", "이쪽 윈도 값에 2의 이 제곱을 곱합니다."],
  "tcp.options.wscale.multiplier": ["Window multiplier", "윈도 배수"],
  "tcp.options.sack_perm": ["SACK permitted", "SACK 허용"], "tcp.options.sack_le": ["Received from", "받은 구간 시작"], "tcp.options.sack_re": ["Received up to", "받은 구간 끝"],
  "tcp.options.timestamp.tsval": ["Timestamp", "타임스탬프"], "tcp.options.timestamp.tsecr": ["Timestamp echoed", "되돌린 타임스탬프"],
  "tcp.time_relative": ["Since the connection began", "연결 시작 후"], "tcp.time_delta": ["Since its last packet", "이전 패킷 후"],
  "dns.id": ["Identifier", "식별자", "The answer has to carry the same number as the question.", "대답은 질문과 같은 번호여야 합니다."],
  "dns.flags": ["Flags", "플래그"], "dns.flags.response": ["Answer?", "대답인가"], "dns.flags.opcode": ["Kind of question", "질문 종류"], "dns.flags.authoritative": ["Authoritative", "권한 있음"],
  "dns.flags.truncated": ["Cut short", "잘림"], "dns.flags.recdesired": ["Please ask others too", "재귀 요청"], "dns.flags.recavail": ["Asks others", "재귀 가능"], "dns.flags.rcode": ["Outcome", "결과"],
  "dns.flags.z": ["Reserved", "예약"], "dns.flags.authenticated": ["Authenticated", "인증됨"], "dns.flags.checkdisable": ["Unchecked is fine", "검사 생략 허용"],
  "dns.count.queries": ["Questions", "질문 수"], "dns.count.answers": ["Answers", "대답 수"], "dns.count.auth_rr": ["Authorities", "권한 레코드 수"], "dns.count.add_rr": ["Additional records", "추가 레코드 수"],
  "dns.qry.name": ["Name asked for", "묻는 이름"], "dns.qry.name.len": ["Length of the name", "이름 길이"], "dns.count.labels": ["Labels", "마디 수"], "dns.qry.type": ["Type asked for", "묻는 종류", "1 asks for an IPv4 address.", "1은 IPv4 주소를 묻는 것."], "dns.qry.class": ["Class", "부류"],
  "dns.resp.name": ["Name", "이름"], "dns.resp.type": ["Type", "종류"], "dns.resp.class": ["Class", "부류"], "dns.resp.ttl": ["May be kept for (s)", "보관 가능 시간(초)", "So long the answer may be remembered.", "이 시간 동안 대답을 기억해도 됩니다."], "dns.resp.len": ["Length", "길이"],
  "dns.a": ["Address", "주소"], "dns.cname": ["Is another name for", "본래 이름"],
  "dhcp.type": ["Question or answer", "질문 또는 대답"], "dhcp.hw.type": ["Kind of hardware", "하드웨어 종류"], "dhcp.hw.len": ["Length of a card's address", "카드 주소 길이"], "dhcp.hops": ["Relays passed", "거친 중계"],
  "dhcp.id": ["Transaction", "거래 번호"], "dhcp.secs": ["Seconds since it began", "시작 후 초"], "dhcp.flags": ["Flags", "플래그"], "dhcp.flags.bc": ["Answer to everybody", "모두에게 답하기"],
  "dhcp.ip.client": ["Client's address", "클라이언트 주소"], "dhcp.ip.your": ["Your address", "당신의 주소", "The address that is lent.", "빌려 주는 주소."], "dhcp.ip.server": ["Next server", "다음 서버"], "dhcp.ip.relay": ["Relay", "중계기"],
  "dhcp.hw.mac_addr": ["Client's card", "클라이언트 카드"], "dhcp.server": ["Server's name", "서버 이름"], "dhcp.file": ["Boot file", "부트 파일"], "dhcp.cookie": ["Magic cookie", "매직 쿠키"],
  "dhcp.flags.reserved": ["Reserved", "예약"], "dhcp.hw.addr_padding": ["Padding of the card's address", "카드 주소 채움"], "dhcp.option.end": ["End of the options", "옵션 끝"], "dhcp.option.padding": ["Padding", "채움"],
  "dhcp.option.value": ["Value of the option", "옵션 값"],
  "dhcp.option.type": ["Option", "옵션"], "dhcp.option.length": ["Length of the option", "옵션 길이"], "dhcp.option.dhcp": ["Message", "메시지"],
  "dhcp.option.router": ["Gateway", "게이트웨이"], "dhcp.option.subnet_mask": ["Network mask", "네트워크 마스크"], "dhcp.option.domain_name_server": ["Name server", "이름 서버"],
  "dhcp.option.ip_address_lease_time": ["Lent for (s)", "빌려 주는 시간(초)"], "dhcp.option.dhcp_server_id": ["Server", "서버"], "dhcp.option.requested_ip_address": ["Address wanted", "원하는 주소"],
  "dhcp.option.renewal_time_value": ["Renew after (s)", "갱신 시작(초)"], "dhcp.option.rebinding_time_value": ["Ask anyone after (s)", "다른 서버에도 요청(초)"], "dhcp.option.hostname": ["Name of the client", "클라이언트 이름"],
  "dhcp.option.request_list_item": ["Wants to know", "알고 싶은 것"], "dhcp.option.dhcp_max_message_size": ["Longest message", "최대 메시지"],
  "http.request.method": ["Method", "메서드"], "http.request.uri": ["Path", "경로"], "http.request.version": ["Version", "버전"], "http.host": ["Host", "호스트", "Which site is meant: one server may have many.", "어느 사이트인지. 한 서버에 여럿이 있을 수 있습니다."],
  "http.user_agent": ["Browser", "브라우저"], "http.accept": ["Accepts", "받을 수 있는 형식"], "http.connection": ["Connection", "연결"], "http.request.line": ["Header line", "헤더 줄"], "http.response.line": ["Header line", "헤더 줄"],
  "http.response.version": ["Version", "버전"], "http.response.code": ["Status", "상태 코드", "200 means: here it is.", "200은 성공."], "http.response.phrase": ["In words", "상태 문구"], "http.content_length_header": ["Length of the page", "페이지 길이"], "http.content_length": ["Length of the page", "페이지 길이"],
  "http.content_type": ["Kind of contents", "내용 종류"], "http.server": ["Server", "서버"], "http.date": ["Date", "날짜"], "http.file_data": ["Contents", "내용"],
};

/* What a number stands for. */
const VALUES = {
  "eth.type": {"0x0800": "IPv4", "0x0806": "ARP", "0x86dd": "IPv6", "0x8100": "VLAN"},
  "arp.hw.type": {"1": "Ethernet"}, "arp.proto.type": {"0x0800": "IPv4"}, "arp.opcode": {"1": ["request", "질문"], "2": ["reply", "대답"]},
  "ip.proto": {"1": "ICMP", "6": "TCP", "17": "UDP"},
  "ip.checksum.status": {"0": ["wrong", "틀림"], "1": ["right", "맞음"], "2": ["not checked", "확인 안 함"]},
  "tcp.option_kind": {"0": "end", "1": "no-op", "2": "MSS", "3": "window scale", "4": "SACK permitted", "5": "SACK", "8": "timestamps"},
  "icmp.type": {"0": "echo reply", "3": "unreachable", "8": "echo request", "11": "time exceeded"},
  "dns.qry.type": {"1": "A", "2": "NS", "5": "CNAME", "6": "SOA", "12": "PTR", "15": "MX", "16": "TXT", "28": "AAAA", "41": "OPT"},
  "dns.qry.class": {"0x0001": "Internet", "1": "Internet"}, "dns.flags.rcode": {"0": ["no error", "오류 없음"], "2": ["server failure", "서버 오류"], "3": ["no such name", "없는 이름"]},
  "dns.flags.response": {"0": ["question", "질문"], "1": ["answer", "대답"]},
  "dhcp.type": {"1": ["question", "질문"], "2": ["answer", "대답"]}, "dhcp.hw.type": {"0x01": "Ethernet", "1": "Ethernet"},
  "dhcp.option.dhcp": {"1": "Discover", "2": "Offer", "3": "Request", "4": "Decline", "5": "ACK", "6": "NAK", "7": "Release", "8": "Inform"},
};
VALUES["tcp.checksum.status"] = VALUES["udp.checksum.status"] = VALUES["icmp.checksum.status"] = Object.assign({"3": ["none", "없음"]}, VALUES["ip.checksum.status"]);
VALUES["dns.resp.type"] = VALUES["dns.qry.type"];
VALUES["dns.resp.class"] = VALUES["dns.qry.class"];

const TCP_FLAGS = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"];

const labelOf = name => FIELDS[name] ? FIELDS[name][languageIndex()] : name;
const hintOf = name => FIELDS[name] && FIELDS[name].length > 2 ? FIELDS[name][2 + languageIndex()] : "";

function meaningOf(field) {
  if (field.name === "tcp.flags") return TCP_FLAGS.filter((flag, bit) => Number(field.value) >> bit & 1).join(" ");
  const meaning = VALUES[field.name] && VALUES[field.name][field.value];
  return Array.isArray(meaning) ? meaning[languageIndex()] : meaning || "";
}

/* A bit field belongs under the field whose name its own begins with. */
const depthOf = (field, fields) => fields.filter(other => other.len > 0 && other.layer === field.layer && field.name.startsWith(other.name + ".")).length;
