/* A segment on a raw socket, with the numbers of a live connection: see forge.h. */
#define _GNU_SOURCE
#include "forge.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REPAIR_OFF_NO_PROBE = -1, RECEIVE_QUEUE = 1, SEND_QUEUE = 2, MOST_BYTES = 1400, FORGED_WINDOW = 8191 }; /* as <linux/tcp.h> has them */

struct numbers { uint32_t next_seq, next_ack, clock; };

/* Reads the kernel's numbers: only a socket under repair tells them. */
static int read_numbers(int fd, struct numbers *out)
{
    int on = 1, off = REPAIR_OFF_NO_PROBE;
    const int queues[2] = {SEND_QUEUE, RECEIVE_QUEUE};
    uint32_t *const into[2] = {&out->next_seq, &out->next_ack};
    socklen_t size = sizeof(uint32_t);
    if (setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &on, sizeof on) < 0) return -1;
    int status = getsockopt(fd, IPPROTO_TCP, TCP_TIMESTAMP, &out->clock, &size);
    for (int i = 0; i < 2 && status == 0; i++) {
        status = setsockopt(fd, IPPROTO_TCP, TCP_REPAIR_QUEUE, &queues[i], sizeof queues[i]);
        if (status == 0) status = getsockopt(fd, IPPROTO_TCP, TCP_QUEUE_SEQ, into[i], &size);
    }
    return setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &off, sizeof off) < 0 ? -1 : status;
}

static void put16(uint8_t *p, uint32_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

static void put32(uint8_t *p, uint32_t value)
{
    put16(p, value >> 16);
    put16(p + 2, value & 0xffff);
}

static uint32_t sum(const uint8_t *p, size_t length, uint32_t total)
{
    for (size_t i = 0; i < length; i++) total += i % 2 ? p[i] : (uint32_t)p[i] << 8;
    return total;
}

/* RFC 9293 3.1: over the pseudo-header, the header and the data. */
static uint32_t checksum(const struct sockaddr_in ends[2], const uint8_t *segment, size_t length)
{
    uint32_t total = sum((const uint8_t *)&ends[0].sin_addr, 4, 0);
    total = sum((const uint8_t *)&ends[1].sin_addr, 4, total);
    total = sum(segment, length, total + IPPROTO_TCP + (uint32_t)length);
    while (total > 0xffff) total = (total & 0xffff) + (total >> 16);
    return ~total & 0xffff;
}

static uint8_t control_bits(const char *flags)
{
    static const char letters[] = "FSRP.";
    uint8_t bits = 0;
    for (; *flags; flags++) {
        const char *at = strchr(letters, *flags);
        if (at) bits |= (uint8_t)(1u << (at - letters));
    }
    return bits;
}

static size_t write_segment(uint8_t *out, const struct sockaddr_in ends[2], const struct numbers *n, const struct forgery *what)
{
    size_t header = what->age >= 0 ? 32 : 20, bytes = what->bytes < MOST_BYTES ? (size_t)what->bytes : MOST_BYTES;
    uint8_t control = control_bits(what->flags);
    memset(out, 0, header);
    put16(out, ntohs(ends[0].sin_port));
    put16(out + 2, ntohs(ends[1].sin_port));
    put32(out + 4, n->next_seq + (uint32_t)what->seq);
    if (control & 16) put32(out + 8, n->next_ack + (uint32_t)what->ack);
    out[12] = (uint8_t)(header / 4 << 4);
    out[13] = control;
    put16(out + 14, FORGED_WINDOW);
    if (header == 32) {
        memcpy(out + 20, "\1\1\10\12", 4); /* NOP NOP timestamps */
        put32(out + 24, n->clock - (uint32_t)what->age);
    }
    memset(out + header, 'x', bytes);
    put16(out + 16, checksum(ends, out, header + bytes));
    return header + bytes;
}

int forge_segment(int fd, const struct forgery *what)
{
    struct sockaddr_in ends[2];
    struct numbers numbers;
    uint8_t segment[32 + MOST_BYTES];
    socklen_t size = sizeof ends[0];
    if (getsockname(fd, (struct sockaddr *)&ends[0], &size) < 0 || getpeername(fd, (struct sockaddr *)&ends[1], &size) < 0 || read_numbers(fd, &numbers) < 0)
        return -1;
    size_t length = write_segment(segment, ends, &numbers, what);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr = ends[1].sin_addr};
    int raw = socket(AF_INET, SOCK_RAW, IPPROTO_TCP);
    if (raw < 0) return -1;
    bool sent = sendto(raw, segment, length, 0, (struct sockaddr *)&to, sizeof to) == (ssize_t)length;
    close(raw);
    return sent ? 0 : -1;
}
