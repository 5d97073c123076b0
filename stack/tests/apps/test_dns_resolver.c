/* The resolver against servers that the test plays. */
#include "stack/tests/support/dns_world.h"

#include "stack/base/rng.h"

typedef void say_fn(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp);

/* A resolver with one played server. */
static struct dns_world world_of(say_fn *say, struct dns_fake **f)
{
    struct dns_world d = dns_world();
    *f = dns_fake(&d, say);
    dns_begin(&d);
    return d;
}

static void done(struct dns_world *d, struct dns_fake *f)
{
    dns_free(d);
    free(f);
}

static void say_address(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp)
{
    struct dns_reply p;
    reply_begin(&p, query, len);
    p.header.aa = true;
    reply_a(&p, "www.test", 60, 0x0a000050);
    reply_send(f, &p, tcp);
}

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
    done(&d, f);
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
    done(&d, f);
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
    done(&d, f);
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
    done(&d, f);
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
    done(&d, f);
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
    done(&d, f);
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
        done(&d, one);
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
    done(&d, one);
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
        done(&d, f);
    }
}
END_TEST

static void say_ttl(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp)
{
    static const uint32_t ttl[] = {0, 0x80000000, 2000000, 100};
    struct dns_reply p;
    reply_begin(&p, query, len);
    reply_a(&p, "www.test", ttl[f->mode], 0x0a000050);
    if (f->mode == 3)
        reply_a(&p, "www.test", 10, 0x0a000051);
    reply_send(f, &p, tcp);
}

START_TEST(a_ttl_of_zero_is_not_kept_and_an_endless_one_not_for_ever)
{
    static const struct { int mode; lk_time wait; uint32_t asked; } row[] = {
        {0, 0, 2}, {1, 0, 2}, {2, 600000 * S, 1}, {2, 605000 * S, 2}, {3, 9 * S, 1}, {3, 11 * S, 2}, /* RFC 2181 5.2: the least TTL of the set */
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct dns_fake *f;
        struct dns_world d = world_of(say_ttl, &f);
        f->mode = row[i].mode;
        resolve(&d, "www.test", LK_DNS_A);
        world_run(d.w, d.w->now + row[i].wait);
        ck_assert_int_eq(resolve(&d, "WWW.test", LK_DNS_A).error, 0);
        ck_assert_msg(f->asked == row[i].asked, "row %zu: %u", i, f->asked);
        done(&d, f);
    }
}
END_TEST

START_TEST(an_answer_from_memory_counts_down)
{
    struct dns_fake *f;
    struct dns_world d = world_of(say_address, &f);
    struct lk_dns_reader r;
    struct lk_dns_record record;
    resolve(&d, "www.test", LK_DNS_A);
    world_run(d.w, d.w->now + 20 * S);
    struct lk_dns_result result = resolve(&d, "www.test", LK_DNS_A);
    ck_assert(result.cached);
    ck_assert_int_eq(lk_dns_check(result.message, result.len), 0);
    lk_dns_read_begin(&r, result.message, result.len);
    ck_assert_int_eq(lk_dns_read_record(&r, &record), 1);
    ck_assert_uint_ge(record.ttl, 39);
    ck_assert_uint_le(record.ttl, 40);
    ck_assert(!r.header.aa); /* memory is no authority */
    ck_assert_uint_eq(r.header.count[LK_DNS_ADDITIONAL], 0); /* RFC 6891 6.1.1: OPT is not kept */
    done(&d, f);
}
END_TEST

static void say_no(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp)
{
    struct dns_reply p;
    reply_begin(&p, query, len);
    p.header.rcode = f->mode & 1 ? LK_DNS_NXDOMAIN : LK_DNS_NOERROR;
    if ((f->mode & 2) == 0)
        reply_soa(&p, f->mode & 4 ? "elsewhere" : "test", 300, 5);
    reply_send(f, &p, tcp);
}

