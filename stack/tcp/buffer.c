#include "stack/tcp/buffer.h"
#include "stack/base/guard.h"
#include "stack/base/mem.h"

static uint8_t *ring_base(const struct lk_tcp_stack *tcp, uint32_t index, enum tcp_ring ring)
{
    uint8_t *base = (uint8_t *)(uintptr_t)tcp + tcp->buffers + (int64_t)(index * tcp->buffer_stride);
    return ring == TCP_RING_SEND ? base : base + tcp->receive_offset;
}

static uint32_t ring_size(const struct lk_tcp_stack *tcp, enum tcp_ring ring)
{
    return ring == TCP_RING_SEND ? tcp->config.send_buffer : tcp->config.receive_buffer;
}

void tcp_buffer_open(const struct lk_tcp_stack *tcp, uint32_t index)
{
    lk_guard_open(ring_base(tcp, index, TCP_RING_SEND), tcp->config.send_buffer);
    lk_guard_open(ring_base(tcp, index, TCP_RING_RECEIVE), tcp->config.receive_buffer);
}

void tcp_buffer_close(const struct lk_tcp_stack *tcp, uint32_t index)
{
    lk_guard_close(ring_base(tcp, index, TCP_RING_SEND), (size_t)tcp->buffer_stride);
}

void tcp_buffer_wipe(const struct lk_tcp_stack *tcp, uint32_t index)
{
    const struct active *a = active_at(tcp, index);
    lk_memset(ring_base(tcp, index, TCP_RING_SEND), 0, a->snd_wiped);
    lk_memset(ring_base(tcp, index, TCP_RING_RECEIVE), 0, a->rcv_wiped);
}

/* Where the octet at `offset` lies in its ring. */
static uint32_t position(const struct lk_tcp_stack *tcp, uint32_t index, enum tcp_ring ring, uint32_t offset)
{
    const struct active *a = active_at(tcp, index);
    uint64_t at = (uint64_t)(ring == TCP_RING_SEND ? a->snd_head : a->rcv_head) + offset;
    uint32_t size = ring_size(tcp, ring);
    return (uint32_t)(at >= size ? at - size : at);
}

uint8_t *tcp_buffer_run(const struct lk_tcp_stack *tcp, uint32_t index, enum tcp_ring ring, uint32_t offset, uint32_t len, uint32_t *run)
{
    uint32_t at = position(tcp, index, ring, offset);
    uint32_t room = ring_size(tcp, ring) - at;
    *run = len < room ? len : room;
    return ring_base(tcp, index, ring) + at;
}

void tcp_buffer_touched(struct lk_tcp_stack *tcp, uint32_t index, enum tcp_ring ring, uint32_t offset, uint32_t len)
{
    struct active *a = active_at(tcp, index);
    uint32_t *mark = ring == TCP_RING_SEND ? &a->snd_wiped : &a->rcv_wiped;
    uint64_t end = (uint64_t)position(tcp, index, ring, offset) + len;
    if (end > ring_size(tcp, ring))
        end = ring_size(tcp, ring);
    if (end > *mark)
        *mark = (uint32_t)end;
}

void tcp_buffer_write(struct lk_tcp_stack *tcp, uint32_t index, enum tcp_ring ring, uint32_t offset, const uint8_t *bytes, uint32_t len)
{
    if (len == 0)
        return;
    uint32_t run;
    uint8_t *to = tcp_buffer_run(tcp, index, ring, offset, len, &run);
    lk_memcpy(to, bytes, run);
    lk_memcpy(ring_base(tcp, index, ring), bytes + run, len - run);
    tcp_buffer_touched(tcp, index, ring, offset, len);
}

void tcp_buffer_read(const struct lk_tcp_stack *tcp, uint32_t index, enum tcp_ring ring, uint32_t offset, uint8_t *bytes, uint32_t len)
{
    if (len == 0)
        return;
    uint32_t run;
    const uint8_t *from = tcp_buffer_run(tcp, index, ring, offset, len, &run);
    lk_memcpy(bytes, from, run);
    lk_memcpy(bytes + run, ring_base(tcp, index, ring), len - run);
}

void tcp_buffer_drop(struct lk_tcp_stack *tcp, uint32_t index, enum tcp_ring ring, uint32_t len)
{
    struct active *a = active_at(tcp, index);
    uint32_t *head = ring == TCP_RING_SEND ? &a->snd_head : &a->rcv_head;
    uint32_t *held = ring == TCP_RING_SEND ? &a->snd_len : &a->rcv_len;
    *head = position(tcp, index, ring, len);
    *held -= len;
    /* out-of-order bytes, and a place lent to the application, lie at their distance from the head: then it must not move */
    if (*held == 0 && (ring == TCP_RING_SEND ? !a->reserved : a->arrived.count == 0))
        *head = 0;
}
