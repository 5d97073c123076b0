/* A seed of the target gateway out of two captures of one NAT, taken at the same time inside and outside of it: gateway_seed INSIDE
 * OUTSIDE FILE (fuzz/make-gateway-seeds calls it). What hosts inside sent and what came to the outside address, in the order of
 * time; the NAT's own packets are left out, since the target makes them itself. */
#include "conformance/files/capture.h"
#include "stack/base/bytes.h"
#include <stdio.h>
#include <stdlib.h>

#define INSIDE_NET 0xc0a801u /* 192.168.1 */
#define INSIDE_OWN 0xc0a80101u
#define OUTSIDE_OWN 0xcb007101u
#define IP 14 /* behind Ethernet */
#define LONGEST 1500

struct side { struct lk_capture capture; size_t next; bool outside; };

static bool wanted(const struct side *s, const struct lk_captured *f)
{
    if (f->len < IP + 20 || lk_load_be16(f->bytes + 12) != 0x0800 || lk_load_be16(f->bytes + IP + 2) > LONGEST)
        return false;
    uint32_t from = lk_load_be32(f->bytes + IP + 12), to = lk_load_be32(f->bytes + IP + 16);
    return s->outside ? to == OUTSIDE_OWN : from >> 8 == INSIDE_NET && from != INSIDE_OWN;
}

static void skip(struct side *s)
{
    while (s->next < s->capture.count && !wanted(s, &s->capture.frames[s->next]))
        s->next++;
}

static lk_time at(const struct side *s)
{
    return s->next < s->capture.count ? s->capture.start + s->capture.frames[s->next].at : LK_NEVER;
}

/* kind, flags, length, bytes: see fuzz/targets/gateway.c */
static void put(const struct side *s, FILE *to)
{
    const uint8_t *packet = s->capture.frames[s->next].bytes + IP;
    uint16_t len = lk_load_be16(packet + 2);
    uint8_t head[4] = {s->outside ? 8 : 0, 0, (uint8_t)(len >> 8), (uint8_t)len};
    fwrite(head, 1, sizeof head, to);
    fwrite(packet, 1, len, to);
}

int main(int argc, char **argv)
{
    struct side side[2] = {{.outside = false}, {.outside = true}};
    struct lk_bump *bump = lk_bump_new((size_t)16 << 20);
    struct lk_fault fault;
    if (argc != 4 || bump == NULL) {
        fprintf(stderr, "usage: gateway_seed INSIDE OUTSIDE FILE\n");
        return 2;
    }
    for (int i = 0; i < 2; i++)
        if (lk_capture_read(argv[1 + i], bump, &side[i].capture, &fault) < 0) {
            fprintf(stderr, "%s\n", fault.text);
            return 2;
        }
    FILE *to = fopen(argv[3], "wb");
    if (to == NULL) {
        perror(argv[3]);
        return 2;
    }
    fputc(0, to); /* plain configuration */
    for (int most = 60; most > 0; most--) { /* a beginning is enough */
        skip(&side[0]), skip(&side[1]);
        int first = at(&side[1]) < at(&side[0]);
        if (at(&side[first]) == LK_NEVER)
            break;
        put(&side[first], to);
        side[first].next++;
    }
    int bad = ferror(to) | (fclose(to) != 0);
    lk_bump_free(bump);
    return bad ? 2 : 0;
}
