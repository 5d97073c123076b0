/* The resolver against servers that the test plays: which answer counts, which server is asked next. */
#include "stack/tests/support/dns_world.h"

#include "stack/base/rng.h"

/* RFC 5452 9.2, row 86 of the bug catalogue. */
START_TEST(each_try_has_an_id_and_a_port_of_its_own)
{
    struct dns_fake *f;
    struct dns_world d = dns_world();
    d.config.cache_entries = 0;
    f = dns_fake(&d, say_address);
    dns_begin(&d);
    uint32_t high_port = 0, low_port = 0, high_id = 0, same_port = 0, same_id = 0, port[100], id[100];
    for (uint32_t i = 0; i < 100; i++) {
        d.w->notes = 0;
        ck_assert_int_eq(resolve(&d, "www.test", LK_DNS_A).error, 0);
        const struct note *n = dns_note(d.w, true, 0);
        port[i] = n->sport;
        id[i] = (uint32_t)(n->bytes[42] << 8 | n->bytes[43]);
        ck_assert_uint_ge(port[i], 1024);
        high_port += port[i] >= 33000;
        low_port += port[i] < 33000;
        high_id += id[i] >= 32768;
        for (uint32_t k = 0; k < i; k++) {
            same_port += port[k] == port[i];
            same_id += id[k] == id[i];
        }
    }
    ck_assert_uint_ge(high_port, 25);
    ck_assert_uint_ge(low_port, 25);
    ck_assert_uint_ge(high_id, 25);
    ck_assert_uint_le(high_id, 75);
    ck_assert_uint_le(same_port, 3);
    ck_assert_uint_le(same_id, 3);
    world_done(&d, f);
}
END_TEST

START_TEST(questions_at_the_same_time_have_different_ports)
{
    struct dns_fake *f;
    struct dns_world d = world_of(say_address, &f);
    ask(&d, "a.test", LK_DNS_A);
    ask(&d, "b.test", LK_DNS_A);
    world_run(d.w, S);
    ck_assert_uint_ne(dns_note(d.w, true, 0)->sport, dns_note(d.w, true, 1)->sport);
    world_done(&d, f);
}
END_TEST

/* Answers that are wrong in one attribute each, and then the right one. Row 85 of the bug catalogue. */
static void say_wrong_then_right(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp)
{
    struct dns_reply p;
    for (int wrong = 0; wrong < 8; wrong++) {
        reply_begin(&p, query, len);
        struct lk_dns_question q = p.question;
        p.header.id = (uint16_t)(p.header.id + (wrong == 0 ? 1 : wrong == 1 ? 0x100 : 0));
        p.header.qr = wrong != 2;
        p.header.opcode = wrong == 3 ? 2 : 0;
        q.name = wrong == 4 ? name_of("www.tesu") : q.name;
        q.type = wrong == 5 ? LK_DNS_TXT : q.type;
        q.class = wrong == 6 ? LK_DNS_CH : q.class;
        lk_dns_write_begin(&p.w, p.bytes, sizeof p.bytes, &p.header);
        if (wrong != 7)
            lk_dns_write_question(&p.w, &q);
        reply_a(&p, "www.test", 60, 0x0a0000ee);
        reply_send(f, &p, tcp);
    }
    say_address(f, query, len, tcp);
}

START_TEST(an_answer_matches_in_every_attribute_or_is_none)
{
    struct dns_fake *f;
    struct dns_world d = world_of(say_wrong_then_right, &f);
    struct lk_dns_result result = resolve(&d, "www.test", LK_DNS_A);
    ck_assert_int_eq(result.error, 0);
    ck_assert_uint_eq(address_of(&result, 0), 0x0a000050);
    ck_assert_uint_eq(f->asked, 1);
    world_done(&d, f);
}
END_TEST

/* The right ID and question, from another host or another port. */
static void say_nothing(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp)
{
    (void)f, (void)query, (void)len, (void)tcp;
}

