/* lockstep visit: the story of a name typed into a browser, on a simulated network. */
#define _DEFAULT_SOURCE
#include "conformance/cli/cli.h"
#include "conformance/cli/visit_page.h"
#include "conformance/files/capture.h"
#include "conformance/files/input.h"
#include "conformance/timeline/units.h"
#include "conformance/visit/show.h"
#include "conformance/visit/visit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUDGET ((size_t)2 << 30) /* bytes that one visit may take */
#define LONGEST_PAGE (16u << 20)

static const char usage[] =
    "usage: lockstep visit [OPTION...] URL\n"
    "Everything that happens between a name typed into a browser and the page, packet by packet: a laptop, a home gateway with\n"
    "NAT, two routers, a DNS server and a web server, each a stack of its own, on simulated links in virtual time.\n"
    "URL is http://HOST[:PORT][/PATH][?QUERY], or HOST alone; the simulated DNS server knows whatever name you ask for.\n"
    "\n"
    "    lockstep visit www.google.com                    the story\n"
    "    lockstep visit --drop SYN www.google.com         what happens when the first SYN is lost\n"
    "    lockstep visit --pcap-out caps www.google.com    one capture a link, for Wireshark\n"
    "\n"
    "What is shown\n"
    "  --lang en|ko        language of the words (default: en)\n"
    "  -v                  each packet's layers, fields and bytes too\n"
    "  -q                  only how it ended\n"
    "  --pcap-out DIR      writes DIR/home.pcap, access.pcap, core.pcap, dns.pcap, web.pcap\n"
    "  --html FILE         writes the story as one page for a browser (-: to standard output, instead of the text)\n"
    "What goes wrong\n"
    "  --drop WHAT[:N][@LINK]  loses the N-th (default: first) packet of a kind, on LINK (default: where it is sent first);\n"
    "                      up to 16 times. WHAT: DISCOVER OFFER DHCP-REQUEST DHCP-ACK ARP ARP-REPLY DNS DNS-ANSWER SYN\n"
    "                      SYN-ACK ACK GET PAGE FIN\n"
    "  --loss P%           loses each packet on each link with this probability, such as 5% or 0.5%\n"
    "  --seed N            another run of luck, other random numbers (default: 0)\n"
    "  --no-such-name      the DNS server does not know the name\n"
    "  --refuse            nobody listens on the web server's port\n"
    "The network and the page\n"
    "  --delay [LINK=]TIME one way, such as 20ms; for one of home, access, core, dns, web, or all of them\n"
    "  --rate [LINK=]RATE  such as 2mbit\n"
    "  --page FILE         what the web server has, at most 16 MiB\n"
    "  --page-bytes N      the web server makes a page of N bytes up (default: 6000)\n"
    "\n"
    "The story judges itself by the rulebook, from the captured bytes alone.\n"
    "Exit status: 0 the page is there and every act held, 1 not (the act and the reason are named), 2 usage or a file.\n";

struct arguments {
    struct lk_visit_options visit;
    enum lk_story_language language;
    const char *pcap_out, *html, *page;
    bool verbose, quiet;
    char drop_links[LK_VISIT_DROPS][16];
};

static int fail(const char *what, const char *value)
{
    fprintf(stderr, "lockstep visit: %s%s%s (try --help)\n", what, value != NULL ? ": " : "", value != NULL ? value : "");
    return LK_EXIT_UNUSABLE;
}

/* ---- values ---- */

static const char *const link_names[LK_VISIT_LINKS] = {"home", "access", "core", "dns", "web"};

static int link_named(const char *name, size_t len)
{
    for (int i = 0; i < LK_VISIT_LINKS; i++)
        if (strlen(link_names[i]) == len && strncmp(link_names[i], name, len) == 0)
            return i;
    return -1;
}

/* WHAT[:N][@LINK] */
static int read_drop(struct arguments *a, const char *text)
{
    char what[64];
    struct lk_visit_drop *drop = &a->visit.drop[a->visit.drops];
    uint64_t copy = 1;
    if (a->visit.drops == LK_VISIT_DROPS)
        return fail("--drop can be given 16 times", NULL);
    snprintf(what, sizeof what, "%s", text);
    char *at = strchr(what, '@'), *colon;
    if (at != NULL)
        *at++ = 0;
    colon = strchr(what, ':');
    if (colon != NULL)
        *colon++ = 0;
    if (colon != NULL && (!lk_read_number(colon, UINT32_MAX, &copy) || copy == 0))
        return fail("--drop counts from 1", text);
    int link = at == NULL ? 0 : link_named(at, strlen(at));
    if (link < 0)
        return fail("--drop knows the links home, access, core, dns and web", text);
    for (uint8_t kind = LK_VISIT_OTHER + 1; kind < LK_VISIT_KINDS; kind++)
        if (strcasecmp(what, lk_visit_kind_name(kind)) == 0) {
            *drop = (struct lk_visit_drop){.kind = kind, .copy = (uint32_t)copy, .link = at == NULL ? NULL : link_names[link]};
            a->visit.drops++;
            return 0;
        }
    return fail("--drop knows no such packet", text);
}

