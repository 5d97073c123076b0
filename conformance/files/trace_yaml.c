#include "conformance/files/trace_yaml.h"
#include "conformance/compose/compose.h"
#include "conformance/files/capture.h"
#include "conformance/files/input.h"
#include "conformance/files/trace_schema.h"
#include "conformance/requirements/requirement.h"
#include "conformance/timeline/codec.h"
#include "conformance/timeline/event.h"

#include <string.h>

#define YAML_MOST (256u << 10) /* bytes of one YAML file */
#define EVENT_MOST (64u << 20) /* bytes of one event file */

/* Says what libyaml found wrong. */
static int refuse_syntax(const yaml_parser_t *parser, const char *name, struct lk_fault *fault)
{
    if (parser->error == YAML_MEMORY_ERROR)
        return lk_fault_at(fault, name, 0, "out of memory");
    size_t line = parser->error == YAML_READER_ERROR ? 0 : parser->problem_mark.line + 1;
    return lk_fault_at(fault, name, line, "not YAML: %s", parser->problem == NULL ? "unknown problem" : parser->problem);
}

/* What follows the first document must be nothing. */
static int check_end(yaml_parser_t *parser, const char *name, struct lk_fault *fault)
{
    yaml_document_t second;
    if (!yaml_parser_load(parser, &second))
        return refuse_syntax(parser, name, fault);
    const yaml_node_t *root = yaml_document_get_root_node(&second);
    int result = root == NULL ? 0 : lk_fault_at(fault, name, root->start_mark.line + 1, "a second document");
    yaml_document_delete(&second);
    return result;
}

static int read_document(yaml_parser_t *parser, struct lk_yaml *yaml)
{
    if (!yaml_parser_load(parser, &yaml->document))
        return refuse_syntax(parser, yaml->file, yaml->fault);
    int result = 0;
    const yaml_node_t *root = yaml_document_get_root_node(&yaml->document);
    if (root == NULL)
        result = lk_fault_at(yaml->fault, yaml->file, 1, "the file is empty");
    else if (!lk_yaml_trace(yaml, root))
        result = -1;
    else
        result = check_end(parser, yaml->file, yaml->fault);
    yaml_document_delete(&yaml->document);
    return result;
}

/* "…/topic/name.yaml" -> "topic/name" */
static char *name_of(const char *path, struct lk_bump *bump)
{
    const char *start = path + strlen(path);
    const char *end = strrchr(path, '.');
    for (int slashes = 0; start > path; start--)
        if (start[-1] == '/' && ++slashes == 2)
            break;
    return lk_bump_text(bump, start, end == NULL || end < start ? strlen(start) : (size_t)(end - start));
}

static int parse(const char *name, const uint8_t *bytes, size_t len, struct lk_yaml *yaml)
{
    struct lk_trace *trace = yaml->trace;
    yaml_parser_t parser;
    lk_trace_init(trace, yaml->bump);
    trace->name = name_of(name, yaml->bump);
    trace->path = lk_bump_text(yaml->bump, name, strlen(name));
    if (trace->name == NULL || trace->path == NULL)
        return lk_fault_at(yaml->fault, name, 0, "needs more memory than the budget allows");
    if (!yaml_parser_initialize(&parser))
        return lk_fault_at(yaml->fault, name, 0, "out of memory");
    yaml_parser_set_input_string(&parser, bytes, len);
    int result = read_document(&parser, yaml);
    yaml_parser_delete(&parser);
    return result;
}

int lk_trace_parse(const char *name, const uint8_t *bytes, size_t len, struct lk_bump *bump, struct lk_trace *trace, struct lk_fault *fault)
{
    struct lk_yaml yaml = {.file = name, .bump = bump, .fault = fault, .trace = trace};
    if (len > YAML_MOST)
        return lk_fault_at(fault, name, 0, "longer than %u bytes", YAML_MOST);
    return parse(name, bytes, len, &yaml);
}

/* -- captures -- */

/* Reads the capture `file` in the folder of the trace; NULL: there is none. */
static int read_capture(const struct lk_trace *trace, const char *file, struct lk_capture *capture, struct lk_fault *fault)
{
    if (file == NULL)
        return 0;
    const char *slash = strrchr(trace->path, '/');
    int folder = slash == NULL ? 0 : (int)(slash - trace->path) + 1;
    const char *path = lk_bump_format(trace->memory, "%.*s%s", folder, trace->path, file);
    if (path == NULL)
        return lk_fault_at(fault, trace->path, 0, "needs more memory than the budget allows");
    return lk_capture_read(path, trace->memory, capture, fault);
}

/* Both captures count from the first frame at the DUT. */
static void align(const struct lk_capture *dut, struct lk_capture *peer)
{
    if (peer->count == 0)
        return;
    for (size_t i = 0; i < peer->count; i++)
        peer->frames[i].at += peer->start - dut->start;
    peer->start = dut->start;
}