/* RFC 2308 5. */
START_TEST(a_no_is_kept_as_long_as_its_soa_says)
{
    static const struct { int mode; uint16_t again; lk_time wait; uint32_t asked; } row[] = {
        {1, LK_DNS_A, 4 * S, 1},    {1, LK_DNS_A, 6 * S, 2},    {1, LK_DNS_TXT, 4 * S, 1}, /* NXDOMAIN: for all types */
        {0, LK_DNS_A, 4 * S, 1},    {0, LK_DNS_A, 6 * S, 2},    {0, LK_DNS_TXT, 4 * S, 2}, /* no data: for this type */
        {3, LK_DNS_A, 0, 2},        {2, LK_DNS_A, 0, 2},        {5, LK_DNS_A, 0, 2},       /* without SOA of its zone: not at all */
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct dns_fake *f;
        struct dns_world d = world_of(say_no, &f);
        f->mode = row[i].mode;
        struct lk_dns_result result = resolve(&d, "no.test", LK_DNS_A);
        ck_assert_int_eq(result.error, LK_E_NOTFOUND);
        ck_assert_uint_eq(result.rcode, row[i].mode & 1 ? LK_DNS_NXDOMAIN : LK_DNS_NOERROR);
        world_run(d.w, d.w->now + row[i].wait);
        result = resolve(&d, "no.test", row[i].again);
        ck_assert_int_eq(result.error, LK_E_NOTFOUND);
        ck_assert_msg(f->asked == row[i].asked, "row %zu: %u", i, f->asked);
        done(&d, f);
    }
}
END_TEST

START_TEST(a_no_is_kept_no_longer_than_the_config_says)
{
    struct dns_world d = dns_world();
    struct dns_fake *f = dns_fake(&d, say_no);
    d.config.negative_ttl = 2;
    dns_begin(&d);
    f->mode = 1;
    resolve(&d, "no.test", LK_DNS_A);
    world_run(d.w, d.w->now + S);
    resolve(&d, "no.test", LK_DNS_A);
    ck_assert_uint_eq(f->asked, 1);
    world_run(d.w, d.w->now + 2 * S);
    resolve(&d, "no.test", LK_DNS_A);
    ck_assert_uint_eq(f->asked, 2);
    done(&d, f);
}
END_TEST

static void say_alias_to_nothing(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp)
{
    struct dns_reply p;
    reply_begin(&p, query, len);
    if (p.question.type == LK_DNS_TXT)
        reply_record(&p, LK_DNS_ANSWER, "a.test", LK_DNS_TXT, 60, "\1x", 2);
    else
        reply_cname(&p, "a.test", 60, "b.test");
    p.header.rcode = p.question.type == LK_DNS_TXT ? LK_DNS_NOERROR : LK_DNS_NXDOMAIN;
    reply_soa(&p, "test", 300, 300);
    reply_send(f, &p, tcp);
}

/* RFC 2308 2.1, 5: the name that does not exist is the last of the chain. */
START_TEST(a_no_at_the_end_of_aliases_is_kept_for_its_type_only)
{
    struct dns_fake *f;
    struct dns_world d = world_of(say_alias_to_nothing, &f);
    ck_assert_int_eq(resolve(&d, "a.test", LK_DNS_A).error, LK_E_NOTFOUND);
    ck_assert(resolve(&d, "a.test", LK_DNS_A).cached);
    ck_assert_int_eq(resolve(&d, "a.test", LK_DNS_TXT).error, 0);
    ck_assert_uint_eq(f->asked, 2);
    done(&d, f);
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
    done(&d, f);
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
    done(&d, f);
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
        done(&d, f);
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
        done(&d, f);
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
    done(&d, one);
}
END_TEST

/* RFC 5452 6: what stands beside the answer is not believed. */
static void say_extra(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp)
{
    struct dns_reply p;
    static const uint8_t evil[] = {6, 6, 6, 6};
    reply_begin(&p, query, len);
    if (f->asked == 1) {
        reply_a(&p, "a.test", 60, 0x0a000050);
        reply_a(&p, "www.other", 60, 0x06060606);
        reply_record(&p, LK_DNS_ADDITIONAL, "www.other", LK_DNS_A, 60, evil, 4);
    } else
        reply_a(&p, "www.other", 60, 0x0a000051);
    reply_send(f, &p, tcp);
}

START_TEST(records_of_other_names_are_not_remembered)
{
    struct dns_fake *f;
    struct dns_world d = world_of(say_extra, &f);
    struct lk_dns_result result = resolve(&d, "a.test", LK_DNS_A);
    ck_assert_uint_eq(address_of(&result, 0), 0x0a000050);
    ck_assert_uint_eq(address_of(&result, 1), 0);
    result = resolve(&d, "www.other", LK_DNS_A);
    ck_assert_uint_eq(f->asked, 2);
    ck_assert_uint_eq(address_of(&result, 0), 0x0a000051);
    done(&d, f);
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
    done(&d, two);
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
    done(&d, f);
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
    done(&d, one);
}
END_TEST

/* ---- TCP ---- */

