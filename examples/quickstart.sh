#!/bin/sh
# The two sample cases, entered with the real command in an empty folder; then their tracker, two entries that are refused, and one
# case's file.
set -eu

folder=$(mktemp -d)
cd "$folder"
export REFUNDBOOK="$folder/tracker.xlsx"

say() { printf "\n%s\n" "$1"; }

say "A new workbook"
refundbook init

say "Two cases, entered when their numbers were given"
refundbook append case GTB-789012 --opened 2023-10-26 --reason Non-delivery --amount 49.90 --currency USD
refundbook append case GTB-789045 --opened 2023-10-28 --reason Defective --amount 120.00 --currency USD

say "What was said, and what was promised by when"
message() { refundbook append communication "$@"; }
message GTB-789012 --date 2023-10-26 --with support --direction sent --summary "Customer reported non-delivery."
message GTB-789012 --date 2023-10-27 --with support --direction sent --summary "Provided tracking proof."
message GTB-789012 --date 2023-10-28 --with support --agent Maya --summary "Support requested 48 hrs for investigation." \
    --promise "Investigate the delivery" --due "48 hrs" --kept-on 2023-10-30
message GTB-789045 --date 2023-10-28 --with support --direction sent --summary "Customer claimed item defective."
message GTB-789045 --date 2023-10-29 --with support --direction sent --summary "Sent photos."
message GTB-789045 --date 2023-10-31 --with support --agent David --summary "Support approved return."
message GTB-789045 --date 2023-11-02 --with support --agent David --summary "Return label provided."

say "How the cases stand"
refundbook append resolution GTB-789012 --status "Full Refund" --date 2023-10-30 --amount 49.90 --currency USD --method Card \
    --outcome "Full refund issued to card."
refundbook append resolution GTB-789045 --status Pending --outcome "Awaiting return shipment scan."

say "The Tracker"
refundbook tracker

say "A case number that is already there is refused, and nothing is written:"
if refundbook append case gtb-789012 --opened 2023-11-03; then exit 1; fi

say "So is a date that cannot be:"
if refundbook append communication GTB-789045 --date 2032-11-03 --with support --summary "Scan seen."; then exit 1; fi

say "Everything about one case"
refundbook show GTB-789012

say "All of it stands in $REFUNDBOOK, an ordinary Excel workbook."
