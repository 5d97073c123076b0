/* DHCP and BOOTP (RFC 2131 section 2, RFC 951) with the options of RFC 2132. Fields in overloaded sname and file come where option
 * overload stands, sname first, as Wireshark has them; every other order here is the message's own. */
#include "stack/wire/dhcp.h"
#include "conformance/dissect/layer.h"
#include "stack/base/bytes.h"

enum value_kind { AS_ADDRESSES, AS_ADDRESS, AS_8, AS_8S, AS_16, AS_16S, AS_32, AS_SIGNED, AS_TEXT, AS_PAIRS, AS_FIRST };

struct known {
    uint8_t code;
    uint8_t kind; /* enum value_kind */
    const char *name;
    const char *second; /* of a pair */
};

/* RFC 2132, in its order. What is not here is shown as octets only. */
static const struct known options[] = {
    {1, AS_ADDRESS, "dhcp.option.subnet_mask", NULL},
    {2, AS_SIGNED, "dhcp.option.time_offset", NULL},
    {3, AS_ADDRESSES, "dhcp.option.router", NULL},
    {4, AS_ADDRESSES, "dhcp.option.time_server", NULL},
    {5, AS_ADDRESSES, "dhcp.option.name_server", NULL},
    {6, AS_ADDRESSES, "dhcp.option.domain_name_server", NULL},
    {7, AS_ADDRESSES, "dhcp.option.log_server", NULL},
    {8, AS_ADDRESSES, "dhcp.option.quotes_server", NULL},
    {9, AS_ADDRESSES, "dhcp.option.lpr_server", NULL},
    {10, AS_ADDRESSES, "dhcp.option.impress_server", NULL},
    {11, AS_ADDRESSES, "dhcp.option.resource_location_server", NULL},
    {12, AS_TEXT, "dhcp.option.hostname", NULL},
    {13, AS_16, "dhcp.option.boot_file_size", NULL},
    {14, AS_TEXT, "dhcp.option.merit_dump_file", NULL},
    {15, AS_TEXT, "dhcp.option.domain_name", NULL},
    {16, AS_ADDRESS, "dhcp.option.swap_server", NULL},
    {17, AS_TEXT, "dhcp.option.root_path", NULL},
    {18, AS_TEXT, "dhcp.option.extension_path", NULL},
    {19, AS_8, "dhcp.option.ip_forwarding", NULL},
    {20, AS_8, "dhcp.option.non_local_source_routing", NULL},
    {21, AS_PAIRS, "dhcp.option.policy_filter.ip", "dhcp.option.policy_filter.subnet_mask"},
    {22, AS_16, "dhcp.option.max_datagram_reassembly_size", NULL},
    {23, AS_8, "dhcp.option.default_ip_ttl", NULL},
    {24, AS_32, "dhcp.option.path_mtu_aging_timeout", NULL},
    {25, AS_16S, "dhcp.option.path_mtu_plateau_table_item", NULL},
    {26, AS_16, "dhcp.option.interface_mtu", NULL},
    {27, AS_8, "dhcp.option.all_subnets_are_local", NULL},
    {28, AS_ADDRESS, "dhcp.option.broadcast_address", NULL},
    {29, AS_8, "dhcp.option.perform_mask_discovery", NULL},
    {30, AS_8, "dhcp.option.mask_supplier", NULL},
    {31, AS_8, "dhcp.option.perform_router_discover", NULL},
    {32, AS_ADDRESS, "dhcp.option.router_solicitation_address", NULL},
    {33, AS_PAIRS, "dhcp.option.static_route.ip", "dhcp.option.static_route.router"},
    {34, AS_8, "dhcp.option.trailer_encapsulation", NULL},
    {35, AS_32, "dhcp.option.arp_cache_timeout", NULL},
    {36, AS_8, "dhcp.option.ethernet_encapsulation", NULL},
    {37, AS_8, "dhcp.option.tcp_default_ttl", NULL},
    {38, AS_32, "dhcp.option.tcp_keepalive_interval", NULL},
    {39, AS_8, "dhcp.option.tcp_keepalive_garbage", NULL},
    {40, AS_TEXT, "dhcp.option.nis_domain", NULL},
    {41, AS_ADDRESSES, "dhcp.option.nis_server", NULL},
    {42, AS_ADDRESSES, "dhcp.option.ntp_server", NULL},
    {44, AS_ADDRESSES, "dhcp.option.netbios_over_tcpip_name_server", NULL},
    {45, AS_ADDRESSES, "dhcp.option.netbios_over_tcpip_dd_name_server", NULL},
    {46, AS_8, "dhcp.option.netbios_over_tcpip_node_type", NULL},
    {47, AS_TEXT, "dhcp.option.netbios_over_tcpip_scope", NULL},
    {48, AS_ADDRESSES, "dhcp.option.xwindows_system_font_server", NULL},
    {49, AS_ADDRESSES, "dhcp.option.xwindows_system_display_manager", NULL},
    {50, AS_ADDRESS, "dhcp.option.requested_ip_address", NULL},
    {51, AS_32, "dhcp.option.ip_address_lease_time", NULL},
    {53, AS_FIRST, "dhcp.option.dhcp", NULL},
    {54, AS_ADDRESS, "dhcp.option.dhcp_server_id", NULL},
    {55, AS_8S, "dhcp.option.request_list_item", NULL},
    {56, AS_TEXT, "dhcp.option.message", NULL},
    {57, AS_16, "dhcp.option.dhcp_max_message_size", NULL},
    {58, AS_32, "dhcp.option.renewal_time_value", NULL},
    {59, AS_32, "dhcp.option.rebinding_time_value", NULL},
    {60, AS_TEXT, "dhcp.option.vendor_class_id", NULL},
    {64, AS_TEXT, "dhcp.option.nis_plus_domain", NULL},
    {65, AS_ADDRESSES, "dhcp.option.nis_plus_server", NULL},
    {66, AS_TEXT, "dhcp.option.tftp_server_name", NULL},
    {67, AS_TEXT, "dhcp.option.bootfile_name", NULL},
    {68, AS_ADDRESSES, "dhcp.option.mobile_ip_home_agent", NULL},
    {69, AS_ADDRESSES, "dhcp.option.smtp_server", NULL},
    {70, AS_ADDRESSES, "dhcp.option.pop3_server", NULL},
    {71, AS_ADDRESSES, "dhcp.option.nntp_server", NULL},
    {72, AS_ADDRESSES, "dhcp.option.default_www_server", NULL},
    {73, AS_ADDRESSES, "dhcp.option.default_finger_server", NULL},
    {74, AS_ADDRESSES, "dhcp.option.default_irc_server", NULL},
    {75, AS_ADDRESSES, "dhcp.option.streettalk_server", NULL},
    {76, AS_ADDRESSES, "dhcp.option.streettalk_da_server", NULL},
};

