#!/bin/sh
# usage: run.sh BUILD [NAME...]: measures courant beside the references of its budgets and prints a table; bench.py says
# which names there are and what is measured. Ends with 1 when a budget is missed or something could not be measured.
set -eu
exec python3 "$(dirname "$0")/bench.py" "$@"