static void spoof(struct dns_world *d, const struct note *n, uint32_t from_ip, uint16_t from_port)
{
    struct dns_reply p;
    uint8_t datagram[600], packet[620], frame[640];
    reply_begin(&p, n->bytes + 42, n->len - 42);
    reply_a(&p, "www.test", 60, 0x0a0000ee);
    lk_dns_write_header(&p.w, &p.header);
    struct lk_udp udp = {.source_port = from_port, .destination_port = n->sport, .payload = p.bytes, .payload_len = p.w.len};
    int len = lk_udp_emit_summed(&udp, lk_checksum_pseudo_ipv4(from_ip, n->src, 17, (uint16_t)(8 + p.w.len)), datagram, sizeof datagram);
    struct lk_ipv4 ip = {.time_to_live = 64, .protocol = 17, .source_address = from_ip, .destination_address = n->src, .payload = datagram, .payload_len = (size_t)len};
    len = lk_ipv4_emit_summed(&ip, packet, sizeof packet);
    struct lk_ethernet e = {.type = LK_ETHERTYPE_IPV4, .payload = packet, .payload_len = (size_t)len};
    memcpy(e.destination, d->w->host[d->client].mac, 6);
    e.source[0] = 2;
    len = lk_ethernet_emit(&e, frame, sizeof frame);
    world_send(d->w, WORLD_HOSTS, frame, (size_t)len);
}

START_TEST(an_answer_from_elsewhere_is_none)
{
    struct dns_fake *f;
    struct dns_world d = world_of(say_nothing, &f);
    struct lk_dns_result result;
    ask(&d, "www.test", LK_DNS_A);
    world_run(d.w, 10 * MS);
    struct note n = *dns_note(d.w, true, 0);
    spoof(&d, &n, SERVER_IP + 1, 53);
    spoof(&d, &n, SERVER_IP, 54);
    world_run(d.w, 20 * MS);
    ck_assert(!lk_dns_resolver_next(d.resolver, &result));
    spoof(&d, &n, SERVER_IP, 53); /* the same from where it was asked is taken: the test can tell */
    world_run(d.w, 30 * MS);
    ck_assert(lk_dns_resolver_next(d.resolver, &result));
    ck_assert_uint_eq(address_of(&result, 0), 0x0a0000ee);
    world_done(&d, f);
}
END_TEST

START_TEST(many_wrong_answers_move_the_question_to_tcp)
{
    struct dns_fake *f;
    struct dns_world d = world_of(say_wrong_then_right, &f);
    f->say = say_nothing;
    ask(&d, "www.test", LK_DNS_A);
    world_run(d.w, 10 * MS);
    f->now = d.w->now;
    struct note n = *dns_note(d.w, true, 0);
    for (uint16_t i = 1; i <= 16; i++) {
        struct dns_reply p;
        reply_begin(&p, n.bytes + 42, n.len - 42);
        p.header.id = (uint16_t)(p.header.id + i);
        reply_a(&p, "www.test", 60, 0x0a0000ee);
        reply_send(f, &p, false);
        f->say = i == 16 ? say_address : say_nothing;
        world_run(d.w, d.w->now + MS);
        f->now = d.w->now;
    }
    struct lk_dns_result result = {.error = 1};
    world_run(d.w, d.w->now + S);
    ck_assert(lk_dns_resolver_next(d.resolver, &result));
    ck_assert(result.over_tcp);
    ck_assert_uint_eq(address_of(&result, 0), 0x0a000050);
    world_done(&d, f);
}
END_TEST

/* Answers that cannot be read; rows 80 to 84 and 87 of the bug catalogue. The try goes on (RFC 1035 7.3). */
static void say_unsound(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp)
{
    static const char *const tails[] = {
        "c00c 0001 0001 0000003c 0003 0a0000", "c00c 0001 0001 0000003c ffff 0a000001", "c030 0001 0001 0000003c 0004 0a000001",
        "ffff 0001 0001 0000003c 0004 0a000001", "40 0001 0001 0000003c 0004 0a000001",     "03777777", "",
        "c00c 0001 0001 0000003c 0004 0a000001 00", "c00c 0005 0001 0000003c 0002 c028", "c00c 0001 0001 0000003c 0000",
    };
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        struct dns_reply p;
        reply_begin(&p, query, len);
        const char *hex = tails[i];
        size_t at = p.w.len;
        for (unsigned half = 0; *hex != 0; hex++)
            if (*hex != ' ') {
                unsigned digit = (unsigned)(*hex <= '9' ? *hex - '0' : *hex - 'a' + 10);
                p.bytes[at] = (uint8_t)(half ? (p.bytes[at] | digit) : digit << 4);
                at += half;
                half = !half;
            }
        p.bytes[7] = 1; /* ANCOUNT */
        fake_send(f, p.bytes, at, tcp);
    }
}

