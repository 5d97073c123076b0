/* Writes seeds of the DHCP targets out of captures: dhcp_seeds TARGET OUTDIR CAPTURE... (fuzz/make-seeds calls it).
 * dhcp: each message. dhcp_client: the server's messages of a capture in order, a second between them. dhcp_server: the clients'. */
#include "conformance/files/capture.h"
#include "fuzz/common/dhcp_wire.h"
#include <stdio.h>

#define CAP 16384

struct seed {
    uint8_t bytes[CAP];
    size_t len;
};

static int save(const struct seed *s, const char *out, const char *stem, unsigned number)
{
    char name[512];
    if (number == 0)
        snprintf(name, sizeof name, "%s/%s", out, stem);
    else
        snprintf(name, sizeof name, "%s/%s-%u", out, stem, number);
    FILE *f = fopen(name, "wb");
    if (f == NULL) {
        perror(name);
        return 1;
    }
    int bad = fwrite(s->bytes, 1, s->len, f) != s->len;
    return (fclose(f) != 0) | bad;
}

static void add(struct seed *s, const void *bytes, size_t len)
{
    if (s->len + len <= sizeof s->bytes) {
        memcpy(s->bytes + s->len, bytes, len);
        s->len += len;
    }
}

/* An event of the machine targets: a message with its length, then a step of one second. */
static void add_event(struct seed *s, const struct lk_udp *udp, const uint8_t second[2])
{
    const uint8_t head[3] = {1, (uint8_t)(udp->payload_len >> 8), (uint8_t)udp->payload_len};
    add(s, head, sizeof head);
    add(s, udp->payload, udp->payload_len);
    add(s, second, 2);
}

static void stem_of(const char *path, char *stem, size_t cap)
{
    const char *slash = strrchr(path, '/');
    snprintf(stem, cap, "%s", slash != NULL ? slash + 1 : path);
    char *dot = strrchr(stem, '.');
    if (dot != NULL)
        *dot = '\0';
}

static int one(const char *target, const char *out, const char *path)
{
    static const uint8_t client_second[2] = {3, 65}, server_second[2] = {3, 1};
    struct lk_fault fault;
    struct lk_captured frame;
    struct lk_capture_reader *capture = lk_capture_open(path, &fault);
    struct seed s = {{0}, 1}; /* the first byte says how the machine is configured */
    unsigned number = 0;
    int bad = 0;
    char stem[256];
    bool messages = strcmp(target, "dhcp") == 0, client = strcmp(target, "dhcp_client") == 0;
    if (capture == NULL) {
        fprintf(stderr, "%s\n", fault.text);
        return 1;
    }
    stem_of(path, stem, sizeof stem);
    while (lk_capture_next(capture, &frame, &fault) > 0) {
        struct lk_ipv4 ip;
        struct lk_udp udp;
        struct lk_dhcp m;
        if (!dhcp_in_frame(frame.bytes, frame.len, &ip, &udp, &m))
            continue;
        if (messages) {
            s.len = 0;
            add(&s, udp.payload, udp.payload_len);
            bad |= save(&s, out, stem, ++number);
        } else if (m.op == (client ? 2 : 1)) {
            add_event(&s, &udp, client ? client_second : server_second);
        }
    }
    lk_capture_close(capture);
    return bad | (messages ? 0 : save(&s, out, stem, 0));
}

int main(int argc, char **argv)
{
    int bad = 0;
    if (argc < 4) {
        fprintf(stderr, "usage: dhcp_seeds TARGET OUTDIR CAPTURE...\n");
        return 2;
    }
    for (int i = 3; i < argc; i++)
        bad |= one(argv[1], argv[2], argv[i]);
    return bad ? 2 : 0;
}