/* "5%", "0.5%", in 1/10000; at most 90 %, since nothing arrives beyond. */
static int read_loss(struct arguments *a, const char *text)
{
    char digits[16];
    uint32_t permille;
    size_t len = strlen(text);
    bool percent = len > 1 && len < sizeof digits && text[len - 1] == '%';
    snprintf(digits, sizeof digits, "%.*s", percent ? (int)len - 1 : 0, text);
    if (!percent || !lk_read_permille(digits, &permille) || permille > 90000)
        return fail("--loss takes a percentage such as 5% or 0.5%, up to 90%", text);
    a->visit.loss = permille / 10; /* percent with three decimals */
    return 0;
}

/* [LINK=]VALUE: sets *first and *last to the links that are meant; the value, or NULL. */
static const char *read_links(const char *text, int *first, int *last)
{
    const char *equals = strchr(text, '=');
    *first = 0;
    *last = LK_VISIT_LINKS - 1;
    if (equals == NULL)
        return text;
    *first = *last = link_named(text, (size_t)(equals - text));
    return *first < 0 ? NULL : equals + 1;
}

static int read_delay(struct arguments *a, const char *text)
{
    int first, last;
    lk_time delay;
    const char *value = read_links(text, &first, &last);
    if (value == NULL || !lk_read_time(value, &delay) || delay > 10 * LK_SECOND)
        return fail("--delay takes a time such as 20ms, at most 10s, or home=20ms", text);
    for (int i = first; i <= last; i++)
        a->visit.delay[i] = delay;
    return 0;
}

static int read_rate(struct arguments *a, const char *text)
{
    int first, last;
    uint64_t rate;
    const char *value = read_links(text, &first, &last);
    if (value == NULL || !lk_read_rate(value, &rate) || rate < 1000)
        return fail("--rate takes a rate such as 2mbit, at least 1kbit, or access=2mbit", text);
    for (int i = first; i <= last; i++)
        a->visit.rate[i] = rate;
    return 0;
}

static int read_language(struct arguments *a, const char *text)
{
    if (strcmp(text, "en") != 0 && strcmp(text, "ko") != 0)
        return fail("--lang is en or ko", text);
    a->language = text[0] == 'k' ? LK_STORY_KO : LK_STORY_EN;
    return 0;
}

static int read_seed(struct arguments *a, const char *text)
{
    return lk_read_number(text, UINT64_MAX, &a->visit.seed) ? 0 : fail("--seed takes a number", text);
}

static int read_page_bytes(struct arguments *a, const char *text)
{
    return lk_read_number(text, LONGEST_PAGE, &a->visit.page_bytes) ? 0 : fail("--page-bytes takes a number up to 16777216", text);
}

static int read_page(struct arguments *a, const char *text)
{
    a->page = text;
    return 0;
}

static int read_pcap_out(struct arguments *a, const char *text)
{
    a->pcap_out = text;
    return 0;
}

static int read_html(struct arguments *a, const char *text)
{
    a->html = text;
    return 0;
}

/* ---- arguments ---- */

static const struct { const char *name; int (*read)(struct arguments *, const char *); } valued[] = {
    {"--lang", read_language}, {"--drop", read_drop}, {"--loss", read_loss}, {"--seed", read_seed}, {"--delay", read_delay}, {"--rate", read_rate},
    {"--page", read_page}, {"--page-bytes", read_page_bytes}, {"--pcap-out", read_pcap_out}, {"--html", read_html},
};

static bool read_flag(struct arguments *a, const char *text)
{
    const struct { const char *name; bool *flag; } flags[] = {
        {"-v", &a->verbose}, {"-q", &a->quiet}, {"--no-such-name", &a->visit.no_such_name}, {"--refuse", &a->visit.refuse}};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (strcmp(text, flags[i].name) == 0)
            return *flags[i].flag = true;
    return false;
}

static int read_option(struct arguments *a, int argc, char **argv, int *at)
{
    if (read_flag(a, argv[*at]))
        return 0;
    for (size_t i = 0; i < sizeof valued / sizeof *valued; i++) {
        if (strcmp(argv[*at], valued[i].name) != 0)
            continue;
        if (*at + 1 == argc)
            return fail("a value is missing behind", argv[*at]);
        return valued[i].read(a, argv[++*at]);
    }
    return fail("unknown option", argv[*at]);
}

static int read_arguments(struct arguments *a, int argc, char **argv)
{
    memset(a, 0, sizeof *a);
    lk_visit_options_init(&a->visit);
    a->visit.url = NULL;
    for (int i = 1; i < argc; i++) {
        int status = 0;
        if (argv[i][0] == '-')
            status = read_option(a, argc, argv, &i);
        else if (a->visit.url != NULL)
            status = fail("one URL at a time", argv[i]);
        else
            a->visit.url = argv[i];
        if (status != 0)
            return status;
    }
    return a->visit.url == NULL ? fail("which page? Give a URL, such as www.google.com", NULL) : 0;
}

/* ---- files ---- */

