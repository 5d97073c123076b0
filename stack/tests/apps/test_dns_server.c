/* The server, asked message by message. */
#include "stack/tests/support/dns_world.h"

#include "stack/tests/support/packets.h"

#define R(n, t, s, bytes) {n, t, s, (const uint8_t *)(bytes), sizeof(bytes) - 1}
#define A50 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define TXT200 "\xc8" A50 A50 A50 A50

static const struct lk_dns_zone_record records[] = {
    R("example.com.", LK_DNS_SOA, 3600, "\2ns\7example\3com\0\4root\7example\3com\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\1\54"),
    R("example.com.", LK_DNS_NS, 3600, "\2ns\7example\3com\0"),
    R("ns.example.com.", LK_DNS_A, 3600, "\x0a\0\0\x35"),
    R("www.example.com.", LK_DNS_CNAME, 300, "\3web\7example\3com\0"),
    R("web.example.com.", LK_DNS_A, 60, "\x0a\0\0\x50"),
    R("web.example.com.", LK_DNS_A, 30, "\x0a\0\0\x51"),
    R("web.example.com.", LK_DNS_AAAA, 60, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1"),
    R("example.com.", LK_DNS_MX, 60, "\0\xa\3web\7example\3com\0"),
    R("out.example.com.", LK_DNS_CNAME, 60, "\3www\5other\4test\0"),
    R("gone.example.com.", LK_DNS_CNAME, 60, "\5never\7example\3com\0"),
    R("loop1.example.com.", LK_DNS_CNAME, 60, "\5loop2\7example\3com\0"),
    R("loop2.example.com.", LK_DNS_CNAME, 60, "\5loop1\7example\3com\0"),
    R("a.b.c.example.com.", LK_DNS_A, 60, "\x0a\0\0\x52"),
    R("*.wild.example.com.", LK_DNS_A, 60, "\x0a\0\0\x53"),
    R("sub.example.com.", LK_DNS_NS, 60, "\2ns\3sub\7example\3com\0"),
    R("ns.sub.example.com.", LK_DNS_A, 60, "\x0a\0\0\x54"),
    R("big.example.com.", LK_DNS_TXT, 60, TXT200),
    R("big.example.com.", LK_DNS_TXT, 60, TXT200 "\1b"),
    R("big.example.com.", LK_DNS_TXT, 60, TXT200 "\1c"),
    R("huge.example.com.", LK_DNS_TXT, 60, TXT200 TXT200 TXT200 TXT200 TXT200 TXT200),
    R("odd.example.com.", 65280, 60, "\1\2\3"),
};
static const struct lk_dns_zone zone = {"example.com.", records, sizeof records / sizeof *records};

/* A world with a server, and a socket of the client's to ask it with. */
struct asking {
    struct dns_world d;
    struct lk_stack *client;
    lk_socket s;
    uint8_t reply[66000];
    int64_t len;
    struct lk_dns_header header;
    struct lk_dns_record record[64];
    size_t records;
};

static struct asking *asking_with(const struct lk_dns_server_config *config)
{
    struct asking *a = calloc(1, sizeof *a);
    struct lk_endpoint local = {.iface = LK_ANY, .port = 4000};
    a->d = dns_world();
    dns_server_with(&a->d, &zone, config);
    a->client = a->d.w->host[a->d.client].stack;
    ck_assert_int_eq(lk_sock_open(a->client, LK_UDP, &a->s, 0), 0);
    ck_assert_int_eq(lk_sock_bind(a->client, a->s, &local, 0), 0);
    return a;
}

static struct asking *asking(void)
{
    struct lk_dns_server_config config;
    lk_dns_server_config_init(&config);
    return asking_with(&config);
}

static void done(struct asking *a)
{
    dns_free(&a->d);
    free(a);
}

static void read_reply(struct asking *a)
{
    struct lk_dns_reader r;
    a->records = 0;
    if (a->len < 0)
        return;
    ck_assert_int_eq(lk_dns_check(a->reply, (size_t)a->len), 0);
    lk_dns_read_begin(&r, a->reply, (size_t)a->len);
    a->header = r.header;
    ck_assert(r.header.qr && !r.header.z && !r.header.ra); /* RFC 1035 4.1.1: Z is zero */
    while (lk_dns_read_record(&r, &a->record[a->records]) > 0)
        ck_assert_uint_lt(++a->records, 64);
}

/* Sends octets; the reply, if any, is in a. */
static int64_t tell(struct asking *a, const uint8_t *bytes, size_t len)
{
    struct lk_endpoint to = {.address = lk_addr_from_ip4(SERVER_IP), .iface = LK_ANY, .port = LK_DNS_PORT}, from;
    ck_assert_int_eq(lk_sock_send_to(a->client, a->s, bytes, len, &to, NULL, a->d.w->now), (int)len);
    world_run(a->d.w, a->d.w->now + 100 * MS);
    a->len = lk_sock_recv_from(a->client, a->s, a->reply, sizeof a->reply, &from, NULL, a->d.w->now);
    if (a->len >= 0) {
        ck_assert_uint_eq(from.port, LK_DNS_PORT);
        ck_assert_uint_eq(lk_addr_ip4(&from.address), SERVER_IP);
    }
    read_reply(a);
    return a->len;
}

static int64_t tell_hex(struct asking *a, const char *hex)
{
    struct packet p = packet_of(hex);
    int64_t len = tell(a, p.bytes, p.len);
    free(p.bytes);
    return len;
}

struct how {
    uint16_t class, udp_size; /* 0: IN, no OPT */
    uint8_t version;
};

static size_t question(uint8_t *buf, const char *name, uint16_t type, struct how how)
{
    struct lk_dns_header header = {.id = 0x1234, .rd = true, .cd = true};
    struct lk_dns_question q = {name_of(name), type, how.class == 0 ? LK_DNS_IN : how.class};
    struct lk_dns_edns edns = {.udp_size = how.udp_size, .version = how.version};
    struct lk_dns_record opt = lk_dns_edns_record(&edns);
    struct lk_dns_writer w;
    lk_dns_write_begin(&w, buf, 512, &header);
    ck_assert_int_eq(lk_dns_write_question(&w, &q), 0);
    if (how.udp_size != 0)
        ck_assert_int_eq(lk_dns_write_record(&w, LK_DNS_ADDITIONAL, &opt), 0);
    return w.len;
}

static void query(struct asking *a, const char *name, uint16_t type, struct how how)
{
    uint8_t buf[512];
    ck_assert_int_gt(tell(a, buf, question(buf, name, type, how)), 0);
    ck_assert_uint_eq(a->header.id, 0x1234);
    ck_assert(a->header.rd && a->header.cd); /* copied */
}

static uint32_t count(const struct asking *a, uint8_t section, uint16_t type)
{
    uint32_t n = 0;
    for (size_t i = 0; i < a->records; i++)
        n += a->record[i].section == section && a->record[i].type == type;
    return n;
}

static const struct lk_dns_record *opt_of(const struct asking *a)
{
    for (size_t i = 0; i < a->records; i++)
        if (a->record[i].type == LK_DNS_OPT)
            return &a->record[i];
    return NULL;
}

static bool owned(const struct lk_dns_record *record, const char *name)
{
    struct lk_dns_name n = name_of(name);
    return lk_dns_name_equal(&record->name, &n);
}

START_TEST(an_answer_is_authoritative_compressed_and_of_one_ttl)
{
    struct asking *a = asking();
    query(a, "WEB.example.com", LK_DNS_A, (struct how){0});
    ck_assert_uint_eq(a->header.rcode, LK_DNS_NOERROR);
    ck_assert(a->header.aa && !a->header.tc);
    ck_assert_uint_eq(count(a, LK_DNS_ANSWER, LK_DNS_A), 2);
    ck_assert_uint_eq(a->record[0].ttl, 30); /* RFC 2181 5.2 */
    ck_assert_uint_eq(a->record[1].ttl, 30);
    ck_assert_int_eq(a->len, 12 + 21 + 2 * 16); /* each owner a pointer */
    ck_assert_uint_eq(a->reply[12 + 1], 'W');   /* the question comes back as it was */
    done(a);
}
END_TEST

/* RFC 1034 4.3.2 step 3a. */
START_TEST(aliases_are_followed_inside_the_zone)
{
    struct asking *a = asking();
    query(a, "www.example.com", LK_DNS_A, (struct how){0});
    ck_assert_uint_eq(a->records, 3);
    ck_assert_uint_eq(a->record[0].type, LK_DNS_CNAME);
    ck_assert(owned(&a->record[1], "web.example.com"));
    query(a, "www.example.com", LK_DNS_CNAME, (struct how){0});
    ck_assert_uint_eq(a->records, 1);
    query(a, "out.example.com", LK_DNS_A, (struct how){0});
    ck_assert_uint_eq(a->records, 1);
    ck_assert_uint_eq(a->header.rcode, LK_DNS_NOERROR);
    query(a, "gone.example.com", LK_DNS_A, (struct how){0});
    ck_assert_uint_eq(a->header.rcode, LK_DNS_NXDOMAIN); /* RFC 2308 2.1: of the end of the chain */
    ck_assert_uint_eq(count(a, LK_DNS_ANSWER, LK_DNS_CNAME), 1);
    ck_assert_uint_eq(count(a, LK_DNS_AUTHORITY, LK_DNS_SOA), 1);
    query(a, "www.example.com", LK_DNS_MX, (struct how){0});
    ck_assert_uint_eq(count(a, LK_DNS_ANSWER, LK_DNS_CNAME), 1);
    ck_assert_uint_eq(count(a, LK_DNS_AUTHORITY, LK_DNS_SOA), 1);
    query(a, "loop1.example.com", LK_DNS_A, (struct how){0});
    ck_assert_uint_eq(a->records, 17);
    ck_assert(!a->header.tc);
    done(a);
}
END_TEST

START_TEST(a_no_brings_the_soa)
{
    struct asking *a = asking();
    static const struct { const char *name; uint16_t type; uint8_t rcode; } row[] = {
        {"never.example.com", LK_DNS_A, LK_DNS_NXDOMAIN}, {"web.example.com", LK_DNS_TXT, LK_DNS_NOERROR},
        {"b.c.example.com", LK_DNS_A, LK_DNS_NOERROR}, /* an empty non-terminal exists */
        {"x.b.c.example.com", LK_DNS_A, LK_DNS_NXDOMAIN},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        query(a, row[i].name, row[i].type, (struct how){0});
        ck_assert_uint_eq(a->header.rcode, row[i].rcode);
        ck_assert(a->header.aa);
        ck_assert_uint_eq(a->records, 1);
        ck_assert_uint_eq(count(a, LK_DNS_AUTHORITY, LK_DNS_SOA), 1);
        ck_assert_uint_eq(a->record[0].ttl, 300); /* RFC 2308 3: the lesser of TTL and MINIMUM */
    }
    done(a);
}
END_TEST

START_TEST(wildcards_speak_for_names_that_do_not_exist)
{
    struct asking *a = asking();
    query(a, "x.y.wild.example.com", LK_DNS_A, (struct how){0});
    ck_assert_uint_eq(a->records, 1);
    ck_assert(owned(&a->record[0], "x.y.wild.example.com"));
    query(a, "x.wild.example.com", LK_DNS_TXT, (struct how){0});
    ck_assert_uint_eq(a->header.rcode, LK_DNS_NOERROR);
    ck_assert_uint_eq(count(a, LK_DNS_AUTHORITY, LK_DNS_SOA), 1);
    done(a);
}
END_TEST

START_TEST(below_a_cut_it_refers)
{
    struct asking *a = asking();
    query(a, "www.sub.example.com", LK_DNS_A, (struct how){0});
    ck_assert_uint_eq(a->header.rcode, LK_DNS_NOERROR);
    ck_assert(!a->header.aa);
    ck_assert_uint_eq(count(a, LK_DNS_AUTHORITY, LK_DNS_NS), 1);
    ck_assert_uint_eq(count(a, LK_DNS_ADDITIONAL, LK_DNS_A), 1);
    ck_assert_uint_eq(a->records, 2);
    done(a);
}
END_TEST

START_TEST(what_helps_is_added_and_any_is_answered_with_one_set)
{
    struct asking *a = asking();
    query(a, "example.com", LK_DNS_MX, (struct how){0});
    ck_assert_uint_eq(count(a, LK_DNS_ANSWER, LK_DNS_MX), 1);
    ck_assert_uint_eq(count(a, LK_DNS_ADDITIONAL, LK_DNS_A), 2);
    ck_assert_uint_eq(count(a, LK_DNS_ADDITIONAL, LK_DNS_AAAA), 1);
    query(a, "web.example.com", LK_DNS_ANY, (struct how){0});
    ck_assert_uint_eq(count(a, LK_DNS_ANSWER, LK_DNS_A), 2); /* RFC 8482 4.1 */
    ck_assert_uint_eq(a->records, 2);
    query(a, "odd.example.com", 65280, (struct how){0});
    ck_assert_uint_eq(a->record[0].rdlength, 3); /* RFC 3597 */
    done(a);
}
END_TEST

START_TEST(what_is_not_ours_is_refused)
{
    struct asking *a = asking();
    query(a, "www.other.test", LK_DNS_A, (struct how){0});
    ck_assert_uint_eq(a->header.rcode, LK_DNS_REFUSED);
    ck_assert(!a->header.aa);
    query(a, "myexample.com", LK_DNS_A, (struct how){0});
    ck_assert_uint_eq(a->header.rcode, LK_DNS_REFUSED);
    query(a, "web.example.com", LK_DNS_A, (struct how){.class = LK_DNS_CH});
    ck_assert_uint_eq(a->header.rcode, LK_DNS_REFUSED);
    query(a, "example.com", LK_DNS_AXFR, (struct how){0});
    ck_assert_uint_eq(a->header.rcode, LK_DNS_REFUSED); /* RFC 1035 4.2: never over UDP */
    ck_assert_uint_eq(a->records, 0);
    query(a, "example.com", LK_DNS_MAILB, (struct how){0});
    ck_assert_uint_eq(a->header.rcode, LK_DNS_NOTIMP);
    done(a);
}
END_TEST

START_TEST(what_is_no_question_is_told_or_passed_over)
{
    static const struct { const char *hex; int rcode; } row[] = {
        {"1234", -1},
        {"1234 0100 0001 0000 0000 00", -1},
        {"1234 8100 0001 0000 0000 0000 0161 00 0001 0001", -1}, /* an answer */
        {"1234 7900 0000 0000 0000 0000", LK_DNS_NOTIMP},        /* opcode 15 */
        {"1234 2900 0001 0000 0000 0000 0161 00 0006 0001", LK_DNS_NOTIMP},
        {"1234 0100 0000 0000 0000 0000", LK_DNS_FORMERR},
        {"1234 0100 0002 0000 0000 0000 0161 00 0001 0001 0162 00 0001 0001", LK_DNS_FORMERR},
        {"1234 0100 0001 0000 0000 0000 0161 00 0001", LK_DNS_FORMERR},
        {"1234 0100 0001 0000 0000 0000 c00c 0001 0001", LK_DNS_FORMERR},
        {"1234 0100 0001 0000 0000 0000 0161 00 0001 0001 ff", LK_DNS_FORMERR},
        {"1234 0100 0001 ffff 0000 0000 0161 00 0001 0001", LK_DNS_FORMERR},
        /* RFC 6891 6.1.1: two OPT */
        {"1234 0100 0001 0000 0000 0002 0161 00 0001 0001 00 0029 1000 00000000 0000 00 0029 1000 00000000 0000", LK_DNS_FORMERR},
    };
    struct asking *a = asking();
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        int64_t len = tell_hex(a, row[i].hex);
        ck_assert_msg(row[i].rcode < 0 ? len == LK_E_AGAIN : len >= 12 && a->header.rcode == row[i].rcode, "row %zu", i);
        if (len > 0) {
            ck_assert_uint_eq(a->header.id, 0x1234);
            ck_assert_uint_eq(a->records, 0);
        }
    }
    tell_hex(a, "1234 7800 0000 0000 0000 0000");
    ck_assert_uint_eq(a->header.opcode, 15);
    ck_assert(!a->header.rd);
    done(a);
}
END_TEST

