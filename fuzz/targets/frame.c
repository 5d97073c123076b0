/* One arbitrary frame into a configured host, then its timers for two minutes. The first byte: bit 0 makes lengths and
 * checksums right, bit 1 addresses the frame to the host, bit 2 takes the profile "linux". The rest is the frame. */
#include "fuzz/common/world.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t own_mac[6] = {2, 0, 0, 0, 0, 1};
    struct lk_world world;
    uint8_t *frame;
    size_t len = size - 1;
    if (size < 1 || size > 2000) return 0;
    if (!(frame = malloc(size))) return 0;
    memcpy(frame, data + 1, len);
    if (data[0] & 2 && len >= 6) memcpy(frame, own_mac, 6);
    if (data[0] & 1) lk_world_repair(frame, len);
    lk_world_reset(&world, "frame", data[0] & 4 ? "linux" : "rfc");
    lk_world_drain(&world);
    lk_world_frame(&world, frame, len);
    lk_world_drain(&world);
    lk_world_application(&world);
    lk_world_pass(&world, 120 * LK_SECOND);
    free(frame);
    return 0;
}
