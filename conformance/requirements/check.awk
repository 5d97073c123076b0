# Checks the catalogue's rows: columns, words, and that no id occurs twice. Used by compile.
BEGIN {
    FS = "\t"
    header = "id\tlevel\trfc\tsection\tside\ttopic\tsummary\tobservable\tproof\tprofile\tbasis\tline\tsource\tnote"
}
function refuse(reason) { printf "%s:%d: %s\n", FILENAME, FNR, reason > "/dev/stderr"; bad = 1 }
FNR == 1 { if ($0 != header) refuse("the first line must name the 14 columns"); next }
NF != 14 { refuse(NF " columns, 14 wanted"); next }
$1 !~ /^[A-Za-z0-9][A-Za-z0-9._-]*$/ { refuse("bad id \"" $1 "\"") }
($1 in seen) { refuse("id " $1 " occurs twice, first at " seen[$1]) }
$2 !~ /^(MUST|MUST NOT|SHOULD|SHOULD NOT|MAY)$/ { refuse("unknown level \"" $2 "\"") }
$5 !~ /^(sender|receiver|both|app-interface|router)$/ { refuse("unknown side \"" $5 "\"") }
$8 !~ /^(trace|api|internal)$/ { refuse("unknown word in observable \"" $8 "\"") }
$3 == "" || $4 == "" || $6 == "" || $7 == "" || $10 == "" { refuse("empty column") }
/[^ -~\t]/ { refuse("a character that is not printable ASCII") }
{ seen[$1] = FILENAME ":" FNR }
END { exit bad }