START_TEST(an_opt_answers_an_opt_and_only_that)
{
    struct lk_dns_edns edns;
    struct asking *a = asking();
    query(a, "web.example.com", LK_DNS_A, (struct how){0});
    ck_assert_ptr_null(opt_of(a));
    query(a, "web.example.com", LK_DNS_A, (struct how){.udp_size = 4096});
    ck_assert_int_eq(lk_dns_edns(opt_of(a), &edns), 0);
    ck_assert_uint_eq(edns.udp_size, 1232);
    ck_assert_uint_eq(edns.version, 0);
    ck_assert_uint_eq(count(a, LK_DNS_ADDITIONAL, LK_DNS_OPT), 1);
    query(a, "web.example.com", LK_DNS_A, (struct how){.udp_size = 4096, .version = 1});
    ck_assert_int_eq(lk_dns_edns(opt_of(a), &edns), 0);
    ck_assert_uint_eq(edns.extended_rcode << 4 | a->header.rcode, LK_DNS_BADVERS);
    ck_assert_uint_eq(edns.version, 0);
    ck_assert_uint_eq(count(a, LK_DNS_ANSWER, LK_DNS_A), 0);
    query(a, "www.other.test", LK_DNS_A, (struct how){.udp_size = 512});
    ck_assert_ptr_nonnull(opt_of(a));
    /* RFC 6891 6.1.2: an option nobody knows */
    tell_hex(a, "1234 0100 0001 0000 0000 0001 03776562 076578616d706c65 03636f6d 00 0001 0001 00 0029 1000 00000000 0006 fde9 0002 abcd");
    ck_assert_uint_eq(a->header.rcode, LK_DNS_NOERROR);
    ck_assert_uint_eq(count(a, LK_DNS_ANSWER, LK_DNS_A), 2);
    ck_assert_uint_eq(opt_of(a)->rdlength, 0);
    done(a);
}
END_TEST