static void say_truncated(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp)
{
    struct dns_reply p;
    if (tcp) {
        say_address(f, query, len, tcp);
        return;
    }
    reply_begin(&p, query, len);
    p.header.tc = true;
    reply_a(&p, "www.test", 60, 0x0a0000ee);
    lk_dns_write_header(&p.w, &p.header);
    fake_send(f, p.bytes, p.w.len - 3, tcp); /* in the middle of a record, as some servers do */
}

/* RFC 7766 8. */
START_TEST(a_question_over_tcp_leaves_in_one_segment_with_its_length)
{
    struct dns_fake *f;
    struct dns_world d = world_of(say_truncated, &f);
    resolve(&d, "www.test", LK_DNS_A);
    const struct note *data = NULL;
    for (uint32_t i = 0; i < d.w->notes && data == NULL; i++) {
        const struct note *n = &d.w->note[i];
        if (n->from == d.client && n->type == LK_ETHERTYPE_IPV4 && n->bytes[23] == 6 && n->len > 14u + 20 + (n->bytes[46] >> 4) * 4u)
            data = n;
    }
    ck_assert_ptr_nonnull(data);
    const uint8_t *payload = data->bytes + 34 + (data->bytes[46] >> 4) * 4;
    ck_assert_uint_eq((size_t)(payload[0] << 8 | payload[1]) + 2, (size_t)(data->bytes + data->len - payload));
    done(&d, f);
}
END_TEST

START_TEST(a_truncated_answer_is_asked_for_over_tcp)
{
    struct dns_fake *f;
    struct dns_world d = world_of(say_truncated, &f);
    struct lk_dns_result result = resolve(&d, "www.test", LK_DNS_A);
    ck_assert_int_eq(result.error, 0);
    ck_assert(result.over_tcp);
    ck_assert_uint_eq(address_of(&result, 0), 0x0a000050);
    ck_assert_uint_eq(f->asked, 2);
    result = resolve(&d, "www.test", LK_DNS_A);
    ck_assert(result.cached);
    ck_assert_uint_eq(address_of(&result, 0), 0x0a000050);
    world_run(d.w, d.w->now + 3 * S);
    ck_assert_uint_eq(f->tcp, 0); /* closed when idle */
    resolve(&d, "b.test", LK_DNS_A);
    ck_assert_uint_ne(f->tcp, 0);
    ask(&d, "c.test", LK_DNS_A);
    lk_dns_resolver_close(d.resolver, d.w->host[d.client].stack, d.w->now);
    ck_assert_int_eq(lk_dns_resolver_app.deadline(d.resolver), LK_NEVER);
    world_run(d.w, d.w->now + S);
    ck_assert_uint_eq(f->tcp, 0); /* or when told so, with all that is under way */
    ck_assert(!lk_dns_resolver_next(d.resolver, &result));
    done(&d, f);
}
END_TEST

/* Keeps two questions and answers them the other way round. */
static void say_reversed(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp)
{
    static struct dns_reply p[2];
    static unsigned kept;
    if (!tcp) {
        say_truncated(f, query, len, tcp);
        return;
    }
    reply_begin(&p[kept % 2], query, len);
    reply_a(&p[kept % 2], kept % 2 == 0 ? "a.test" : "b.test", 60, 0x0a000060 + kept % 2);
    f->ids[kept % 2] = p[kept % 2].header.id;
    if (++kept % 2 == 0) {
        reply_send(f, &p[1], true);
        reply_send(f, &p[0], true);
    }
}

START_TEST(one_connection_carries_several_questions_answered_in_any_order)
{
    struct dns_fake *f;
    struct dns_world d = world_of(say_reversed, &f);
    struct lk_dns_result result;
    uint32_t a = ask(&d, "a.test", LK_DNS_A), b = ask(&d, "b.test", LK_DNS_A);
    world_run(d.w, 500 * MS);
    ck_assert(lk_dns_resolver_next(d.resolver, &result));
    ck_assert_uint_eq(result.query, b);
    ck_assert_uint_eq(address_of(&result, 0), 0x0a000061);
    ck_assert(lk_dns_resolver_next(d.resolver, &result));
    ck_assert_uint_eq(result.query, a);
    ck_assert_uint_eq(address_of(&result, 0), 0x0a000060);
    ck_assert_uint_ne(f->ids[0], f->ids[1]);
    done(&d, f);
}
END_TEST

static void say_hang_up(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp)
{
    if (tcp && f->mode-- > 0) {
        lk_sock_close(f->stack, f->tcp, f->now);
        f->tcp = 0;
        f->in_len = 0;
    } else
        say_truncated(f, query, len, tcp);
}

