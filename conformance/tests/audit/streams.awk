# Connections of `lockstep audit --json` against tshark's.
#   awk -F'\t' -f streams.awk DIFFERENCES.tsv FOUND TSHARK-STREAMS.tsv
# DIFFERENCES: capture, stream, column, reason; FOUND: lines "@CAPTURE", each followed by that capture's JSON Lines.
# Prints each difference that DIFFERENCES does not name, each one it names in vain, and the figures; exits 1 when there was such a line.
function member(line, name) {
    if (!match(line, "\"" name "\":(\"[^\"]*\"|[0-9]+)")) return ""
    line = substr(line, RSTART + length(name) + 3, RLENGTH - length(name) - 3)
    gsub(/"/, "", line)
    return line
}
function compare(column, theirs, ours) {
    if (theirs "" == ours "") return
    differs = 1
    if ($1 FS $2 FS column in known) { used[$1 FS $2 FS column] = 1; return }
    bad = 1
    printf "  %s stream %s %s: tshark %s, lockstep %s\n", $1, $2, column, theirs, ours
}
FILENAME == ARGV[1] { if (!/^#/ && NF == 4) known[$1 FS $2 FS $3] = 1; next }
FILENAME == ARGV[2] {
    if (/^@/) file = substr($0, 2)
    else { found[file FS member($0, "stream")] = $0; ours_in[file]++ }
    next
}
FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
{
    streams++
    theirs_in[$1]++
    differs = 0
    if (!($1 FS $2 in found)) {
        compare("stream", "has it", "has not")
    } else {
        j = found[$1 FS $2]
        a = member(j, "client") == $at["a"] ? "client" : "server"
        b = a == "client" ? "server" : "client"
        compare("ends", $at["a"] " " $at["b"], member(j, a) " " member(j, b))
        compare("packets", $at["pkts_ab"] " " $at["pkts_ba"], member(j, a "_packets") " " member(j, b "_packets"))
        compare("bytes", $at["bytes_ab"] " " $at["bytes_ba"], member(j, a "_bytes") " " member(j, b "_bytes"))
        compare("handshake", $at["handshake_complete"], member(j, "handshake") == "complete" ? "y" : "n")
        t = $at["teardown"]
        compare("teardown", t ~ /^fin_both/ ? "fin" : t ~ /rst/ ? "rst" : t ~ /^fin_half/ ? "half" : t, member(j, "teardown"))
        compare("resent", $at["retransmission"] + $at["out_of_order"], member(j, "retransmissions") + member(j, "out_of_order") + member(j, "ambiguous_gaps") + member(j, "doubled"))
    }
    agree += !differs
}
END {
    for (f in theirs_in)
        if (ours_in[f] > theirs_in[f]) { printf "  %s: tshark has %d connections, lockstep %d\n", f, theirs_in[f], ours_in[f]; bad = 1 }
    for (k in known) {
        split(k, part, FS)
        if (part[1] in theirs_in && !(k in used)) { printf "  differences.tsv: no longer true: %s\n", k; bad = 1 }
    }
    printf "public captures: %d of %d connections agree with tshark, %d differ for reasons that differences.tsv gives\n", agree, streams, streams - agree
    exit bad || streams == 0
}