START_TEST(what_does_not_fit_is_truncated_and_extras_are_left_out)
{
    struct asking *a = asking();
    static const struct { uint16_t udp_size; bool tc; } row[] = {{0, true}, {100, true}, {512, true}, {600, true}, {1232, false}, {4096, false}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        query(a, "big.example.com", LK_DNS_TXT, (struct how){.udp_size = row[i].udp_size});
        ck_assert_int_eq(a->header.tc, row[i].tc);
        ck_assert_uint_eq(count(a, LK_DNS_ANSWER, LK_DNS_TXT), row[i].tc ? 0 : 3);
        ck_assert_int_le(a->len, row[i].udp_size < 512 ? 512 : row[i].udp_size < 1232 ? row[i].udp_size : 1232);
        ck_assert_int_eq(opt_of(a) != NULL, row[i].udp_size != 0);
    }
    for (uint16_t size = 640; size < 720; size++) { /* the OPT has its place whatever the answer fills */
        query(a, "big.example.com", LK_DNS_TXT, (struct how){.udp_size = size});
        ck_assert_int_le(a->len, size);
        ck_assert_ptr_nonnull(opt_of(a));
        a->d.w->notes = 0;
    }
    query(a, "huge.example.com", LK_DNS_TXT, (struct how){.udp_size = 4096}); /* our own bound holds too */
    ck_assert(a->header.tc);
    query(a, "never.example.com", LK_DNS_A, (struct how){.udp_size = 100}); /* RFC 6891 6.2.3: as if 512 */
    ck_assert(!a->header.tc);
    ck_assert_uint_eq(count(a, LK_DNS_AUTHORITY, LK_DNS_SOA), 1);
    done(a);
}
END_TEST