static void say_unsound_only(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp)
{
    if (f->asked == 1)
        say_unsound(f, query, len, tcp);
    else
        say_address(f, query, len, tcp);
}

START_TEST(what_cannot_be_read_is_passed_over_and_the_server_asked_again)
{
    struct dns_fake *f;
    struct dns_world d = world_of(say_unsound_only, &f);
    struct lk_dns_result result = resolve(&d, "www.test", LK_DNS_A);
    ck_assert_int_eq(result.error, 0);
    ck_assert_uint_eq(address_of(&result, 0), 0x0a000050);
    ck_assert_uint_eq(f->asked, 2);
    ck_assert_int_ge(d.w->now, 2 * S);
    world_done(&d, f);
}
END_TEST

static void say_rcode(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp)
{
    struct dns_reply p;
    reply_begin(&p, query, len);
    p.header.rcode = (uint8_t)f->mode & 15;
    reply_send(f, &p, tcp);
}

START_TEST(a_server_that_refuses_or_fails_is_left_for_the_next_at_once)
{
    static const int rcodes[] = {LK_DNS_SERVFAIL, LK_DNS_REFUSED, LK_DNS_NOTIMP, LK_DNS_FORMERR, 9};
    for (size_t i = 0; i < sizeof rcodes / sizeof *rcodes; i++) {
        struct dns_world d = dns_world();
        d.config.udp_size = 0;
        struct dns_fake *one = dns_fake(&d, say_rcode), *two = dns_fake(&d, say_address);
        one->mode = rcodes[i];
        dns_begin(&d);
        struct lk_dns_result result = resolve(&d, "www.test", LK_DNS_A);
        ck_assert_int_eq(result.error, 0);
        ck_assert_uint_eq(lk_addr_ip4(&result.server.address), SERVER_IP + 1);
        ck_assert_int_lt(d.w->now, S);
        ck_assert_uint_eq(one->asked, 1);
        free(two);
        world_done(&d, one);
    }
}
END_TEST

START_TEST(when_all_refuse_the_reason_is_told)
{
    struct dns_world d = dns_world();
    struct dns_fake *one = dns_fake(&d, say_rcode), *two = dns_fake(&d, say_rcode);
    one->mode = LK_DNS_SERVFAIL;
    two->mode = LK_DNS_REFUSED;
    dns_begin(&d);
    struct lk_dns_result result = resolve(&d, "www.test", LK_DNS_A);
    ck_assert_int_eq(result.error, LK_E_CONNREFUSED);
    ck_assert_uint_eq(result.rcode, LK_DNS_REFUSED);
    ck_assert_ptr_null(result.message);
    /* RFC 2308 7.1: a failure is not kept */
    resolve(&d, "www.test", LK_DNS_A);
    ck_assert_uint_eq(one->asked, 2);
    free(two);
    world_done(&d, one);
}
END_TEST

static void say_formerr_to_opt(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp)
{
    struct dns_reply p;
    if (query[11] == 0) {
        say_address(f, query, len, tcp);
        return;
    }
    reply_begin(&p, query, len);
    p.header.rcode = (uint8_t)f->mode;
    lk_dns_write_begin(&p.w, p.bytes, sizeof p.bytes, &p.header); /* not even the question */
    reply_send(f, &p, tcp);
}

START_TEST(a_server_without_edns_is_asked_without_opt)
{
    static const int rcodes[] = {LK_DNS_FORMERR, LK_DNS_NOTIMP};
    for (int i = 0; i < 2; i++) {
        struct dns_fake *f;
        struct dns_world d = world_of(say_formerr_to_opt, &f);
        f->mode = rcodes[i];
        ck_assert_int_eq(resolve(&d, "www.test", LK_DNS_A).error, 0);
        ck_assert_uint_eq(f->asked, 2);
        ck_assert_int_lt(d.w->now, S);
        ck_assert_int_eq(resolve(&d, "www.test", LK_DNS_TXT).error, LK_E_NOTFOUND);
        ck_assert_uint_eq(f->asked, 3); /* remembered of the server */
        world_done(&d, f);
    }
}
END_TEST

