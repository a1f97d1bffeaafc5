# Reads CTest's LastTest.log and prints one line per skipped test with its reason.
#
# Two kinds of tests skip: a script says "SKIPPED: reason" (and has an exit status that CTest knows
# as skipped, if it skips all); a GoogleTest program passes, and has its reason on the line after
# "file:line: Skipped".

/^[0-9]+\/[0-9]+ Test: / { name = $0; sub(/^[0-9]+\/[0-9]+ Test: /, "", name); reason = "" }
/^SKIPPED: / { print "    " name ": " substr($0, 10) }
/: Skipped$/ { if (getline > 0) reason = $0 }
/^\[  SKIPPED \] .*\([0-9]+ ms\)$/ {
  print "    " name ", " $4 ": " (reason == "" ? "no reason given" : reason)
  reason = ""
}