/* RFC 2181 4.1. */
START_TEST(a_reply_comes_from_the_address_that_was_asked)
{
    struct asking *a = asking();
    struct lk_stack *server = a->d.w->host[a->d.host[0]].stack;
    struct lk_endpoint to = {.address = lk_addr_from_ip4(SERVER_IP + 100), .iface = LK_ANY, .port = LK_DNS_PORT}, from;
    uint8_t buf[512];
    ck_assert_int_eq(lk_addr_add(server, 0, to.address, 24, LK_ADDR_PREFERRED, 0), 0);
    size_t len = question(buf, "web.example.com", LK_DNS_A, (struct how){0});
    ck_assert_int_eq(lk_sock_send_to(a->client, a->s, buf, len, &to, NULL, 0), (int)len);
    world_run(a->d.w, S);
    ck_assert_int_gt(lk_sock_recv_from(a->client, a->s, a->reply, sizeof a->reply, &from, NULL, S), 0);
    ck_assert_uint_eq(lk_addr_ip4(&from.address), SERVER_IP + 100);
    done(a);
}
END_TEST

/* ---- TCP ---- */

static lk_socket tcp_open(struct asking *a)
{
    struct lk_endpoint to = {.address = lk_addr_from_ip4(SERVER_IP), .iface = LK_ANY, .port = LK_DNS_PORT}, any = {.iface = LK_ANY};
    lk_socket s;
    ck_assert_int_eq(lk_sock_open(a->client, LK_TCP, &s, a->d.w->now), 0);
    ck_assert_int_eq(lk_sock_bind(a->client, s, &any, a->d.w->now), 0);
    ck_assert_int_eq(lk_sock_connect(a->client, s, &to, a->d.w->now), 0);
    world_run(a->d.w, a->d.w->now + 100 * MS);
    return s;
}