static void say_other_class(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp)
{
    struct dns_reply p;
    struct lk_dns_record record = {.name = name_of("www.test"), .type = LK_DNS_A, .class = LK_DNS_CH, .ttl = 60, .rdata = (const uint8_t *)"\12\0\0\1", .rdlength = 4};
    reply_begin(&p, query, len);
    ck_assert_int_eq(lk_dns_write_record(&p.w, LK_DNS_ANSWER, &record), 0);
    reply_send(f, &p, tcp);
}

START_TEST(records_of_another_class_do_not_answer)
{
    struct dns_fake *f;
    struct dns_world d = world_of(say_other_class, &f);
    ck_assert_int_eq(resolve(&d, "www.test", LK_DNS_A).error, LK_E_NOTFOUND);
    world_done(&d, f);
}
END_TEST

static void say_alias(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp)
{
    struct dns_reply p;
    char name[32], target[32];
    reply_begin(&p, query, len);
    snprintf(name, sizeof name, "a%u.test", f->asked - 1);
    snprintf(target, sizeof target, "a%u.test", f->asked);
    if (f->mode == 0 && f->asked == 3)
        reply_a(&p, "a2.test", 60, 0x0a000050);
    else if (f->mode == 2) {
        reply_cname(&p, "a0.test", 60, "b.test");
        reply_cname(&p, "b.test", 60, "a0.test");
    } else
        reply_cname(&p, name, 60, target);
    reply_send(f, &p, tcp);
}

START_TEST(an_alias_whose_end_is_not_told_is_asked_on)
{
    struct dns_fake *f;
    struct dns_world d = world_of(say_alias, &f);
    struct lk_dns_reader r;
    struct lk_dns_question q;
    struct lk_dns_name first = name_of("a0.test");
    struct lk_dns_result result = resolve(&d, "a0.test", LK_DNS_A);
    ck_assert_int_eq(result.error, 0);
    ck_assert_uint_eq(f->asked, 3);
    ck_assert_uint_eq(address_of(&result, 0), 0x0a000050);
    ck_assert_int_eq(lk_dns_check(result.message, result.len), 0);
    lk_dns_read_begin(&r, result.message, result.len);
    ck_assert_uint_eq(r.header.count[LK_DNS_ANSWER], 3); /* the whole chain as one answer to what was asked */
    ck_assert_int_eq(lk_dns_read_question(&r, &q), 1);
    ck_assert(lk_dns_name_equal(&q.name, &first));
    result = resolve(&d, "a0.test", LK_DNS_A);
    ck_assert(result.cached);
    ck_assert_uint_eq(address_of(&result, 0), 0x0a000050);
    world_done(&d, f);
}
END_TEST

START_TEST(aliases_without_end_come_to_one)
{
    for (int mode = 1; mode <= 2; mode++) {
        struct dns_fake *f;
        struct dns_world d = world_of(say_alias, &f);
        f->mode = mode;
        struct lk_dns_result result = resolve(&d, "a0.test", LK_DNS_A);
        ck_assert_int_eq(result.error, LK_E_CONNREFUSED);
        ck_assert_uint_eq(result.rcode, LK_DNS_SERVFAIL);
        ck_assert_uint_le(f->asked, 9);
        ck_assert_int_lt(d.w->now, S);
        world_done(&d, f);
    }
}
END_TEST

static char asked_names[512];

static void say_search(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp)
{
    struct dns_reply p;
    reply_begin(&p, query, len);
    strcat(strcat(asked_names, asked_for(&p)), " ");
    if (strcmp(asked_for(&p), "host.two.test./1") == 0)
        reply_a(&p, "host.two.test", 60, 0x0a000050);
    else {
        p.header.rcode = (uint8_t)f->mode;
        reply_soa(&p, ".", 300, 300);
    }
    reply_send(f, &p, tcp);
}