/* One option: its value stands at `at` and has `len` octets, all of them captured. */
struct option {
    const struct lk_view *v;
    uint32_t at, len;
};

static const struct known *find(uint8_t code)
{
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (options[i].code == code)
            return &options[i];
    return NULL;
}

static bool wrong_size(struct lk_walk *w, const struct option *o)
{
    lk_walk_note(w, o->v->at + o->at - 1, "a DHCP option has another length than its RFC gives it");
    return true;
}

static uint64_t number_at(const struct option *o, uint32_t offset, uint32_t size)
{
    uint64_t number = 0;
    for (uint32_t i = 0; i < size; i++)
        number = number << 8 | o->v->bytes[o->at + offset + i];
    return number;
}

/* The first octet, whatever follows. */
static bool add_first(struct lk_walk *w, const struct option *o, const char *name)
{
    if (o->len != 1)
        wrong_size(w, o);
    return o->len == 0 || lk_add_number(w, o->v, name, o->at, 1, o->v->bytes[o->at]);
}

/* One number, or as many of `size` octets as the value holds. */
static bool add_numbers(struct lk_walk *w, const struct option *o, const char *name, uint32_t size, bool many)
{
    if (many ? o->len % size != 0 : o->len != size)
        wrong_size(w, o);
    if (!many && o->len != size)
        return true;
    for (uint32_t i = 0; i + size <= o->len; i += size)
        if (!lk_add_number(w, o->v, name, o->at + i, size, number_at(o, i, size)))
            return false;
    return true;
}

static bool add_signed(struct lk_walk *w, const struct option *o, const char *name)
{
    if (o->len != 4)
        return wrong_size(w, o);
    struct lk_field field = {.name = name, .at = o->v->at + o->at, .len = 4, .kind = LK_FIELD_SIGNED};
    field.number = (uint64_t)(int64_t)(int32_t)number_at(o, 0, 4);
    return lk_add(w, &field);
}

static bool add_addresses(struct lk_walk *w, const struct option *o, const char *name, const char *second, bool many)
{
    uint32_t unit = second != NULL ? 8 : 4;
    if (many ? o->len % unit != 0 : o->len != 4)
        wrong_size(w, o);
    if (!many && o->len != 4)
        return true;
    for (uint32_t i = 0; i + unit <= o->len; i += unit)
        if (!lk_add_octets(w, o->v, name, o->at + i, 4, LK_FIELD_IPV4) || (second != NULL && !lk_add_octets(w, o->v, second, o->at + i + 4, 4, LK_FIELD_IPV4)))
            return false;
    return true;
}

