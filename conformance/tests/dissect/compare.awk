# Holds `lockstep dissect --json` against `tshark -T fields -E 'aggregator=;'`, column by column.
#   awk -f compare.awk -v file=NAME [-v skip=REGEX] [-v only=REGEX] [-v detail=N] EXPECTED.tsv FOUND.jsonl
# EXPECTED begins with a line of column names, one of them frame.number; if a column `file` is there, only rows of NAME count.
# Of the columns, those of eth, arp, ip, icmp, udp, dhcp, dns, http and tcp are compared, less those that match `skip`, plus the checksum columns.
# Those of http count only where tshark put nothing together over segments and waits for nothing: dissect shows a head with the segment it is in.
# `only` picks rows by frame.protocols. Prints one line a difference, and last: "file<tab>frames<tab>columns compared<tab>differing frames".
BEGIN {
    FS = "\t"
    same["ip_csum_ok"] = "ip.checksum.status"
    same["tcp_csum_ok"] = "tcp.checksum.status"
    same["udp_csum_ok"] = "udp.checksum.status"
    same["icmp_csum_ok"] = "icmp.checksum.status"
    if (skip == "") skip = "^$"
}
function plain(p) {   # JSON's escapes undone
    while (match(p, /\\u00[01][0-9a-f]/))
        p = substr(p, 1, RSTART - 1) sprintf("%c", 16 * substr(p, RSTART + 4, 1) + index("123456789abcdef", substr(p, RSTART + 5, 1))) substr(p, RSTART + 6)
    gsub(/\036/, "\"", p)
    gsub(/\035/, "\\", p)
    return p
}
FILENAME == ARGV[1] && FNR == 1 {
    for (i = 1; i <= NF; i++) {
        place[$i] = i
        name = ($i in same) ? same[$i] : $i
        if (name ~ /^(eth|arp|ip|icmp|udp|dhcp|dns|http|tcp)\./ && name != "tcp.reassembled.length" && name !~ skip) column[++columns] = i
        title[i] = name
    }
    next
}
FILENAME == ARGV[1] {
    if ("file" in place && $(place["file"]) != file) next
    if (only != "" && $(place["frame.protocols"]) !~ only) next
    row[$(place["frame.number"])] = $0
    rows++
    next
}
{
    match($0, /"frame":[0-9]+/)
    number = substr($0, RSTART + 8, RLENGTH - 8)
    if (!(number in row)) next
    delete value
    rest = substr($0, index($0, "\"fields\":{") + 10)
    gsub(/\\\\/, "\035", rest)   # two octets that no text holds stand for what JSON escapes
    gsub(/\\"/, "\036", rest)
    end = index(rest, "},\"error\":")
    error = substr(rest, end + 10)
    rest = substr(rest, 1, end - 1)
    n = split(rest, piece, "\"")   # strings are the pieces with even numbers; one before a colon is a name
    for (i = 2; i <= n; i += 2) {
        p = piece[i]
        if (substr(piece[i + 1], 1, 1) == ":") name = p
        else if (name in value) value[name] = value[name] ";" plain(p)
        else value[name] = plain(p)
    }
    gsub(/<MISSING>/, "", row[number])   # what tshark writes for octets of length 0
    split(row[number], want, "\t")
    seen[number] = 1
    bad = 0
    joined = want[place["frame.protocols"]] !~ /:http(:|$)/ || ("tcp.reassembled.length" in place && want[place["tcp.reassembled.length"]] != "")
    for (i = 1; i <= columns; i++) {
        c = column[i]
        if (joined && title[c] ~ /^http[.]/) continue
        got = (title[c] in value) ? value[title[c]] : ""
        compared++
        if (got == want[c]) continue
        if (!bad++) differing++
        printf "%s frame %s: %s is %s, tshark says %s  [%s; error %s]\n", file, number, title[c], got == "" ? "absent" : got, want[c] == "" ? "absent" : want[c], want[place["frame.protocols"]], substr(error, 1, length(error) - 1)
    }
}
END {
    for (number in row) if (!(number in seen)) {
        differing++
        printf "%s frame %s: not shown\n", file, number
    }
    printf "%s\t%d\t%d\t%d\n", file, rows, compared, differing
}