START_TEST(the_search_list_is_gone_through)
{
    static const struct { const char *name, *asked; int error; } row[] = {
        {"host", "host.one.test./1 host.two.test./1 ", 0},
        {"other", "other.one.test./1 other.two.test./1 other./1 ", LK_E_NOTFOUND},
        {"a.b", "a.b./1 a.b.one.test./1 a.b.two.test./1 ", LK_E_NOTFOUND},
        {"host.", "host./1 ", LK_E_NOTFOUND},
        {"host.two.test", "host.two.test./1 ", 0},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct dns_world d = dns_world();
        struct dns_fake *f = dns_fake(&d, say_search);
        f->mode = LK_DNS_NXDOMAIN;
        d.config.search_count = 2;
        strcpy(d.config.search[0], "one.test");
        strcpy(d.config.search[1], "two.test.");
        dns_begin(&d);
        asked_names[0] = 0;
        struct lk_dns_result result = resolve(&d, row[i].name, LK_DNS_A);
        ck_assert_int_eq(result.error, row[i].error);
        ck_assert_str_eq(asked_names, row[i].asked);
        if (row[i].error == 0)
            ck_assert_uint_eq(address_of(&result, 0), 0x0a000050);
        world_done(&d, f);
    }
}
END_TEST

static void say_referral(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp)
{
    struct dns_reply p;
    struct lk_dns_name ns = name_of("ns.test");
    reply_begin(&p, query, len);
    p.header.ra = false;
    reply_record(&p, LK_DNS_AUTHORITY, "test", LK_DNS_NS, 60, ns.octets, ns.len);
    reply_send(f, &p, tcp);
}

START_TEST(a_referral_is_no_answer_to_a_stub)
{
    struct dns_world d = dns_world();
    struct dns_fake *one = dns_fake(&d, say_referral), *two = dns_fake(&d, say_address);
    dns_begin(&d);
    ck_assert_int_eq(resolve(&d, "www.test", LK_DNS_A).error, 0);
    ck_assert_uint_eq(two->asked, 1);
    free(two);
    world_done(&d, one);
}
END_TEST

START_TEST(a_port_where_nobody_listens_is_a_server_that_fails)
{
    struct dns_world d = dns_world();
    dns_server(&d, NULL); /* answers by ICMP */
    struct dns_fake *two = dns_fake(&d, say_address);
    dns_begin(&d);
    struct lk_dns_result result = resolve(&d, "www.test", LK_DNS_A);
    ck_assert_int_eq(result.error, 0);
    ck_assert_int_lt(d.w->now, S);
    world_done(&d, two);
}
END_TEST

START_TEST(questions_are_counted_handed_out_in_order_and_taken_back)
{
    struct dns_fake *f;
    struct dns_world d = world_of(say_address, &f);
    struct lk_dns_result result;
    uint32_t query[9];
    for (int i = 0; i < 8; i++)
        query[i] = ask(&d, "www.test", LK_DNS_A);
    ck_assert_int_eq(lk_dns_resolve(d.resolver, d.w->host[0].stack, "www.test", LK_DNS_A, &query[8], 0), LK_E_FULL);
    lk_dns_resolver_cancel(d.resolver, d.w->host[0].stack, query[3], 0);
    lk_dns_resolver_cancel(d.resolver, d.w->host[0].stack, query[3], 0);
    query[8] = ask(&d, "www.test", LK_DNS_A);
    ck_assert_uint_ne(query[8], query[3]);
    lk_dns_resolver_cancel(d.resolver, d.w->host[0].stack, query[3], 0); /* its place is another question's now */
    world_run(d.w, S);
    for (int i = 0; i < 8; i++) {
        ck_assert(lk_dns_resolver_next(d.resolver, &result));
        ck_assert_uint_ne(result.query, query[3]);
    }
    ck_assert(!lk_dns_resolver_next(d.resolver, &result));
    ck_assert_int_eq(lk_dns_resolve(d.resolver, d.w->host[0].stack, "a..b", LK_DNS_A, &query[0], 0), LK_E_INVALID);
    ck_assert_int_eq(lk_dns_resolve(d.resolver, d.w->host[0].stack, "test", LK_DNS_AXFR, &query[0], 0), LK_E_UNSUPPORTED);
    /* row 87 of the bug catalogue: too many servers, and none */
    struct lk_endpoint five[5] = {0};
    ck_assert_int_eq(lk_dns_resolver_servers(d.resolver, five, 5, 0), LK_E_INVALID);
    ck_assert_int_eq(lk_dns_resolver_servers(d.resolver, NULL, 0, 0), 0);
    ck_assert_int_eq(lk_dns_resolve(d.resolver, d.w->host[0].stack, "b.test", LK_DNS_A, &query[0], 0), LK_E_DESTADDRREQ);
    world_done(&d, f);
}
END_TEST