static bool add_value(struct lk_walk *w, const struct option *o, const struct known *known)
{
    switch (known->kind) {
    case AS_ADDRESS:
    case AS_ADDRESSES: return add_addresses(w, o, known->name, NULL, known->kind == AS_ADDRESSES);
    case AS_PAIRS: return add_addresses(w, o, known->name, known->second, true);
    case AS_8:
    case AS_8S: return add_numbers(w, o, known->name, 1, known->kind == AS_8S);
    case AS_16:
    case AS_16S: return add_numbers(w, o, known->name, 2, known->kind == AS_16S);
    case AS_32: return add_numbers(w, o, known->name, 4, false);
    case AS_FIRST: return add_first(w, o, known->name);
    case AS_SIGNED: return add_signed(w, o, known->name);
    default: return lk_add_octets(w, o->v, known->name, o->at, o->len, LK_FIELD_STRING);
    }
}

/* RFC 2132 9.14: a hardware type and address, or type 0 and some text. */
static bool add_client_identifier(struct lk_walk *w, const struct option *o)
{
    uint8_t type = o->len > 0 ? o->v->bytes[o->at] : 1;
    if (o->len == 7 && (type == LK_DHCP_HTYPE_ETHERNET || type == 6))
        return lk_add_hex(w, o->v, "dhcp.hw.type", o->at, 1, type, 2) && lk_add_octets(w, o->v, "dhcp.hw.mac_addr", o->at + 1, 6, LK_FIELD_MAC);
    if (type != 0 || o->len < 2)
        return true;
    return lk_add_number(w, o->v, "dhcp.client_id.type", o->at, 1, type) &&
           lk_add_octets(w, o->v, "dhcp.client_id.undef", o->at + 1, o->len - 1, LK_FIELD_STRING);
}

/* Pads in a row, or what follows the end. */
static bool add_padding(struct lk_walk *w, const struct lk_view *v, uint32_t at, uint32_t len)
{
    return len == 0 || lk_add_octets(w, v, "dhcp.option.padding", at, len, LK_FIELD_BYTES);
}

static uint32_t pads_at(const struct lk_view *v, uint32_t at)
{
    uint32_t end = at;
    while (end < v->captured && v->bytes[end] == LK_DHCP_OPT_PAD)
        end++;
    return end - at;
}

/* What one option of at least two octets says. Its value is all there. */
static bool add_option(struct lk_walk *w, const struct lk_view *v, uint32_t at, uint32_t len)
{
    uint8_t code = v->bytes[at];
    struct option o = {v, at + 2, len};
    const struct known *known = find(code);
    if (!lk_add_octets(w, v, "dhcp.option.value", at + 2, len, LK_FIELD_BYTES))
        return false;
    if (code == LK_DHCP_OPT_OVERLOAD)
        return add_first(w, &o, "dhcp.option.option_overload");
    if (code == LK_DHCP_OPT_CLIENT_IDENTIFIER)
        return add_client_identifier(w, &o);
    return known == NULL || add_value(w, &o, known);
}

static bool walk_options(struct lk_walk *w, const struct lk_view *v, const struct lk_view *message);

/* The other fields that hold options. message: NULL when overload means nothing here. */
static bool walk_overloaded(struct lk_walk *w, const struct lk_view *message, uint8_t overload)
{
    struct lk_view sname = lk_view_from(message, 44), file = lk_view_from(message, 108);
    if (overload > 3) {
        lk_walk_note(w, message->at + LK_DHCP_HEADER, "option overload is not 1, 2 or 3");
        return true;
    }
    sname = lk_view_cut(&sname, LK_DHCP_SNAME);
    file = lk_view_cut(&file, LK_DHCP_FILE);
    if ((overload & 2) != 0 && !walk_options(w, &sname, NULL))
        return false;
    return (overload & 1) == 0 || walk_options(w, &file, NULL);
}

/* One step: *at moves behind the option. */
static bool step(struct lk_walk *w, const struct lk_view *v, uint32_t *at, const struct lk_view *message)
{
    uint32_t start = *at;
    uint8_t code = v->bytes[start];
    if (code != LK_DHCP_OPT_PAD && code != LK_DHCP_OPT_END && !lk_view_need(w, v, start, 2))
        return false;
    if (!lk_add_number(w, v, "dhcp.option.type", start, 1, code == LK_DHCP_OPT_END ? 0 : code))
        return false;
    if (code == LK_DHCP_OPT_PAD) {
        *at = start + pads_at(v, start);
        return add_padding(w, v, start, *at - start);
    }
    if (code == LK_DHCP_OPT_END) {
        *at = v->reported;
        return lk_add_number(w, v, "dhcp.option.end", start, 1, code) && (message == NULL || add_padding(w, v, start + 1, v->reported - start - 1));
    }
    uint32_t len = v->bytes[start + 1];
    if (!lk_add_number(w, v, "dhcp.option.length", start + 1, 1, len) || !lk_view_need(w, v, start + 2, len) || !add_option(w, v, start, len))
        return false;
    *at = start + 2 + len;
    return code != LK_DHCP_OPT_OVERLOAD || message == NULL || len == 0 || walk_overloaded(w, message, v->bytes[start + 2]);
}

