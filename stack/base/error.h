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
	/* Malformed: HTTP heads (RFC 9112 sections 2 to 5). */
	LK_E_HTTP_OCTET = -300, /* a control octet where none may stand, NUL among them */
	LK_E_HTTP_BARE_CR = -301, /* a CR that no LF follows */
	LK_E_HTTP_BARE_LF = -302, /* a line that ends with LF alone */
	LK_E_HTTP_REQUEST_LINE = -303, /* not: method SP target SP version */
	LK_E_HTTP_METHOD = -304, /* the method is no token */
	LK_E_HTTP_TARGET = -305, /* the request target has none of its four forms */
	LK_E_HTTP_VERSION = -306, /* not HTTP/digit.digit */
	LK_E_HTTP_MAJOR = -307, /* a major version other than 1 */
	LK_E_HTTP_STATUS_LINE = -308, /* not: version SP three digits SP phrase */
	LK_E_HTTP_FIELD_NAME = -309, /* a field name that is empty or no token */
	LK_E_HTTP_SPACE_COLON = -310, /* whitespace between field name and colon */
	LK_E_HTTP_NO_COLON = -311, /* a field line without colon */
	LK_E_HTTP_FOLD = -312, /* a folded field line */
	LK_E_HTTP_FIRST_SPACE = -313, /* whitespace between start line and first field */
	LK_E_HTTP_METHOD_LONG = -314, /* the method is longer than the limit given */
	LK_E_HTTP_TARGET_LONG = -315, /* the request line is longer than the limit given */
	LK_E_HTTP_LINE_LONG = -316, /* another line is longer than the limit given */
	LK_E_HTTP_HEAD_LONG = -317, /* the head is longer than the limit given */
	LK_E_HTTP_FIELDS_MANY = -318, /* more field lines than the limit given */
	/* Malformed: HTTP framing (RFC 9112 section 6). */
	LK_E_HTTP_HOST_MISSING = -330, /* an HTTP/1.1 request without Host */
	LK_E_HTTP_HOST_TWICE = -331, /* more than one Host field line */
	LK_E_HTTP_HOST = -332, /* the value of Host is no host and port */
	LK_E_HTTP_LENGTH = -333, /* Content-Length is no number, or beyond 2^63 - 1 */
	LK_E_HTTP_LENGTH_DIFFERS = -334, /* two values of Content-Length */
	LK_E_HTTP_LENGTH_AND_CODING = -335, /* Content-Length and Transfer-Encoding in one message */
	LK_E_HTTP_CODING = -336, /* Transfer-Encoding is no list of codings */
	LK_E_HTTP_CODING_VERSION = -337, /* Transfer-Encoding in HTTP/1.0 */
	LK_E_HTTP_CODING_LAST = -338, /* a request whose last transfer coding is not chunked */
	LK_E_HTTP_CODING_TWICE = -339, /* chunked more than once */
	LK_E_HTTP_CODING_UNKNOWN = -340, /* a transfer coding that is not implemented */
	LK_E_HTTP_EXPECT = -341, /* an expectation other than 100-continue */
	/* Malformed: HTTP chunked coding (RFC 9112 section 7.1). */
	LK_E_HTTP_CHUNK_SIZE = -350, /* a chunk size that does not begin with a hex digit, or is followed by what may not follow */
	LK_E_HTTP_CHUNK_LARGE = -351, /* a chunk size with more digits than the limit given, or beyond 2^63 - 1 */
	LK_E_HTTP_CHUNK_EXTENSION = -352, /* a chunk extension against the grammar */
	LK_E_HTTP_CHUNK_EXTENSION_LONG = -353, /* chunk extensions longer than the limit given */
	LK_E_HTTP_CHUNK_END = -354, /* chunk data not followed by CRLF */
	/* Malformed: values of HTTP fields (RFC 9110). */
	LK_E_HTTP_DATE = -360, /* a date in none of the three formats, or one that does not exist (5.6.7) */

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