START_TEST(a_connection_closed_before_the_answer_is_a_reason_to_ask_again)
{
    struct dns_fake *f;
    struct dns_world d = world_of(say_hang_up, &f);
    f->mode = 1;
    struct lk_dns_result result = resolve(&d, "www.test", LK_DNS_A);
    ck_assert_int_eq(result.error, 0);
    ck_assert_uint_eq(address_of(&result, 0), 0x0a000050);
    ck_assert_uint_eq(f->asked, 4);
    f->mode = 100;
    result = resolve(&d, "b.test", LK_DNS_A);
    ck_assert_int_eq(result.error, LK_E_TIMEDOUT);
    ck_assert_uint_le(f->asked, 8);
    done(&d, f);
}
END_TEST

static void say_too_long(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp)
{
    static const uint8_t prefix[] = {0xff, 0xff, 0, 0};
    if (!tcp)
        say_truncated(f, query, len, tcp);
    else
        ck_assert_int_eq(lk_sock_send(f->stack, f->tcp, prefix, 4, f->now), 4);
}

START_TEST(an_answer_longer_than_is_taken_ends_the_connection)
{
    struct dns_fake *f;
    struct dns_world d = world_of(say_too_long, &f);
    struct lk_dns_result result = resolve(&d, "www.test", LK_DNS_A);
    ck_assert_int_eq(result.error, LK_E_CONNREFUSED);
    ck_assert_int_lt(d.w->now, S);
    done(&d, f);
}
END_TEST

static void say_unusable_over_tcp(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp)
{
    struct dns_reply p;
    if (!tcp) {
        say_truncated(f, query, len, tcp);
        return;
    }
    reply_begin(&p, query, len);
    p.header.tc = f->mode == 0;
    reply_a(&p, "www.test", 60, 0x0a0000ee);
    lk_dns_write_header(&p.w, &p.header);
    fake_send(f, p.bytes, p.w.len - (f->mode == 0 ? 0 : 2), true);
}

START_TEST(what_cannot_be_used_over_tcp_is_a_failure_of_the_server)
{
    for (int mode = 0; mode < 2; mode++) {
        struct dns_fake *f;
        struct dns_world d = world_of(say_unusable_over_tcp, &f);
        f->mode = mode;
        struct lk_dns_result result = resolve(&d, "www.test", LK_DNS_A);
        ck_assert_int_eq(result.error, LK_E_CONNREFUSED);
        ck_assert_uint_eq(result.rcode, LK_DNS_SERVFAIL);
        ck_assert_int_lt(d.w->now, S);
        done(&d, f);
    }
}
END_TEST

/* ---- the machine ---- */

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
    done(&d, f);
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
    tcase_add_test(c, a_ttl_of_zero_is_not_kept_and_an_endless_one_not_for_ever);
    tcase_add_test(c, an_answer_from_memory_counts_down);
    tcase_add_test(c, a_no_is_kept_as_long_as_its_soa_says);
    tcase_add_test(c, a_no_is_kept_no_longer_than_the_config_says);
    tcase_add_test(c, a_no_at_the_end_of_aliases_is_kept_for_its_type_only);
    tcase_add_test(c, records_of_another_class_do_not_answer);
    tcase_add_test(c, an_alias_whose_end_is_not_told_is_asked_on);
    tcase_add_test(c, aliases_without_end_come_to_one);
    tcase_add_test(c, the_search_list_is_gone_through);
    tcase_add_test(c, a_referral_is_no_answer_to_a_stub);
    tcase_add_test(c, records_of_other_names_are_not_remembered);
    tcase_add_test(c, a_port_where_nobody_listens_is_a_server_that_fails);
    tcase_add_test(c, questions_are_counted_handed_out_in_order_and_taken_back);
    tcase_add_test(c, questions_under_way_go_to_new_servers_with_their_next_try);
    tcase_add_test(c, a_question_over_tcp_leaves_in_one_segment_with_its_length);
    tcase_add_test(c, a_truncated_answer_is_asked_for_over_tcp);
    tcase_add_test(c, one_connection_carries_several_questions_answered_in_any_order);
    tcase_add_test(c, a_connection_closed_before_the_answer_is_a_reason_to_ask_again);
    tcase_add_test(c, an_answer_longer_than_is_taken_ends_the_connection);
    tcase_add_test(c, what_cannot_be_used_over_tcp_is_a_failure_of_the_server);
    tcase_add_test(c, the_memory_may_move_and_the_config_is_checked);
    suite_add_tcase(s, c);
    return run_suite(s);
}