static bool occurs(const struct lk_capture *capture, const struct lk_addr *address)
{
    uint32_t wanted = lk_addr_ip4(address);
    struct lk_segment segment;
    for (size_t i = 0; i < capture->count; i++) {
        lk_segment_read(capture->frames[i].bytes, capture->frames[i].len, capture->link, &segment);
        if (segment.is_ip && (segment.src == wanted || segment.dst == wanted))
            return true;
    }
    return false;
}

static int check_captures(struct lk_trace *trace, const struct lk_yaml *yaml)
{
    if (trace->match.mode == LK_MATCH_FIELDS)
        return lk_talk_compile(trace, yaml->file, trace->memory, yaml->fault);
    const char *capture = trace->dut.capture_file == NULL ? "the capture" : trace->dut.capture_file;
    uint32_t link = strcmp(trace->link.type, "raw") == 0 ? LK_CAPTURE_RAW_IP : LK_CAPTURE_ETHERNET;
    if (trace->capture.link != link || (trace->peer_capture.count != 0 && trace->peer_capture.link != link))
        return lk_fault_at(yaml->fault, yaml->file, 0, "link: the captures are not of type %s", trace->link.type);
    if (!occurs(&trace->capture, &trace->dut.host.address))
        return lk_fault_at(yaml->fault, yaml->file, yaml->dut_line, "dut: the address never occurs in %s", capture);
    if (!occurs(&trace->capture, &trace->peer.host.address))
        return lk_fault_at(yaml->fault, yaml->file, yaml->peer_line, "peer: the address never occurs in %s", capture);
    size_t most = trace->capture.count > trace->peer_capture.count ? trace->capture.count : trace->peer_capture.count;
    for (size_t i = 0; i < trace->inject_count; i++)
        if (trace->injects[i].frame == 0 || trace->injects[i].frame > most || trace->injects[i].after > most)
            return lk_fault_at(yaml->fault, yaml->file, 0, "inject: no frame %u or %u in the captures", trace->injects[i].after, trace->injects[i].frame);
    return 0;
}

/* -- event files -- */

static int read_event(const char *path, struct lk_bump *bump, struct lk_trace *trace, struct lk_fault *fault)
{
    struct lk_yaml nowhere = {.file = path, .fault = fault}; /* an event file has no lines */
    uint8_t *bytes;
    size_t len;
    if (lk_input_whole(path, EVENT_MOST, bump, &bytes, &len, fault) != 0)
        return -1;
    if (!lk_trace_recognise(bytes, len))
        return lk_fault_at(fault, path, 0, "no trace in it");
    if (lk_trace_decode(bytes, len, bump, trace) != 0)
        return lk_fault_at(fault, path, 0, "needs more memory than the budget allows");
    trace->path = lk_bump_text(bump, path, strlen(path));
    if (trace->name == NULL)
        trace->name = name_of(path, bump);
    if (trace->path == NULL || trace->name == NULL)
        return lk_fault_at(fault, path, 0, "needs more memory than the budget allows");
    for (size_t i = 0; i < trace->proof_count; i++)
        if (lk_requirement_lookup(trace->proves[i].requirement) == NULL)
            return lk_fault_at(fault, path, 0, "proves: no requirement \"%s\" in the catalogue", trace->proves[i].requirement);
    return check_captures(trace, &nowhere);
}

static bool is_event(const char *path)
{
    size_t len = strlen(path);
    return len > 6 && strcmp(path + len - 6, ".event") == 0;
}

int lk_trace_read(const char *path, struct lk_bump *bump, struct lk_trace *trace, struct lk_fault *fault)
{
    if (is_event(path))
        return read_event(path, bump, trace, fault);
    struct lk_yaml yaml = {.file = path, .bump = bump, .fault = fault, .trace = trace};
    uint8_t *bytes;
    size_t len;
    if (lk_input_whole(path, YAML_MOST, bump, &bytes, &len, fault) != 0 || parse(path, bytes, len, &yaml) != 0)
        return -1;
    if (read_capture(trace, trace->dut.capture_file, &trace->capture, fault) != 0 ||
        read_capture(trace, trace->peer.capture_file, &trace->peer_capture, fault) != 0)
        return -1;
    for (size_t i = 0; i < trace->outcome_count; i++)
        if (read_capture(trace, trace->outcomes[i].capture_file, &trace->outcomes[i].capture, fault) != 0)
            return -1;
    align(&trace->capture, &trace->peer_capture);
    for (size_t i = 0; i < trace->iface_count; i++) {
        struct lk_trace_iface *iface = &trace->ifaces[i];
        if (read_capture(trace, iface->capture_file, &iface->capture, fault) != 0)
            return -1;
        if (i > 0 && trace->ifaces[0].capture.count > 0)
            align(&trace->ifaces[0].capture, &iface->capture);
    }
    return check_captures(trace, &yaml);
}