static void tcp_send(struct asking *a, lk_socket s, const uint8_t *bytes, size_t len)
{
    ck_assert_int_eq(lk_sock_send(a->client, s, bytes, len, a->d.w->now), (int)len);
}

static size_t prefixed(uint8_t *buf, const char *name, uint16_t type, uint16_t id)
{
    size_t len = question(buf + 2, name, type, (struct how){0});
    buf[0] = (uint8_t)(len >> 8);
    buf[1] = (uint8_t)len;
    buf[2] = (uint8_t)(id >> 8);
    buf[3] = (uint8_t)id;
    return len + 2;
}

/* Takes the next reply off the stream; its ID, or the error of recv (0: the end). */
static int64_t tcp_next(struct asking *a, lk_socket s)
{
    world_run(a->d.w, a->d.w->now + 100 * MS);
    int64_t got = lk_sock_recv(a->client, s, a->reply, 2, 0, a->d.w->now);
    if (got <= 0)
        return got;
    ck_assert_int_eq(got, 2);
    size_t len = (size_t)(a->reply[0] << 8 | a->reply[1]), at = 0;
    while (at < len) {
        got = lk_sock_recv(a->client, s, a->reply + at, len - at, 0, a->d.w->now);
        ck_assert_int_gt(got, 0);
        at += (size_t)got;
    }
    a->len = (int64_t)len;
    read_reply(a);
    return a->header.id;
}