static bool walk_options(struct lk_walk *w, const struct lk_view *v, const struct lk_view *message)
{
    uint32_t at = 0;
    while (at < v->reported)
        if (!lk_view_need(w, v, at, 1) || !step(w, v, &at, message))
            return false;
    return true;
}

static bool add_hardware_address(struct lk_walk *w, const struct lk_view *v, uint8_t type, uint8_t len)
{
    if (len == 0 || len > 16)
        return true;
    bool mac = len == 6 && (type == LK_DHCP_HTYPE_ETHERNET || type == 6);
    if (mac ? !lk_add_octets(w, v, "dhcp.hw.mac_addr", 28, 6, LK_FIELD_MAC) : !lk_add_octets(w, v, "dhcp.hw.addr", 28, 16, LK_FIELD_BYTES))
        return false;
    return len == 16 || lk_add_octets(w, v, "dhcp.hw.addr_padding", 28u + len, 16u - len, LK_FIELD_BYTES);
}

/* Which of sname and file hold options: 0 where that cannot be told. */
static uint8_t overload_of(const struct lk_view *v)
{
    struct lk_dhcp_option o;
    size_t at = 0;
    while (v->captured > LK_DHCP_HEADER && lk_dhcp_option_next(v->bytes + LK_DHCP_HEADER, v->captured - LK_DHCP_HEADER, &at, &o) == 1)
        if (o.code == LK_DHCP_OPT_OVERLOAD && o.length > 0)
            return o.value[0];
    return 0;
}

static bool add_names(struct lk_walk *w, const struct lk_view *v)
{
    uint8_t overload = overload_of(v);
    if ((overload & 2) == 0 && !lk_add_octets(w, v, "dhcp.server", 44, LK_DHCP_SNAME, LK_FIELD_STRING))
        return false;
    return (overload & 1) != 0 || lk_add_octets(w, v, "dhcp.file", 108, LK_DHCP_FILE, LK_FIELD_STRING);
}

bool lk_dissect_dhcp(struct lk_walk *w, const struct lk_view *v)
{
    static const struct lk_row head[] = {
        {"dhcp.type", 0, 1, LK_FIELD_DECIMAL, 0}, {"dhcp.hw.type", 1, 1, LK_FIELD_HEX, 2}, {"dhcp.hw.len", 2, 1, LK_FIELD_DECIMAL, 0},
        {"dhcp.hops", 3, 1, LK_FIELD_DECIMAL, 0}, {"dhcp.id", 4, 4, LK_FIELD_HEX, 8},      {"dhcp.secs", 8, 2, LK_FIELD_DECIMAL, 0},
        {"dhcp.flags", 10, 2, LK_FIELD_HEX, 4},
    };
    static const struct lk_row addresses[] = {
        {"dhcp.ip.client", 12, 4, LK_FIELD_IPV4, 0}, {"dhcp.ip.your", 16, 4, LK_FIELD_IPV4, 0}, {"dhcp.ip.server", 20, 4, LK_FIELD_IPV4, 0},
        {"dhcp.ip.relay", 24, 4, LK_FIELD_IPV4, 0},
    };
    static const struct lk_row cookie = {"dhcp.cookie", 236, 4, LK_FIELD_IPV4, 0};
    if (!lk_layer_open(w, "dhcp", v) || !lk_add_rows(w, v, head, sizeof head / sizeof *head))
        return false;
    uint16_t flags = lk_load_be16(v->bytes + 10);
    if (!lk_add_number(w, v, "dhcp.flags.bc", 10, 2, flags >> 15) || !lk_add_hex(w, v, "dhcp.flags.reserved", 10, 2, flags & 0x7fffu, 4) ||
        !lk_add_rows(w, v, addresses, sizeof addresses / sizeof *addresses) || !add_hardware_address(w, v, v->bytes[1], v->bytes[2]) || !add_names(w, v) ||
        !lk_view_need(w, v, 236, 4))
        return false;
    if (lk_load_be32(v->bytes + 236) != LK_DHCP_COOKIE)
        return lk_walk_end(w, LK_DISSECT_BOGUS, v->at + 236, "the options of DHCP do not begin with its magic cookie");
    struct lk_view options_view = lk_view_from(v, LK_DHCP_HEADER);
    return lk_add_rows(w, v, &cookie, 1) && walk_options(w, &options_view, v);
}