START_TEST(questions_under_way_go_to_new_servers_with_their_next_try)
{
    struct dns_world d = dns_world();
    struct dns_fake *one = dns_fake(&d, say_nothing), *two = dns_fake(&d, say_address);
    struct lk_endpoint now[2] = {d.config.server[1], {.address = lk_addr_from_ip4(SERVER_IP + 9), .iface = LK_ANY}};
    struct lk_dns_result result;
    d.config.server_count = 1;
    dns_begin(&d);
    ask(&d, "www.test", LK_DNS_A);
    world_run(d.w, S);
    ck_assert_int_eq(lk_dns_resolver_servers(d.resolver, now, 2, d.w->now), 0); /* the first of them first */
    world_run(d.w, 3 * S);
    ck_assert(lk_dns_resolver_next(d.resolver, &result));
    ck_assert_int_eq(result.error, 0);
    ck_assert_uint_eq(lk_addr_ip4(&result.server.address), SERVER_IP + 1);
    free(two);
    world_done(&d, one);
}
END_TEST

START_TEST(the_memory_may_move_and_the_config_is_checked)
{
    struct dns_fake *f;
    struct dns_world d = world_of(say_address, &f);
    struct lk_dns_result result;
    size_t size = lk_dns_resolver_footprint(&d.config);
    ask(&d, "www.test", LK_DNS_A);
    struct lk_dns_resolver *moved = aligned_alloc(16, (size + 15) / 16 * 16);
    memcpy(moved, d.resolver, size);
    memset(d.resolver, 0xee, size);
    free(d.resolver);
    d.resolver = d.w->host[d.client].app[0].self = moved;
    world_run(d.w, S);
    ck_assert(lk_dns_resolver_next(d.resolver, &result));
    ck_assert_uint_eq(address_of(&result, 0), 0x0a000050);
    ck_assert(resolve(&d, "www.test", LK_DNS_A).cached);

    struct lk_dns_resolver_config bad[8];
    for (int i = 0; i < 8; i++)
        lk_dns_resolver_config_init(&bad[i]);
    bad[0].size_of--;
    bad[1].queries = 0;
    bad[2].message_bytes = 511;
    bad[3].udp_size = 5000;
    bad[4].attempts = 0;
    bad[5].timeout = 0;
    bad[6].server_count = 5;
    bad[7].search_count = 1;
    for (int i = 0; i < 8; i++)
        ck_assert_uint_eq(lk_dns_resolver_footprint(&bad[i]), 0);
    world_done(&d, f);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("apps/dns_resolver");
    TCase *c = tcase_create("dns_resolver");
    tcase_add_test(c, each_try_has_an_id_and_a_port_of_its_own);
    tcase_add_test(c, questions_at_the_same_time_have_different_ports);
    tcase_add_test(c, an_answer_matches_in_every_attribute_or_is_none);
    tcase_add_test(c, an_answer_from_elsewhere_is_none);
    tcase_add_test(c, many_wrong_answers_move_the_question_to_tcp);
    tcase_add_test(c, what_cannot_be_read_is_passed_over_and_the_server_asked_again);
    tcase_add_test(c, a_server_that_refuses_or_fails_is_left_for_the_next_at_once);
    tcase_add_test(c, when_all_refuse_the_reason_is_told);
    tcase_add_test(c, a_server_without_edns_is_asked_without_opt);
    tcase_add_test(c, records_of_another_class_do_not_answer);
    tcase_add_test(c, an_alias_whose_end_is_not_told_is_asked_on);
    tcase_add_test(c, aliases_without_end_come_to_one);
    tcase_add_test(c, the_search_list_is_gone_through);
    tcase_add_test(c, a_referral_is_no_answer_to_a_stub);
    tcase_add_test(c, a_port_where_nobody_listens_is_a_server_that_fails);
    tcase_add_test(c, questions_are_counted_handed_out_in_order_and_taken_back);
    tcase_add_test(c, questions_under_way_go_to_new_servers_with_their_next_try);
    tcase_add_test(c, the_memory_may_move_and_the_config_is_checked);
    suite_add_tcase(s, c);
    return run_suite(s);
}