START_TEST(one_connection_serves_many_questions_however_they_are_cut)
{
    struct asking *a = asking();
    uint8_t buf[512];
    lk_socket s = tcp_open(a);
    size_t one = prefixed(buf, "big.example.com", LK_DNS_TXT, 1), two = prefixed(buf + one, "web.example.com", LK_DNS_A, 2);
    tcp_send(a, s, buf, one + two); /* both in one segment */
    ck_assert_int_eq(tcp_next(a, s), 1);
    ck_assert(!a->header.tc);
    ck_assert_uint_eq(count(a, LK_DNS_ANSWER, LK_DNS_TXT), 3);
    ck_assert_int_eq(tcp_next(a, s), 2);
    ck_assert_uint_eq(count(a, LK_DNS_ANSWER, LK_DNS_A), 2);
    for (size_t i = 0; i < one; i++) {
        tcp_send(a, s, buf + i, 1);
        world_run(a->d.w, a->d.w->now + 10 * MS);
    }
    ck_assert_int_eq(tcp_next(a, s), 1);
    ck_assert_int_eq(tcp_next(a, s), LK_E_AGAIN);
    done(a);
}
END_TEST

START_TEST(a_connection_that_idles_or_dawdles_is_ended)
{
    struct asking *a = asking();
    uint8_t buf[512];
    lk_socket idle = tcp_open(a), slow = tcp_open(a);
    prefixed(buf, "web.example.com", LK_DNS_A, 1);
    for (size_t i = 0; i < 8; i++) { /* an octet a second does not keep it alive */
        tcp_send(a, slow, buf + i, 1);
        world_run(a->d.w, a->d.w->now + S);
    }
    ck_assert_int_eq(tcp_next(a, idle), LK_E_AGAIN);
    world_run(a->d.w, a->d.w->now + 3 * S);
    ck_assert_int_eq(tcp_next(a, idle), 0);
    ck_assert_int_eq(tcp_next(a, slow), LK_E_CONNRESET);
    done(a);
}
END_TEST

