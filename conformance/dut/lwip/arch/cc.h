/* What lwIP asks of a compiler: the defaults of a hosted C do, but its assertions must name themselves to the plug. */
#ifndef LOCKSTEP_LWIP_CC_H
#define LOCKSTEP_LWIP_CC_H

#include <sys/time.h>

void lockstep_lwip_died(const char *reason);
#define LWIP_PLATFORM_ASSERT(message) lockstep_lwip_died(message)
#define LWIP_PLATFORM_DIAG(x) do { } while (0)
#define LWIP_NO_UNISTD_H 0
#define LWIP_TIMEVAL_PRIVATE 0

#endif