static int load_page(struct arguments *a, struct lk_bump *memory)
{
    struct lk_fault fault;
    uint8_t *bytes;
    size_t len;
    if (a->page == NULL)
        return 0;
    if (lk_input_whole(a->page, LONGEST_PAGE, memory, &bytes, &len, &fault) != 0) {
        fprintf(stderr, "lockstep visit: %s\n", fault.text);
        return LK_EXIT_UNUSABLE;
    }
    a->visit.page = bytes;
    a->visit.page_bytes = len;
    return 0;
}

/* One capture a link: what was sent into it from either end, when it was sent, lost packets too. */
static int write_capture(const struct lk_story *story, uint32_t link, const char *dir, struct lk_bump *memory)
{
    struct lk_fault fault;
    struct lk_capture capture = {.link = LK_CAPTURE_ETHERNET};
    char *path = lk_bump_format(memory, "%s/%s.pcap", dir, story->links[link].name);
    capture.frames = lk_bump_array(memory, story->packet_count, sizeof *capture.frames);
    if (path == NULL || capture.frames == NULL)
        return fail("out of memory", NULL);
    for (size_t i = 0; i < story->packet_count; i++) {
        const struct lk_story_packet *p = &story->packets[i];
        if (p->link == link)
            capture.frames[capture.count++] = (struct lk_captured){.at = p->sent_at, .number = p->link_number, .len = p->len, .orig_len = p->len, .bytes = p->bytes};
    }
    if (lk_capture_write(path, &capture, &fault) == 0)
        return 0;
    fprintf(stderr, "lockstep visit: %s\n", fault.text);
    return LK_EXIT_UNUSABLE;
}

static int write_captures(const struct arguments *a, const struct lk_story *story, struct lk_bump *memory)
{
    if (a->pcap_out == NULL)
        return 0;
    if (mkdir(a->pcap_out, 0777) != 0 && errno != EEXIST) {
        fprintf(stderr, "lockstep visit: %s: %s\n", a->pcap_out, strerror(errno));
        return LK_EXIT_UNUSABLE;
    }
    for (uint32_t l = 0; l < story->link_count; l++) {
        int status = write_capture(story, l, a->pcap_out, memory);
        if (status != 0)
            return status;
    }
    return 0;
}

/* ---- the whole ---- */

static void write_out(void *context, const char *text, size_t len)
{
    (void)context;
    fwrite(text, 1, len, stdout); /* an error stays in the stream and is seen at the end */
}

static int show(const struct arguments *a, const struct lk_story *story)
{
    struct winsize size;
    bool terminal = isatty(STDOUT_FILENO) != 0;
    struct lk_visit_style style = {.language = a->language, .colours = terminal && getenv("NO_COLOR") == NULL, .verbose = a->verbose};
    struct lk_report_out out = {NULL, write_out};
    if (terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        style.columns = size.ws_col;
    if (a->quiet)
        lk_visit_show_end(story, &style, &out);
    return a->quiet || lk_visit_show(story, &style, &out) == 0 ? 0 : fail("out of memory", NULL);
}

/* Why there is no page, or which acts went wrong, in one line each on standard error too: standard output may be a file. */
static void complain(const struct arguments *a, const struct lk_story *story)
{
    if (isatty(STDOUT_FILENO) && isatty(STDERR_FILENO))
        return;
    if (story->failure != NULL)
        fprintf(stderr, "lockstep visit: %s\n", story->failure_in[a->language] != NULL ? story->failure_in[a->language] : story->failure);
    for (size_t i = 0; i < story->finding_count && i < 3; i++)
        fprintf(stderr, "lockstep visit: %s: %s\n", story->acts[story->findings[i].act].title[a->language], story->findings[i].message);
}

static int visit(struct arguments *a, struct lk_bump *memory)
{
    struct lk_story story;
    int status = load_page(a, memory);
    if (status != 0)
        return status;
    int error = lk_visit_run(&a->visit, memory, &story);
    if (error != 0)
        return fail(story.failure != NULL ? story.failure : "more packets than memory; try a shorter page, or less loss", story.failure != NULL ? a->visit.url : NULL);
    if (a->html == NULL || strcmp(a->html, "-") != 0) /* the page itself goes there then */
        status = show(a, &story);
    if (status == 0)
        status = write_captures(a, &story, memory);
    if (status == 0 && a->html != NULL && lk_cli_visit_page(&story, a->language, a->html) != 0)
        status = LK_EXIT_UNUSABLE;
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "lockstep visit: standard output: %s\n", strerror(errno));
        status = LK_EXIT_UNUSABLE;
    }
    complain(a, &story);
    return status != 0 ? status : story.whole ? LK_EXIT_HELD : LK_EXIT_FAILED;
}

int lk_cli_visit(int argc, char **argv)
{
    struct arguments a;
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            fputs(usage, stdout);
            return LK_EXIT_HELD;
        }
    int status = read_arguments(&a, argc, argv);
    if (status != 0)
        return status;
    struct lk_bump *memory = lk_bump_new(BUDGET);
    if (memory == NULL)
        return fail("out of memory", NULL);
    status = visit(&a, memory);
    lk_bump_free(memory);
    return status;
}