START_TEST(more_connections_than_there_are_places_wait_their_turn)
{
    struct asking *a = asking();
    uint8_t buf[512];
    lk_socket s[5];
    for (uint16_t i = 0; i < 5; i++) {
        s[i] = tcp_open(a);
        tcp_send(a, s[i], buf, prefixed(buf, "web.example.com", LK_DNS_A, i));
    }
    for (uint16_t i = 0; i < 4; i++)
        ck_assert_int_eq(tcp_next(a, s[i]), i);
    ck_assert_int_eq(tcp_next(a, s[4]), LK_E_AGAIN);
    ck_assert_int_eq(lk_sock_close(a->client, s[2], a->d.w->now), 0);
    ck_assert_int_eq(tcp_next(a, s[4]), 4);
    done(a);
}
END_TEST

START_TEST(what_is_no_message_ends_the_connection_and_nothing_else)
{
    struct asking *a = asking();
    static const uint8_t huge[] = {0xff, 0xff, 0, 0}, empty[] = {0, 0, 0, 1, 7};
    uint8_t buf[512];
    lk_socket s = tcp_open(a), t = tcp_open(a), gone = tcp_open(a);
    tcp_send(a, s, huge, sizeof huge);
    ck_assert_int_eq(tcp_next(a, s), LK_E_CONNRESET);
    tcp_send(a, t, empty, sizeof empty); /* messages too short to be answered */
    tcp_send(a, t, buf, prefixed(buf, "web.example.com", LK_DNS_A, 9));
    ck_assert_int_eq(tcp_next(a, t), 9);
    /* RFC 7766 6.2.4: the client is gone before its answer */
    tcp_send(a, gone, buf, prefixed(buf, "big.example.com", LK_DNS_TXT, 9));
    ck_assert_int_eq(lk_sock_abort(a->client, gone, a->d.w->now), 0);
    world_run(a->d.w, a->d.w->now + S);
    tcp_send(a, t, buf, prefixed(buf, "web.example.com", LK_DNS_A, 10));
    ck_assert_int_eq(tcp_next(a, t), 10);
    done(a);
}
END_TEST

START_TEST(the_config_is_checked_and_a_taken_port_is_told)
{
    struct lk_dns_server_config config;
    lk_dns_server_config_init(&config);
    config.udp_size = 511;
    ck_assert_uint_eq(lk_dns_server_footprint(&config), 0);
    config.udp_size = 512;
    config.tcp_connections = 0;
    size_t size = lk_dns_server_footprint(&config);
    struct asking *a = asking_with(&config);
    struct lk_dns_server *again = aligned_alloc(16, (size + 15) / 16 * 16);
    ck_assert_int_eq(lk_dns_server_init(again, size - 16, &config, &zone, 0), LK_E_NOSPACE);
    ck_assert_int_eq(lk_dns_server_init(again, size, &config, &zone, 0), 0);
    ck_assert_int_eq(lk_dns_server_start(again, a->d.w->host[a->d.host[0]].stack, 0), LK_E_ADDRINUSE);
    query(a, "web.example.com", LK_DNS_A, (struct how){0});
    free(again);
    done(a);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("apps/dns_server");
    TCase *c = tcase_create("dns_server");
    tcase_add_test(c, an_answer_is_authoritative_compressed_and_of_one_ttl);
    tcase_add_test(c, aliases_are_followed_inside_the_zone);
    tcase_add_test(c, a_no_brings_the_soa);
    tcase_add_test(c, wildcards_speak_for_names_that_do_not_exist);
    tcase_add_test(c, below_a_cut_it_refers);
    tcase_add_test(c, what_helps_is_added_and_any_is_answered_with_one_set);
    tcase_add_test(c, what_is_not_ours_is_refused);
    tcase_add_test(c, what_is_no_question_is_told_or_passed_over);
    tcase_add_test(c, an_opt_answers_an_opt_and_only_that);
    tcase_add_test(c, what_does_not_fit_is_truncated_and_extras_are_left_out);
    tcase_add_test(c, a_reply_comes_from_the_address_that_was_asked);
    tcase_add_test(c, one_connection_serves_many_questions_however_they_are_cut);
    tcase_add_test(c, a_connection_that_idles_or_dawdles_is_ended);
    tcase_add_test(c, more_connections_than_there_are_places_wait_their_turn);
    tcase_add_test(c, what_is_no_message_ends_the_connection_and_nothing_else);
    tcase_add_test(c, the_config_is_checked_and_a_taken_port_is_told);
    suite_add_tcase(s, c);
    return run_suite(s);
}
