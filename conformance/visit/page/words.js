/* Every word of the page itself, English and Korean. %s is replaced by what is given. */

const state = {lang: "en", cursor: 1, open: false, every: true, playing: false, speed: 1};
const languageIndex = () => state.lang === "ko" ? 1 : 0;

const words = {
  ui: {
    skip: ["Skip to the packets", "패킷 목록으로 건너뛰기"],
    settings: ["Settings", "설정"],
    actOf: ["Act %s of %s", "%s막 / 전체 %s막"],
    clock: ["%s after the start", "시작 후 %s"],
    acts: ["The story, act by act", "막별 이야기"],
    packets: ["Packets in order of time. Up and down walk, Enter unfolds.", "시간 순서의 패킷. 위아래로 이동, Enter로 펼치기."],
    packet: ["The packet, layer by layer", "계층별로 펼친 패킷"],
    help: ["Keys", "단축키"],
    language: ["한국어", "English"],
    languageName: ["Change the language to Korean", "언어를 영어로 바꾸기"],
    themeDark: ["Dark", "어둡게"], themeLight: ["Light", "밝게"],
    whole: ["The page arrived whole, and every act held.", "페이지가 온전히 도착했고, 모든 막이 규칙을 지켰습니다."],
    broken: ["Something went wrong in: %s", "잘못된 곳: %s"],
    brokenNowhere: ["The page did not arrive whole.", "페이지가 온전히 도착하지 않았습니다."],
    took: ["took", "걸린 시간"], sent: ["packets", "패킷"], lostCount: ["lost", "유실"], again: ["sent again", "재전송"], page: ["page", "페이지"],
    heading: ["What happens when you open %s", "%s, 주소창에서 페이지까지"],
    bytes: ["%s bytes", "%s바이트"],
    rewritten: ["rewritten here", "여기서 바뀜"],
    was: ["was %s", "이전 값 %s"],
    held: ["held", "정상"], failed: ["failed", "문제 있음"], absent: ["did not happen", "일어나지 않음"],
    continued: ["continued", "계속"],
    later: ["%s later", "%s 뒤"],
    lost: ["lost", "유실"], repeated: ["sent again", "재전송"], repeats: ["the same as packet %s, sent again", "패킷 %s 을(를) 다시 보낸 것"],
    number: ["Packet %s of %s", "패킷 %s / %s"],
    onLink: ["%s to %s, link “%s”", "%s → %s, 링크 “%s”"],
    close: ["Close", "닫기"], unfold: ["Unfold", "펼치기"],
    hops: ["This packet on each link", "링크마다 본 이 패킷"],
    nat: ["NAT: the same packet before and after the gateway", "NAT: 게이트웨이 안과 밖에서 본 같은 패킷"],
    inside: ["inside, private", "안쪽, 사설"], outside: ["outside, public", "바깥쪽, 공인"],
    from: ["from", "보낸 곳"], to: ["to", "받는 곳"],
    envelopes: ["Which layer added what", "어느 계층이 무엇을 더했나"],
    overhead: ["%s of %s bytes are envelope", "%s바이트 중 %s바이트가 봉투"],
    allFields: ["All fields", "모든 필드"], computed: ["computed", "계산값"],
    hex: ["Bytes of the frame", "프레임의 바이트"],
    allBytes: ["Show all %s bytes", "%s바이트 모두 보기"],
    at: ["bytes %s to %s", "바이트 %s–%s"], atOne: ["byte %s", "바이트 %s"], nowhere: ["stands nowhere in the frame", "프레임 안에는 없음"],
    malformed: ["Could not be taken apart to the end: %s", "끝까지 해석하지 못함: %s"],
    play: ["Play", "재생"], pause: ["Pause", "멈춤"], previous: ["Previous packet", "이전 패킷"], next: ["Next packet", "다음 패킷"],
    previousAct: ["Previous act", "이전 막"], nextAct: ["Next act", "다음 막"], speed: ["Speed", "속도"],
    every: ["Every hop", "모든 홉"], everyName: ["Show a packet on every link as a line of its own", "링크마다 패킷을 따로 보이기"],
    home: ["private addresses", "사설 주소"], internet: ["public addresses", "공인 주소"],
    homeShort: ["private", "사설"], internetShort: ["public", "공인"], noAddress: ["no address yet", "아직 주소 없음"],
    pictureOf: ["The network: %s", "네트워크: %s"],
    layers: ["Layers, and their colours", "계층과 색"],
    finding: ["Found", "발견"], atPacket: ["packet %s", "패킷 %s"], times: ["%s times", "%s번"], more: ["and %s more", "그 밖에 %s건"],
    dialog: ["Keys", "단축키"],
  },
  levels: {
    link: ["Link: from card to card", "링크: 카드에서 카드로"],
    network: ["Network: from host to host", "네트워크: 호스트에서 호스트로"],
    transport: ["Transport: from program to program", "전송: 프로그램에서 프로그램으로"],
    application: ["Application: what it is about", "응용: 주고받는 내용"],
  },
  protocols: {
    eth: ["Ethernet", "이더넷"], arp: ["ARP", "ARP"], ip: ["IPv4", "IPv4"], icmp: ["ICMP", "ICMP"], udp: ["UDP", "UDP"], tcp: ["TCP", "TCP"],
    dhcp: ["DHCP", "DHCP"], dns: ["DNS", "DNS"], http: ["HTTP", "HTTP"], data: ["Data", "데이터"], padding: ["Padding", "채움"],
  },
  purposes: {
    eth: ["from one network card to the next, on this link only", "이 링크 안에서 한 카드에서 다음 카드로"],
    arp: ["asks which card has an IP address", "이 IP 주소를 가진 카드가 누구인지 묻기"],
    ip: ["from the first host to the last, across all links", "모든 링크를 건너 처음 호스트에서 마지막 호스트로"],
    icmp: ["reports trouble, or asks whether someone is there", "문제를 알리거나 상대가 있는지 확인"],
    udp: ["from program to program, without promises", "프로그램 사이, 아무 보장 없이"],
    tcp: ["from program to program, complete and in order", "프로그램 사이, 빠짐없이 순서대로"],
    dhcp: ["lends an address to whoever comes", "들어온 기기에 주소를 빌려 줌"],
    dns: ["turns a name into an address", "이름을 주소로 바꿈"],
    http: ["asks for a page, and brings it", "페이지를 요청하고 가져옴"],
    data: ["what all the envelopes are for", "봉투들이 나르는 내용"],
  },
  roles: {
    client: ["client", "클라이언트"], gateway: ["home gateway", "가정용 게이트웨이"], router: ["router", "라우터"], dns: ["name server", "이름 서버"], web: ["web server", "웹 서버"],
  },
  keys: [
    ["↓ ↑ / j k", "next, previous packet", "다음, 이전 패킷"],
    ["→ ←", "the same packet on the next, previous link", "같은 패킷의 다음, 이전 링크"],
    ["Enter", "unfold the packet", "패킷 펼치기"],
    ["Esc", "close it, stop playing", "닫기, 재생 멈춤"],
    ["Space", "play, pause", "재생, 멈춤"],
    ["n p", "next, previous act", "다음, 이전 막"],
    ["Home End", "first, last packet", "처음, 마지막 패킷"],
    ["h", "every hop on a line of its own, or one line a packet", "홉마다 한 줄, 또는 패킷마다 한 줄"],
    ["t", "light or dark", "밝게, 어둡게"],
    ["l", "language", "언어"],
  ],
};

function say(key, ...values) {
  let text = words.ui[key][languageIndex()];
  for (const value of values) text = text.replace("%s", () => value);
  return text;
}
