/* Alterations of a frame's bytes: see alter.h. */
#include "conformance/replay/alter.h"
#include "conformance/replay/rewrite.h"
#include "stack/base/bytes.h"
#include <string.h>

const char *lk_alter_name(unsigned kind)
{
    static const char *const names[LK_ALTER_KINDS] = {"none", "dropped", "doubled", "late", "ack", "seq", "flag", "payload", "option", "sack", "checksum", "return", "byte", "unasked"};
    return kind < LK_ALTER_KINDS ? names[kind] : NULL;
}

static bool blank_option(uint8_t *options, size_t len)
{
    for (size_t at = 0; at + 1 < len && options[at] != LK_TCP_OPT_END; at++) {
        if (options[at] == LK_TCP_OPT_NOP)
            continue;
        if (options[at + 1] < 2 || at + options[at + 1] > len)
            return false;
        memset(options + at, LK_TCP_OPT_NOP, options[at + 1]);
        return true;
    }
    return false;
}

static bool add_one(uint8_t *number)
{
    lk_store_be32(number, lk_load_be32(number) + 1u);
    return true;
}

static bool stretch_block(uint8_t *options, size_t len)
{
    for (size_t at = 0; at + 1 < len && options[at] != LK_TCP_OPT_END;) {
        if (options[at] == LK_TCP_OPT_NOP) {
            at++;
            continue;
        }
        if (options[at + 1] < 2 || at + options[at + 1] > len)
            return false;
        if (options[at] == LK_TCP_OPT_SACK && options[at + 1] >= 10)
            return add_one(options + at + 6);
        at += options[at + 1];
    }
    return false;
}

bool lk_alter_bytes(unsigned kind, uint8_t *bytes, size_t len)
{
    struct lk_tcp_place place;
    if (kind == LK_ALTER_DROPPED || kind == LK_ALTER_DOUBLED || kind == LK_ALTER_LATE)
        return true;
    if (!lk_rewrite_find_tcp(bytes, len, &place))
        return false;
    uint8_t *tcp = bytes + place.tcp, *control = tcp + 13;
    bool changed = false;
    if (kind == LK_ALTER_ACK)
        changed = (*control & LK_TCP_ACK) && add_one(tcp + 8);
    else if (kind == LK_ALTER_SEQ)
        changed = add_one(tcp + 4);
    else if (kind == LK_ALTER_FLAG)
        changed = (*control ^= (*control & (LK_TCP_SYN | LK_TCP_RST)) ? LK_TCP_ACK : LK_TCP_FIN) != 0 || true;
    else if (kind == LK_ALTER_PAYLOAD && place.payload_len > 0)
        changed = (tcp[place.header + place.payload_len / 2] ^= 1) != 0 || true;
    else if (kind == LK_ALTER_OPTION)
        changed = blank_option(tcp + LK_TCP_HEADER, place.header - LK_TCP_HEADER);
    else if (kind == LK_ALTER_SACK)
        changed = stretch_block(tcp + LK_TCP_HEADER, place.header - LK_TCP_HEADER);
    if (changed)
        lk_rewrite_checksums(bytes, len);
    if (kind == LK_ALTER_CHECKSUM)
        changed = (tcp[17] ^= 1) != 0 || true;
    return changed;
}
