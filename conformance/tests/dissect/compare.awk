# Holds `lockstep dissect --json` against `tshark -T fields -E 'aggregator=;'`, column by column.
#   awk -f compare.awk -v file=NAME [-v skip=REGEX] [-v only=REGEX] [-v detail=N] EXPECTED.tsv FOUND.jsonl
# EXPECTED begins with a line of column names, one of them frame.number; if a column `file` is there, only rows of NAME count.
# Of the columns, those of eth, arp, ip, icmp, udp and tcp are compared, less those that match `skip`, plus the checksum columns.
# `only` picks rows by frame.protocols. Prints one line a difference, and last: "file<tab>frames<tab>columns compared<tab>differing frames".
BEGIN {
    FS = "\t"
    same["ip_csum_ok"] = "ip.checksum.status"
    same["tcp_csum_ok"] = "tcp.checksum.status"
    same["udp_csum_ok"] = "udp.checksum.status"
    same["icmp_csum_ok"] = "icmp.checksum.status"
    if (skip == "") skip = "^$"
}
FILENAME == ARGV[1] && FNR == 1 {
    for (i = 1; i <= NF; i++) {
        place[$i] = i
        name = ($i in same) ? same[$i] : $i
        if (name ~ /^(eth|arp|ip|icmp|udp|tcp)\./ && name !~ skip) column[++columns] = i
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
    end = index(rest, "},\"error\":")
    error = substr(rest, end + 10)
    rest = substr(rest, 1, end - 1)
    n = split(rest, piece, /,"/)   # a value in an array begins with a quote too: a piece without a colon belongs to the last name
    for (i = 1; i <= n; i++) {
        p = piece[i]
        if (match(p, /":(\[)?"/)) {
            name = substr(p, 1, RSTART - 1)
            gsub(/"/, "", name)
            p = substr(p, RSTART + RLENGTH)
            gsub(/["\]]/, "", p)
            value[name] = p
        } else {
            gsub(/["\]]/, "", p)
            value[name] = value[name] ";" p
        }
    }
    split(row[number], want, "\t")
    seen[number] = 1
    bad = 0
    for (i = 1; i <= columns; i++) {
        c = column[i]
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
