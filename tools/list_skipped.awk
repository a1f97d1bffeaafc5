# Reads CTest's LastTest.log and prints one line per skipped test with its reason.
#
# Two kinds of tests skip. A script prints "SKIPPED: reason" and, if it skips everything, returns the exit
# status that CTest counts as skipped. A GoogleTest program passes and prints the reason on the line after
# "file:line: Skipped".

/^[0-9]+\/[0-9]+ Test: / { name = $0; sub(/^[0-9]+\/[0-9]+ Test: /, "", name); reason = "" }
/^SKIPPED: / { print "    " name ": " substr($0, 10) }
/: Skipped$/ { if (getline > 0) reason = $0 }
/^\[  SKIPPED \] .*\([0-9]+ ms\)$/ {
  print "    " name ", " $4 ": " (reason == "" ? "no reason given" : reason)
  reason = ""
}
