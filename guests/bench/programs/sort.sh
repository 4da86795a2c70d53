# Sorts lines by text, by number in a column, and finds the distinct ones.
# packages: coreutils
# text: 18
sort /data/text
sort -k 2,2n -k 1,1r /data/text | tail -n 1000
sort -u -k 3,3 /data/text | tail -n 1000
