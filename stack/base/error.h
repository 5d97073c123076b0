/* Every error the stack returns, in one list. All are negative, so that one int carries "count or error".
 *
 * Three ranges: general (-1 .. -99) and the wire's two, truncated (-100 .. -199: more bytes might have made it valid) and
 * malformed (-200 .. -499: no further bytes can); the socket errors (-500 and below) have the names of POSIX errno.
 * Numbers never change meaning; new errors take new numbers. */
#ifndef LK_BASE_ERROR_H
#define LK_BASE_ERROR_H

#include <stdbool.h>

enum lk_error {
	LK_OK = 0,

	/* General. */
	LK_E_INVALID = -1,     /* an argument is out of its documented range; fix the caller (EINVAL) */
	LK_E_NOSPACE = -2,     /* the buffer given is too small; nothing was written */
	LK_E_NOMEM = -3,       /* the arena or a table given at init is too small (ENOMEM) */
	LK_E_FULL = -4,        /* a bounded queue or table is full; try again after something left it */
	LK_E_NOTFOUND = -5,    /* no such entry */
	LK_E_EXISTS = -6,      /* such an entry is there already */
	LK_E_UNSUPPORTED = -7, /* understood, and not implemented here */

	/* Truncated: the bytes end too early. */
	LK_E_TRUNCATED = -100,         /* inside the header or its options */
	LK_E_TRUNCATED_PAYLOAD = -101, /* the header is whole, but its length field promises more bytes than there are */

	/* Malformed: ARP. */
	LK_E_MALFORMED = -200,           /* none of the names below fits */
	LK_E_ARP_HARDWARE_TYPE = -201,   /* ar$hrd is not Ethernet */
	LK_E_ARP_PROTOCOL_TYPE = -202,   /* ar$pro is not IPv4 */
	LK_E_ARP_HARDWARE_LENGTH = -203, /* ar$hln is not 6 */
	LK_E_ARP_PROTOCOL_LENGTH = -204, /* ar$pln is not 4 */
	/* Malformed: IPv4. */
	LK_E_IPV4_VERSION = -210,      /* Version is not 4 */
	LK_E_IPV4_IHL = -211,          /* IHL is below 5 */
	LK_E_IPV4_TOTAL_LENGTH = -212, /* Total Length is less than the header */
	/* Malformed: options of IPv4 and TCP. */
	LK_E_OPTION_LENGTH = -220,  /* the length octet is 0 or 1, or missing */
	LK_E_OPTION_OVERRUN = -221, /* the option runs past the end of the options */
	LK_E_OPTION_SIZE = -222,    /* a known kind with a length its RFC does not allow */
	LK_E_OPTION_POINTER = -223, /* the pointer of a route or timestamp option is out of range */
	/* Malformed: TCP, UDP. */
	LK_E_TCP_DATA_OFFSET = -230, /* Data Offset is below 5 */
	LK_E_UDP_LENGTH = -240,      /* Length is below 8 */
	/* Malformed: what any protocol may have. */
	LK_E_CHECKSUM = -250, /* the checksum is wrong */
	/* Malformed: DNS. */
	LK_E_DNS_LABEL = -260,    /* a label of more than 63 octets, or of a reserved type (01, 10) */
	LK_E_DNS_NAME = -261,     /* a name of more than 255 octets */
	LK_E_DNS_POINTER = -262,  /* a compression pointer that does not point to what lies before, or where none may stand */
	LK_E_DNS_RDATA = -263,    /* RDLENGTH does not fit the record's type */
	LK_E_DNS_OPT = -264,      /* more than one OPT, one outside the additional section, or one not owned by the root */
	LK_E_DNS_TRAILING = -265, /* octets after the last record that the header counts */
	/* Malformed: DHCP. */
	LK_E_DHCP_OP = -280,       /* op is neither BOOTREQUEST nor BOOTREPLY */
	LK_E_DHCP_HLEN = -281,     /* hlen is more than the 16 octets of chaddr */
	LK_E_DHCP_COOKIE = -282,   /* the options don't begin with 99.130.83.99 */
	LK_E_DHCP_OVERLOAD = -283, /* option overload is not 1, 2 or 3 */

	/* Sockets; one to one with errno. LK_E_INVALID and LK_E_NOMEM are EINVAL and ENOMEM. */
	LK_E_ACCES = -500,
	LK_E_ADDRINUSE = -501,
	LK_E_ADDRNOTAVAIL = -502,
	LK_E_AFNOSUPPORT = -503,
	LK_E_AGAIN = -504, /* nothing to read, or no room to write, now */
	LK_E_WOULDBLOCK = LK_E_AGAIN,
	LK_E_ALREADY = -505,
	LK_E_BADF = -506,
	LK_E_CONNABORTED = -507,
	LK_E_CONNREFUSED = -508,
	LK_E_CONNRESET = -509,
	LK_E_DESTADDRREQ = -510,
	LK_E_HOSTUNREACH = -511,
	LK_E_INPROGRESS = -512,
	LK_E_ISCONN = -513,
	LK_E_MFILE = -514,
	LK_E_MSGSIZE = -515,
	LK_E_NETDOWN = -516,
	LK_E_NETUNREACH = -517,
	LK_E_NOBUFS = -518,
	LK_E_NOPROTOOPT = -519,
	LK_E_NOTCONN = -520,
	LK_E_NOTSOCK = -521,
	LK_E_OPNOTSUPP = -522,
	LK_E_PERM = -523,
	LK_E_PIPE = -524,
	LK_E_PROTO = -525,
	LK_E_PROTONOSUPPORT = -526,
	LK_E_TIMEDOUT = -527,
};

/* The name of an error as it stands in the list above ("LK_E_TRUNCATED"), "LK_OK" for 0 and positive numbers,
 * "LK_E_?" for a number not in the list. LK_E_AGAIN is the name of both of its spellings. Never NULL. */
const char *lk_error_name(int error);

/* The errno name of a socket error ("ECONNREFUSED"), of LK_E_INVALID ("EINVAL") and LK_E_NOMEM ("ENOMEM"); NULL for
 * every other number. */
const char *lk_error_errno_name(int error);

/* Whether the bytes ended too early (more of them might have parsed). */
static inline bool lk_error_is_truncated(int error)
{
	return error <= -100 && error > -200;
}

/* Whether the bytes are wrong whatever might follow. */
static inline bool lk_error_is_malformed(int error)
{
	return error <= -200 && error > -500;
}

#endif
