/* What is known about an address from its bits alone. */
#include "stack/base/types.h"

#include "stack/base/mem.h"

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool lk_addr_is_ip4(const struct lk_addr *a)
{
	return lk_memequal(a->octet, mapped_prefix, sizeof mapped_prefix);
}

bool lk_addr_is_unspecified(const struct lk_addr *a)
{
	static const struct lk_addr none;

	return lk_addr_equal(a, &none) || (lk_addr_is_ip4(a) && lk_addr_ip4(a) == 0);
}

bool lk_addr_is_multicast(const struct lk_addr *a)
{
	if (lk_addr_is_ip4(a)) {
		return a->octet[12] >> 4 == 0xe;
	}
	return a->octet[0] == 0xff;
}

bool lk_addr_is_loopback(const struct lk_addr *a)
{
	static const struct lk_addr one = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};

	if (lk_addr_is_ip4(a)) {
		return a->octet[12] == 127;
	}
	return lk_addr_equal(a, &one);
}

bool lk_addr_is_limited_broadcast(const struct lk_addr *a)
{
	return lk_addr_is_ip4(a) && lk_addr_ip4(a) == UINT32_MAX;
}

bool lk_addr_equal(const struct lk_addr *a, const struct lk_addr *b)
{
	return lk_memequal(a->octet, b->octet, sizeof a->octet);
}

int lk_addr_compare(const struct lk_addr *a, const struct lk_addr *b)
{
	return lk_memcmp(a->octet, b->octet, sizeof a->octet);
}

bool lk_addr_in_prefix(const struct lk_addr *a, const struct lk_addr *network, unsigned prefix)
{
	unsigned bits = prefix < 128 ? prefix : 128;
	unsigned whole = bits / 8;
	unsigned rest = bits % 8;

	if (!lk_memequal(a->octet, network->octet, whole)) {
		return false;
	}
	return rest == 0 || (a->octet[whole] ^ network->octet[whole]) >> (8 - rest) == 0;
}
